//! Tournaments from creation to the award of prizes.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, params};
use scoreline_core::id::PlayerId;
use scoreline_core::reconcile::{Step, abandoned_fill};
use scoreline_core::store::{Award, CrashPoint, Result, StoreError, TournamentStore};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::life::Ranking;
use scoreline_core::tournament::{Closing, NewTournament, Tournament, life};

use crate::plan::{one_projection, one_tournament, tournament};
use crate::state::{self, outdate_plans_of, stamp};
use crate::statement::{execute, limit, list, only, sql, view};
use crate::store::SqliteStore;
use crate::{projections, rows};

#[async_trait]
impl TournamentStore for SqliteStore {
    async fn create_tournament(&self, new: NewTournament) -> Result<bool> {
        let feed = self.feed.clone();
        self.write(move |connection| {
            let tx = feed.begin(connection)?;
            let prizes = serde_json::to_string(&new.prizes).expect("prize tiers are plain data");
            let values = params![
                &*new.id,
                new.series.as_deref(),
                new.name,
                new.starts_at.as_ms(),
                new.ends_at.as_ms(),
                prizes,
            ];
            if execute(&tx, sql!("tournament/create"), values)? == 0 {
                return Ok(false);
            }
            let create = Step::Create {
                wanted: new.wanted_projection(),
                complete: new.is_complete(last_receipt(&tx)?),
                pending: false,
            };
            projections::carry_out(&tx, &[create], new.starts_at)?;
            outdate_plans_of(&tx, &new.id)?;
            tx.commit()?;
            Ok(true)
        })
        .await
    }

    async fn tournaments(&self, offset: usize, rows: usize) -> Result<Vec<Tournament>> {
        self.read(move |connection| {
            let values = params![limit(rows), limit(offset)];
            list(connection, sql!("tournament/page"), values, tournament)
        })
        .await
    }

    async fn tournament(&self, id: Arc<str>) -> Result<Option<Tournament>> {
        self.read(move |connection| one_tournament(connection, &id)).await
    }

    async fn open_tournaments(&self) -> Result<Vec<Tournament>> {
        self.read(|connection| list(connection, sql!("tournament/open"), (), tournament)).await
    }

    async fn cancel_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<()> {
        let feed = self.feed.clone();
        self.write(move |connection| {
            let tx = feed.begin(connection)?;
            let found = must_find(&tx, &id)?;
            let life::Step::Do(at) = found.cancel(now)? else { return Ok(()) };
            execute(&tx, sql!("tournament/cancel"), params![&*id, at.as_ms()])?;
            let projection = one_projection(&tx, found.projection)?;
            let abandoned: Vec<Step> = projection.iter().filter_map(abandoned_fill).collect();
            projections::carry_out(&tx, &abandoned, now)?;
            outdate_plans_of(&tx, &id)?;
            tx.commit().map(drop)
        })
        .await
    }

    async fn end_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<()> {
        let feed = self.feed.clone();
        self.write(move |connection| {
            let tx = feed.begin(connection)?;
            let found = must_find(&tx, &id)?;
            let ends_at = found.end(now, last_receipt(&tx)?)?;
            execute(&tx, sql!("tournament/end"), params![&*id, ends_at.as_ms()])?;
            outdate_plans_of(&tx, &id)?;
            tx.commit().map(drop)
        })
        .await
    }

    async fn seal_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<()> {
        let crash = self.crash.clone();
        let feed = self.feed.clone();
        self.write(move |connection| {
            let tx = feed.begin(connection)?;
            let found = must_find(&tx, &id)?;
            let last_applied = state::begun(&tx)?.last_stamp;
            let life::Step::Do(at) = found.seal(now, last_applied)? else { return Ok(()) };
            // On record, so that nothing is applied before it from now on.
            let sealed_at = stamp(&tx, at)?;
            execute(&tx, sql!("tournament/seal"), params![&*id, sealed_at.as_ms()])?;
            outdate_plans_of(&tx, &id)?;
            crash.pass(CrashPoint::SealWritten)?;
            tx.commit()?;
            crash.pass(CrashPoint::SealCommitted)
        })
        .await
    }

    async fn close_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<Award> {
        // Ranking a large board takes a second; the writer goes on meanwhile, because a sealed
        // board rests.
        let sealed = Arc::clone(&id);
        let ranking = self
            .read(move |connection| {
                let tx = view(connection)?;
                let found = must_find(&tx, &sealed)?;
                found.close()?;
                Ok((rank(&tx, &found)?, acts(&tx)?))
            })
            .await?;
        let (ranking, acts_seen) = ranking;
        let crash = self.crash.clone();
        let feed = self.feed.clone();
        self.write(move |connection| {
            let tx = feed.begin(connection)?;
            let found = must_find(&tx, &id)?;
            let participants = ranking.participants;
            if let Closing::Closed { participants: noted } = found.close()? {
                let participants = noted.unwrap_or(participants);
                return Ok(Award { prizes: 0, participants });
            }
            if acts(&tx)? != acts_seen {
                let reason = "an operator changed who is ranked; the tournament is ranked again";
                return Err(StoreError::LostRace(reason.to_owned()));
            }
            for player in &ranking.passed_over {
                execute(&tx, sql!("tournament/pass_over"), params![&*id, player.as_str()])?;
            }
            let mut prizes = 0;
            for prize in found.awards(&ranking.best, now) {
                let values = params![
                    prize.id.as_bytes(),
                    &*id,
                    prize.player.as_str(),
                    prize.rank.cast_signed(),
                    prize.coins,
                    prize.gems,
                    now.as_ms(),
                ];
                prizes += execute(&tx, sql!("prize/award"), values)? as u64;
                crash.pass(CrashPoint::PrizeWritten)?;
            }
            let values = params![&*id, now.as_ms(), participants.cast_signed()];
            execute(&tx, sql!("tournament/close"), values)?;
            outdate_plans_of(&tx, &id)?;
            crash.pass(CrashPoint::CloseWritten)?;
            tx.commit()?;
            crash.pass(CrashPoint::CloseCommitted)?;
            Ok(Award { prizes, participants })
        })
        .await
    }
}

fn must_find(connection: &Connection, id: &str) -> Result<Tournament> {
    one_tournament(connection, id)?.ok_or_else(|| StoreError::NotFound(format!("tournament {id}")))
}

/// The last receipt of all stored events.
fn last_receipt(connection: &Connection) -> Result<Option<Timestamp>> {
    only(connection, sql!("event/last_receipt"), (), |row| rows::maybe_time(row, 0))
}

/// How many acts there were that change who is ranked, or by what.
fn acts(connection: &Connection) -> Result<i64> {
    only(connection, sql!("state/acts"), (), rows::read)
}

/// Ranks a tournament's board. The board of a sealed tournament does not change meanwhile, but for
/// acts of operators.
pub(crate) fn rank(connection: &Connection, tournament: &Tournament) -> Result<Ranking> {
    let slot = tournament.slot.0;
    let passed_over: Vec<PlayerId> = if tournament.closed_at.is_some() {
        list(connection, sql!("tournament/passed_over"), [&*tournament.id], rows::read)?
    } else {
        list(connection, sql!("ban/on_board"), [slot], rows::read)?
    };
    let entries = only(connection, sql!("board/count"), [slot], |row| rows::count(row, 0))?;
    let wanted = tournament.winning_ranks().saturating_add(passed_over.len() as u64);
    let values = params![slot, wanted.cast_signed()];
    let best = list(connection, sql!("board/best_players"), values, |row| rows::player(row, 0))?;
    Ok(Ranking::of(best, entries, passed_over))
}

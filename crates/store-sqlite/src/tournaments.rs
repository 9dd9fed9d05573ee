//! Tournaments from creation to the award of prizes.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, params};
use scoreline_core::id::PlayerId;
use scoreline_core::store::{Award, CrashPoint, Result, StoreError, TournamentStore};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::life::{Seen, Transition};
use scoreline_core::tournament::{Closing, NewTournament, Ranking, Tournament, life};

use crate::state::{self, outdate_plans_of, stamp};
use crate::statement::{bind, execute, first, limit, list, only, sql, view};
use crate::store::SqliteStore;
use crate::{plan, projections};

#[async_trait]
impl TournamentStore for SqliteStore {
    async fn create_tournament(&self, new: NewTournament) -> Result<bool> {
        self.change(move |tx| {
            if execute(tx, sql!("tournament/create"), bind(new.creation()))? == 0 {
                return Ok(false);
            }
            let first = new.first_step(last_receipt(tx)?);
            projections::carry_out(tx, &[first], new.starts_at)?;
            outdate_plans_of(tx, &new.id)?;
            Ok(true)
        })
        .await
    }

    async fn tournaments(&self, offset: usize, rows: usize) -> Result<Vec<Tournament>> {
        self.read(move |connection| {
            let values = params![limit(rows), limit(offset)];
            list(connection, sql!("tournament/page"), values)
        })
        .await
    }

    async fn tournament(&self, id: Arc<str>) -> Result<Option<Tournament>> {
        self.read(move |connection| one(connection, &id)).await
    }

    async fn open_tournaments(&self) -> Result<Vec<Tournament>> {
        self.read(|connection| list(connection, sql!("tournament/open"), ())).await
    }

    async fn move_tournament(
        &self,
        id: Arc<str>,
        transition: Transition,
        now: Timestamp,
    ) -> Result<()> {
        let crash = self.crash.clone();
        self.change(move |tx| {
            let found = must_find(tx, &id)?;
            let last_applied = state::begun(tx)?.last_stamp;
            let seen = Seen { last_receipt: last_receipt(tx)?, last_applied };
            let life::Step::Do(at) = found.transition(transition, now, seen)? else {
                return Ok(());
            };
            let mark = match transition {
                Transition::Cancel => sql!("tournament/cancel"),
                Transition::End => sql!("tournament/end"),
                Transition::Seal => {
                    // On record, so that nothing is applied before it from now on.
                    stamp(tx, at)?;
                    sql!("tournament/seal")
                }
            };
            execute(tx, mark, params![&*id, at.as_ms()])?;
            let steps = found.steps_after(transition, &plan::projections(tx)?);
            projections::carry_out(tx, &steps, now)?;
            outdate_plans_of(tx, &id)?;
            crash.pass(CrashPoint::SealWritten)
        })
        .await?;
        self.crash.pass(CrashPoint::SealCommitted)
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
        let award = self.change(move |tx| {
            let found = must_find(tx, &id)?;
            let participants = ranking.participants;
            if let Closing::Closed { participants: noted } = found.close()? {
                return Ok(Award { prizes: 0, participants: noted.unwrap_or(participants) });
            }
            if acts(tx)? != acts_seen {
                let reason = "an operator changed who is ranked; the tournament is ranked again";
                return Err(StoreError::LostRace(reason.to_owned()));
            }
            for player in &ranking.passed_over {
                execute(tx, sql!("tournament/pass_over"), params![&*id, player.as_str()])?;
            }
            let mut prizes = 0;
            for prize in found.awards(&ranking.best, now) {
                prizes += execute(tx, sql!("prize/award"), bind(prize.award()))? as u64;
                crash.pass(CrashPoint::PrizeWritten)?;
            }
            let closed_at = Tournament::closing_time(now, state::begun(tx)?.last_stamp);
            let closed_at = state::stamp(tx, closed_at)?;
            let values = params![&*id, closed_at.as_ms(), participants.cast_signed()];
            execute(tx, sql!("tournament/close"), values)?;
            outdate_plans_of(tx, &id)?;
            crash.pass(CrashPoint::CloseWritten)?;
            Ok(Award { prizes, participants })
        });
        let award = award.await?;
        self.crash.pass(CrashPoint::CloseCommitted)?;
        Ok(award)
    }
}

fn one(connection: &Connection, id: &str) -> Result<Option<Tournament>> {
    first(connection, sql!("tournament/one"), [id])
}

fn must_find(connection: &Connection, id: &str) -> Result<Tournament> {
    one(connection, id)?.ok_or_else(|| StoreError::NotFound(format!("tournament {id}")))
}

/// The last receipt of all stored events.
fn last_receipt(connection: &Connection) -> Result<Option<Timestamp>> {
    only(connection, sql!("event/last_receipt"), ())
}

/// How many acts there were that change who is ranked, or by what.
fn acts(connection: &Connection) -> Result<i64> {
    only(connection, sql!("state/acts"), ())
}

/// Ranks a tournament's board. The board of a sealed tournament does not change meanwhile, but for
/// acts of operators.
pub(crate) fn rank(connection: &Connection, tournament: &Tournament) -> Result<Ranking> {
    let slot = tournament.slot.0;
    let passed_over: Vec<PlayerId> = if tournament.closed_at.is_some() {
        list(connection, sql!("tournament/passed_over"), [&*tournament.id])?
    } else {
        list(connection, sql!("ban/on_board"), [slot])?
    };
    let entries = only(connection, sql!("board/count"), [slot])?;
    let wanted = tournament.winning_ranks().saturating_add(passed_over.len() as u64);
    let values = params![slot, wanted.cast_signed()];
    let best = list(connection, sql!("board/best_players"), values)?;
    Ok(Ranking::of(best, entries, passed_over))
}

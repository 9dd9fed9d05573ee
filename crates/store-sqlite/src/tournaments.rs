//! Tournaments from creation to the award of prizes.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, params};
use scoreline_core::fold::{ProjectionKind, WantedProjection};
use scoreline_core::game::PrizeTier;
use scoreline_core::id::PlayerId;
use scoreline_core::prize::prize_for;
use scoreline_core::store::{Award, CrashPoint, Result, StoreError, TournamentStore};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::{NewTournament, Prize, Tournament};

use crate::error::translate;
use crate::plan::{one_projection, one_tournament, tournament};
use crate::state::{outdate_plans, stamp};
use crate::statement::{begin, execute, limit, list, only, sql, view};
use crate::store::SqliteStore;
use crate::{projections, rows};

#[async_trait]
impl TournamentStore for SqliteStore {
    async fn create_tournament(&self, new: NewTournament) -> Result<bool> {
        self.write(move |connection| {
            let tx = begin(connection)?;
            let prizes = serde_json::to_string(&new.prizes).expect("prize tiers are plain data");
            let values = params![
                &*new.id,
                new.series.as_deref(),
                new.name,
                &*new.board,
                new.starts_at.as_ms(),
                new.ends_at.as_ms(),
                prizes,
            ];
            if execute(&tx, sql!("tournament/create"), values)? == 0 {
                return Ok(false);
            }
            let wanted = WantedProjection {
                kind: ProjectionKind::Tournament,
                name: Arc::clone(&new.id),
                fingerprint: new.fingerprint.clone(),
            };
            let complete = last_receipt(&tx)?.is_none_or(|last| last < new.starts_at);
            projections::want(&tx, &wanted, complete)?;
            outdate_plans(&tx)?;
            tx.commit().map_err(translate)?;
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
        self.write(move |connection| {
            let tx = begin(connection)?;
            let found = must_find(&tx, &id)?;
            if found.cancelled_at.is_some() {
                return Ok(());
            }
            if found.sealed_at.is_some() {
                return Err(StoreError::Conflict(format!("tournament {id} is over")));
            }
            execute(&tx, sql!("tournament/cancel"), params![&*id, now.as_ms()])?;
            if let Some(projection) = one_projection(&tx, found.projection)? {
                projections::abandon_fill(&tx, &projection)?;
            }
            outdate_plans(&tx)?;
            tx.commit().map_err(translate)
        })
        .await
    }

    async fn end_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<()> {
        self.write(move |connection| {
            let tx = begin(connection)?;
            let found = must_find(&tx, &id)?;
            let is_running = found.starts_at <= now && now < found.ends_at;
            if !is_running || found.cancelled_at.is_some() || found.sealed_at.is_some() {
                return Err(StoreError::Conflict(format!("tournament {id} is not running")));
            }
            // Events that were applied already keep counting.
            let after_last = last_receipt(&tx)?.map_or(now, |last| last.plus_ms(1));
            let ends_at = now.max(after_last).min(found.ends_at);
            execute(&tx, sql!("tournament/end"), params![&*id, ends_at.as_ms()])?;
            outdate_plans(&tx)?;
            tx.commit().map_err(translate)
        })
        .await
    }

    async fn seal_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<()> {
        let crash = self.crash.clone();
        self.write(move |connection| {
            let tx = begin(connection)?;
            let found = must_find(&tx, &id)?;
            if found.sealed_at.is_some() {
                return Ok(());
            }
            if found.cancelled_at.is_some() {
                return Err(StoreError::Conflict(format!("tournament {id} was cancelled")));
            }
            // Later than everything applied so far, and nothing applied from now on is earlier.
            let sealed_at = stamp(&tx, stamp(&tx, now)?.plus_ms(1))?;
            execute(&tx, sql!("tournament/seal"), params![&*id, sealed_at.as_ms()])?;
            outdate_plans(&tx)?;
            crash.pass(CrashPoint::SealWritten)?;
            tx.commit().map_err(translate)?;
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
                if found.sealed_at.is_none() {
                    return Err(StoreError::Conflict(format!("tournament {sealed} is not sealed")));
                }
                rank(&tx, &found)
            })
            .await?;
        let crash = self.crash.clone();
        self.write(move |connection| {
            let tx = begin(connection)?;
            let found = must_find(&tx, &id)?;
            let participants = ranking.participants;
            if found.closed_at.is_some() {
                let participants = found.participants.unwrap_or(participants);
                return Ok(Award { prizes: 0, participants });
            }
            let mut prizes = 0;
            for (rank, player, tier) in ranking.winners(&found.prizes) {
                let prize = Prize::id_of(&id, player);
                let values = params![
                    prize.as_bytes(),
                    &*id,
                    player.as_str(),
                    rank.cast_signed(),
                    tier.coins,
                    tier.gems,
                    now.as_ms(),
                ];
                prizes += execute(&tx, sql!("prize/award"), values)? as u64;
                crash.pass(CrashPoint::PrizeWritten)?;
            }
            let values = params![&*id, now.as_ms(), participants.cast_signed()];
            execute(&tx, sql!("tournament/close"), values)?;
            outdate_plans(&tx)?;
            crash.pass(CrashPoint::CloseWritten)?;
            tx.commit().map_err(translate)?;
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

/// The best of a tournament, as many as win a prize, and how many took part.
pub(crate) struct Ranking {
    pub best: Vec<PlayerId>,
    pub participants: u64,
}

impl Ranking {
    /// Who wins what, by rank.
    pub fn winners<'r>(
        &'r self,
        tiers: &'r [PrizeTier],
    ) -> impl Iterator<Item = (u64, &'r PlayerId, &'r PrizeTier)> {
        let ranked = (1_u64..).zip(&self.best);
        ranked.filter_map(|(rank, player)| Some((rank, player, prize_for(tiers, rank)?)))
    }
}

/// Ranks a tournament's board. On a sealed one this reads what rests.
pub(crate) fn rank(connection: &Connection, tournament: &Tournament) -> Result<Ranking> {
    let slot = tournament.slot.0;
    let participants = only(connection, sql!("board/count"), [slot], |row| rows::count(row, 0))?;
    let last_rank = tournament.prizes.iter().map(|tier| tier.last_rank).max().unwrap_or(0);
    let values = params![slot, last_rank.cast_signed()];
    let best = list(connection, sql!("board/best_players"), values, |row| rows::player(row, 0))?;
    Ok(Ranking { best, participants })
}

//! Tournaments from creation to the award of prizes.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, params};
use scoreline_core::id::PlayerId;
use scoreline_core::store::{Award, Close, CrashPoint, Result, StoreError, TournamentStore};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::life::{Seen, Transition};
use scoreline_core::tournament::{NewTournament, Ranking, Tournament};

use crate::plan;
use crate::state::{self, outdate_plans, stamp};
use crate::statement::{carry_out, execute, first, list, only, sql, view};
use crate::store::SqliteStore;

#[async_trait]
impl TournamentStore for SqliteStore {
    async fn create_tournament(&self, new: NewTournament) -> Result<bool> {
        self.change(move |tx| {
            if carry_out(tx, [new.creation()])? == 0 {
                return Ok(false);
            }
            carry_out(tx, new.first_step(last_receipt(tx)?).orders(new.starts_at))?;
            outdate_plans(tx, Some(&new.id))?;
            Ok(true)
        })
        .await
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
            let kept = plan::projections(tx)?;
            let Some(moved) = found.moved(transition, now, seen, &kept)? else { return Ok(()) };
            if let Some(at) = moved.stamp {
                stamp(tx, at)?;
            }
            carry_out(tx, moved.orders)?;
            outdate_plans(tx, Some(&id))?;
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
        let (ranking, acts_ranked) = ranking;
        let crash = self.crash.clone();
        let award = self.change(move |tx| {
            let found = must_find(tx, &id)?;
            let (acts, last_stamp) = ((acts_ranked, acts(tx)?), state::begun(tx)?.last_stamp);
            let due = match found.closing(&ranking, acts, now, last_stamp)? {
                Close::Done(award) => return Ok(award),
                Close::Award(due) => due,
            };
            for player in &ranking.passed_over {
                execute(tx, sql!("tournament/pass_over"), params![&*id, player.as_str()])?;
            }
            let mut prizes = 0;
            for prize in &due.prizes {
                prizes += carry_out(tx, [prize.award()])?;
                crash.pass(CrashPoint::PrizeWritten)?;
            }
            stamp(tx, due.closed_at)?;
            carry_out(tx, [due.mark])?;
            outdate_plans(tx, Some(&id))?;
            crash.pass(CrashPoint::CloseWritten)?;
            Ok(Award { prizes, participants: ranking.participants })
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
    let asked = params![&*tournament.id, slot, tournament.closed_at.is_some()];
    let passed_over: Vec<PlayerId> = list(connection, sql!("tournament/passed_over"), asked)?;
    let entries = only(connection, sql!("board/count"), [slot])?;
    let values = params![slot, tournament.ranks_read(&passed_over)];
    let best = list(connection, sql!("board/best_players"), values)?;
    Ok(Ranking::of(best, entries, passed_over))
}

//! Erasing players, some of their events at a time.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::Connection;
use scoreline_core::audit::Act;
use scoreline_core::erasure::{Erasure, ErasureStep, Remains, Tombstone};
use scoreline_core::fold::Plan;
use scoreline_core::id::PlayerId;
use scoreline_core::store::{CrashHook, CrashPoint, ErasureStore, EventFilter, Result};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

use crate::error::translate;
use crate::statement::{carry_out, execute, first, list, only, sql};
use crate::store::SqliteStore;
use crate::telling::Telling;
use crate::{audit, moved, players, retention, scanning, state, vacuum, voids};

#[async_trait]
impl ErasureStore for SqliteStore {
    async fn request_erasure(&self, erasure: Erasure, key: String, act: Act) -> Result<Uuid> {
        self.change(move |tx| request(tx, &erasure, &key, act)).await
    }

    async fn erase_step(
        &self,
        plan: Arc<Plan>,
        erasure: Erasure,
        events: usize,
        now: Timestamp,
    ) -> Result<ErasureStep> {
        let crash = self.crash.clone();
        let step = self.change(move |tx| {
            // What is deleted here is not to be found in the file, also not on pages that are free. Elsewhere only
            // pages that are written anyway are overwritten: all of them would cost more than it is worth.
            overwrite_deleted(tx, true)?;
            let done = step(tx, &plan, &erasure, events, now, &crash);
            overwrite_deleted(tx, false)?;
            done
        });
        let done = step.await?;
        if done == ErasureStep::Done {
            self.crash.pass(CrashPoint::ActCommitted)?;
            // So far the log has what the pages hold since, and the file what they held before.
            self.write(|connection| {
                vacuum::merge(connection);
                Ok(())
            })
            .await?;
        }
        Ok(done)
    }
}

fn overwrite_deleted(tx: &Connection, is_overwritten: bool) -> Result<()> {
    let switch = if is_overwritten { "ON" } else { "FAST" };
    tx.execute_batch(&format!("PRAGMA secure_delete = {switch}")).map_err(translate)
}

fn request(tx: &Telling<'_>, erasure: &Erasure, key: &str, act: Act) -> Result<Uuid> {
    execute(tx, sql!("erasure/propose_key"), [key])?;
    let key: String = only(tx, sql!("erasure/key"), ())?;
    let tombstone = Tombstone::of(&key, &erasure.player);
    if let Some(known) = first(tx, sql!("erasure/job_of"), [tombstone.0.as_bytes()])? {
        return Ok(known);
    }
    moved::refuse_moved(tx, &erasure.player)?;
    let id = erasure.player.as_str();
    let aliases: Vec<PlayerId> = list(tx, sql!("joining/aliases"), [id])?;
    let events = only(tx, sql!("erasure/count_events"), [id])?;
    players::put_ban(tx, erasure.player.clone(), Some(Erasure::BAN))?;
    execute(tx, sql!("state/note_act"), ())?;
    audit::conclude(tx, erasure.request(&key, &aliases, events, act))?;
    Ok(erasure.job)
}

fn step(
    tx: &Telling<'_>,
    plan: &Arc<Plan>,
    erasure: &Erasure,
    most: usize,
    now: Timestamp,
    crash: &CrashHook,
) -> Result<ErasureStep> {
    plan.check_present(state::begun(tx)?.plan_version)?;
    if plan.is_filling() {
        return Ok(ErasureStep::Waits);
    }
    let removed = first(tx, sql!("erasure/removed"), [erasure.job.as_bytes()])?;
    let Some(removed) = removed else { return Ok(ErasureStep::Done) };
    let old = scanning::scan(tx, &EventFilter::of_player(&erasure.player), None, most)?.rows;
    if !old.is_empty() {
        retention::merge_and_remove(tx, plan, &old, crash)?;
        carry_out(tx, [erasure.note_removed(old.len())])?;
        return Ok(ErasureStep::Removed(old.len() as u64));
    }
    let vacated = plan.vacate(erasure, &voids::rows_of(tx, plan, &erasure.player)?);
    carry_out(tx, vacated.orders(erasure))?;
    let gone = vacated.end(erasure, &remains(tx, &erasure.player)?, removed, now);
    carry_out(tx, gone.orders)?;
    state::count(tx, gone.counts, Timestamp::MIN)?;
    execute(tx, sql!("state/note_act"), ())?;
    tx.tell(gone.changes);
    crash.pass(CrashPoint::ActWritten)?;
    Ok(ErasureStep::Done)
}

/// Takes away what else is left of a player whose rows are gone.
fn remains(tx: &Connection, player: &PlayerId) -> Result<Remains> {
    let id = player.as_str();
    execute(tx, sql!("erasure/number"), [id])?;
    let mut remains = Remains {
        prizes: list(tx, sql!("erasure/prizes"), [id])?,
        dead: list(tx, sql!("erasure/dead"), [id])?,
        rejected: list(tx, sql!("erasure/rejected"), [id])?,
        reviews: list(tx, sql!("erasure/reviews"), [id])?,
        aliases: list(tx, sql!("joining/aliases"), [id])?,
        named: first(tx, sql!("erasure/name"), [id])?,
        banned: first(tx, sql!("erasure/ban"), [id])?,
    };
    for alias in &remains.aliases {
        remains.rejected.append(&mut list(tx, sql!("erasure/rejected"), [alias.as_str()])?);
        first::<i64>(tx, sql!("erasure/name"), [alias.as_str()])?;
    }
    Ok(remains)
}

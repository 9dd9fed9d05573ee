//! Erasing players, some of their events at a time.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::Connection;
use scoreline_core::audit::Act;
use scoreline_core::ban::Ban;
use scoreline_core::erasure::{Erased, Erasure, ErasureStep, Tombstone};
use scoreline_core::feed;
use scoreline_core::fold::Plan;
use scoreline_core::store::{Counts, CrashHook, ErasureStore, EventFilter, Result};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

use crate::error::translate;
use crate::statement::{bind, carry_out, execute, first, list, only, sql};
use crate::store::SqliteStore;
use crate::telling::Telling;
use crate::{audit, events, retention, state, vacuum, voids};

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
    let events = only(tx, sql!("erasure/count_events"), [erasure.player.as_str()])?;
    carry_out(tx, [erasure.request(tombstone, act.at, events)])?;
    let ban = bind(Ban::put(Some(Erasure::BAN), &erasure.player));
    let version = only(tx, sql!("ban/put"), ban)?;
    execute(tx, sql!("state/note_act"), ())?;
    audit::note(tx, &act.changed(None, None))?;
    tx.tell(feed::erasure(erasure, tombstone, version));
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
    let old = events::scan(tx, &EventFilter::of_player(&erasure.player), None, most)?.rows;
    if !old.is_empty() {
        retention::merge_and_remove(tx, plan, &old, crash)?;
        carry_out(tx, [erasure.note_removed(old.len())])?;
        return Ok(ErasureStep::Removed(old.len() as u64));
    }
    vacate(tx, plan, erasure, removed, now)?;
    Ok(ErasureStep::Done)
}

/// Takes away what is left of a player who has no events any more.
fn vacate(
    tx: &Telling<'_>,
    plan: &Plan,
    erasure: &Erasure,
    removed: i64,
    now: Timestamp,
) -> Result<()> {
    let id = erasure.player.as_str();
    let vacated = plan.vacate(erasure, &voids::rows_of(tx, plan, &erasure.player)?);
    carry_out(tx, vacated.orders(erasure))?;
    let prizes: Vec<(Uuid, Arc<str>)> = list(tx, sql!("erasure/prizes"), [id])?;
    carry_out(tx, erasure.erase_prizes(&prizes, now))?;
    let dead: Vec<Option<i64>> = list(tx, sql!("erasure/dead"), [id])?;
    let rejected: Vec<Option<i64>> = list(tx, sql!("erasure/rejected"), [id])?;
    state::count(tx, Counts::of_erased(&dead, &rejected), Timestamp::MIN)?;
    let named = first(tx, sql!("erasure/name"), [id])?;
    let banned = first(tx, sql!("erasure/ban"), [id])?;
    execute(tx, sql!("erasure/number"), [id])?;
    execute(tx, sql!("state/note_act"), ())?;
    let erased = Erased::of(removed, &vacated, [prizes.len(), dead.len(), rejected.len()]);
    tx.tell(feed::entries(vacated.updates));
    tx.tell(feed::forgotten(&erasure.player, named, banned));
    carry_out(tx, [erasure.finish(&erased, now)]).map(drop)
}

//! Removing what is old: raw events into baselines, figures.
//!
//! Events are deleted although their day is dropped in the end: at every commit, what is stored is
//! exactly what the baselines lack, which verification and rebuilds rely on. To drop a day with its
//! events in it, all of it would have to be folded in one transaction, minutes long, at whose end
//! nobody may read or write that day; or every reader of events would have to know how far the
//! removal has come.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::feed;
use scoreline_core::fold::{Layer, Plan};
use scoreline_core::store::values::limit;
use scoreline_core::store::{
    Counts, CrashPoint, Removed, Result, RetentionStore, StoreError, StoredEvent, remove_figures,
};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

use crate::pool::Database;
use crate::rows;
use crate::session::{View, sql};
use crate::state::{self, Writing};
use crate::store::PostgresStore;
use crate::value::values;
use crate::{changes, keys, partitions, scanning};

#[async_trait]
impl RetentionStore for PostgresStore {
    /// Goes on beside those that apply other events. Days that are empty in the end are dropped.
    async fn remove_events(
        &self,
        plan: Arc<Plan>,
        before: Timestamp,
        events: usize,
    ) -> Result<Removed> {
        self.write(move |database| async move {
            let tx = state::begin(&database).await?;
            plan.check_present(tx.begun.plan_version)?;
            if plan.is_filling() {
                // The scan that fills a projection has not seen all of them yet.
                return Ok(Removed { events: 0, finished: true });
            }
            let lock = values![database.locks.retention()];
            tx.execute(sql!("state/lock_exclusive"), lock).await?;
            // Else events might be voided after it was read that they count.
            tx.execute(sql!("state/lock_acts"), values![]).await?;
            let values = values![before.as_ms(), limit(events)];
            let old = scanning::stored(&tx, sql!("retention/removable"), values).await?;
            let old = old.of_at_most(events);
            let (old, finished) = (old.rows, !old.is_cut);
            merge_and_remove(&database, &tx, &plan, &old).await?;
            if finished {
                tx.execute(sql!("review/forget"), values![before.as_ms()]).await?;
                tx.execute(sql!("ticket/forget"), values![before.as_ms()]).await?;
            }
            tx.tell(feed::removal(before, old.len()));
            database.pass(CrashPoint::EventsRemoved)?;
            tx.commit().await?;
            database.pass(CrashPoint::RemovalCommitted)?;
            if finished {
                drop_days(&database, before).await?;
            }
            Ok(Removed { events: old.len() as u64, finished })
        })
        .await
    }

    async fn remove_figures(&self, fine: Timestamp, coarse: Timestamp) -> Result<()> {
        self.write(move |database| async move {
            let tx = database.begin_long(View::Moving).await?;
            let given = values![fine.as_ms(), coarse.as_ms()];
            let from = tx.only(sql!("retention/note_figures"), given, rows::read).await?;
            tx.carry_out(remove_figures(from)).await?;
            tx.commit().await
        })
        .await
    }
}

/// Merges stored events into the baselines, and removes them.
pub(crate) async fn merge_and_remove(
    database: &Database,
    tx: &Writing,
    plan: &Plan,
    old: &[StoredEvent],
) -> Result<()> {
    let folded = plan.fold_stored(old, Layer::Baseline)?;
    changes::write(tx, &folded, tx.shard).await?;
    database.pass(CrashPoint::BaselineWritten)?;
    keys::remove(tx, old).await?;
    let players: Vec<&str> = old.iter().map(|one| one.event.player.as_str()).collect();
    let ids: Vec<Uuid> = old.iter().map(|one| one.event.id).collect();
    tx.execute(sql!("review/go_with"), values![players, ids]).await?;
    tx.count(Counts::of_removed(old.len()), Timestamp::MIN).await
}

/// An empty day that cannot be dropped now costs nothing, and is dropped the next time.
async fn drop_days(database: &Database, before: Timestamp) -> Result<()> {
    match partitions::drop_empty(database, before).await {
        Err(StoreError::Busy(_) | StoreError::LostRace(_) | StoreError::LockTaken(_)) => Ok(()),
        outcome => outcome,
    }
}

//! Erasing players, some of their events at a time.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::audit::Act;
use scoreline_core::ban::Ban;
use scoreline_core::erasure::{Erased, Erasure, ErasureStep, Tombstone};
use scoreline_core::feed;
use scoreline_core::fold::Plan;
use scoreline_core::store::{Counts, ErasureStore, EventFilter, Result};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

use crate::pool::Database;
use crate::session::sql;
use crate::state::{self, Writing};
use crate::store::PostgresStore;
use crate::value::{bind, values};
use crate::{audit, events, retention, rows, voids};

#[async_trait]
impl ErasureStore for PostgresStore {
    async fn request_erasure(&self, erasure: Erasure, key: String, act: Act) -> Result<Uuid> {
        self.write(move |database| async move { request(&database, &erasure, &key, act).await })
            .await
    }

    async fn erase_step(
        &self,
        plan: Arc<Plan>,
        erasure: Erasure,
        events: usize,
        now: Timestamp,
    ) -> Result<ErasureStep> {
        self.write(
            move |database| async move { step(&database, &plan, &erasure, events, now).await },
        )
        .await
    }
}

/// Alone: whatever is applied of the player is either stored by now, or sees the tombstone.
async fn request(database: &Database, erasure: &Erasure, key: &str, act: Act) -> Result<Uuid> {
    let tx = state::begin_alone(database).await?;
    tx.execute(sql!("erasure/propose_key"), values![key]).await?;
    let key: String = tx.only(sql!("erasure/key"), values![], rows::read).await?;
    let tombstone = Tombstone::of(&key, &erasure.player);
    let known: Option<Uuid> =
        tx.first(sql!("erasure/job_of"), values![tombstone.0], rows::read).await?;
    if let Some(known) = known {
        return Ok(known);
    }
    let of = values![erasure.player.as_str()];
    let events = tx.only(sql!("erasure/count_events"), of, rows::read).await?;
    tx.carry_out([erasure.request(tombstone, act.at, events)]).await?;
    let put = bind(Ban::put(Some(Erasure::BAN), &erasure.player));
    let version = tx.only(sql!("ban/put"), &put.all(), rows::read).await?;
    drop(put);
    tx.execute(sql!("state/note_act"), values![]).await?;
    audit::note(&tx, &act.changed(None, None)).await?;
    tx.tell(feed::erasure(erasure, tombstone, version));
    tx.commit().await?;
    Ok(erasure.job)
}

async fn step(
    database: &Database,
    plan: &Arc<Plan>,
    erasure: &Erasure,
    most: usize,
    now: Timestamp,
) -> Result<ErasureStep> {
    let tx = state::begin(database).await?;
    plan.check_present(tx.begun.plan_version)?;
    if plan.is_filling() {
        return Ok(ErasureStep::Waits);
    }
    // One at a time, and not beside retention, which may be at the same events.
    tx.execute(sql!("state/lock_exclusive"), values![database.locks.retention()]).await?;
    let removed = tx.first(sql!("erasure/removed"), values![erasure.job], rows::read).await?;
    let Some(removed) = removed else { return Ok(ErasureStep::Done) };
    let old = events::scan(&tx, &EventFilter::of_player(&erasure.player), None, most).await?.rows;
    if old.is_empty() {
        vacate(tx, plan, erasure, removed, now).await?;
        return Ok(ErasureStep::Done);
    }
    retention::merge_and_remove(database, &tx, plan, &old).await?;
    tx.carry_out([erasure.note_removed(old.len())]).await?;
    tx.commit().await?;
    Ok(ErasureStep::Removed(old.len() as u64))
}

/// Takes away what is left of a player who has no events any more.
async fn vacate(
    tx: Writing,
    plan: &Plan,
    erasure: &Erasure,
    removed: i64,
    now: Timestamp,
) -> Result<()> {
    tx.execute(sql!("state/note_act"), values![]).await?;
    let id = erasure.player.as_str();
    let vacated = plan.vacate(erasure, &voids::rows_of(&tx, plan, &erasure.player).await?);
    tx.carry_out(vacated.orders(erasure)).await?;
    let prizes: Vec<(Uuid, Arc<str>)> =
        tx.list(sql!("erasure/prizes"), values![id], rows::read).await?;
    tx.carry_out(erasure.erase_prizes(&prizes, now)).await?;
    let dead: Vec<Option<i64>> = tx.list(sql!("erasure/dead"), values![id], rows::read).await?;
    let rejected: Vec<Option<i64>> =
        tx.list(sql!("erasure/rejected"), values![id], rows::read).await?;
    let named = tx.first(sql!("erasure/name"), values![id], rows::read).await?;
    let banned = tx.first(sql!("erasure/ban"), values![id], rows::read).await?;
    tx.count(Counts::of_erased(&dead, &rejected), Timestamp::MIN).await?;
    let erased = Erased::of(removed, &vacated, [prizes.len(), dead.len(), rejected.len()]);
    tx.tell(feed::entries(vacated.updates));
    tx.tell(feed::forgotten(&erasure.player, named, banned));
    tx.carry_out([erasure.finish(&erased, now)]).await?;
    tx.commit().await.map(drop)
}

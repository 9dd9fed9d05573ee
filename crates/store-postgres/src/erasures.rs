//! Erasing players, some of their events at a time.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::audit::Act;
use scoreline_core::erasure::{Erasure, ErasureStep, Remains, Tombstone};
use scoreline_core::fold::Plan;
use scoreline_core::id::PlayerId;
use scoreline_core::store::{ErasureStore, EventFilter, Result};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

use crate::pool::Database;
use crate::session::{Session, sql};
use crate::state;
use crate::store::PostgresStore;
use crate::value::values;
use crate::{audit, moved, players, retention, rows, scanning, voids};

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
        self.write(move |database| async move {
            let tx = state::begin(&database).await?;
            plan.check_present(tx.begun.plan_version)?;
            if plan.is_filling() {
                return Ok(ErasureStep::Waits);
            }
            // One at a time, and not beside retention, which may be at the same events.
            tx.execute(sql!("state/lock_exclusive"), values![database.locks.retention()]).await?;
            let removed =
                tx.first(sql!("erasure/removed"), values![erasure.job], rows::read).await?;
            let Some(removed) = removed else { return Ok(ErasureStep::Done) };
            let old = scanning::scan(&tx, &EventFilter::of_player(&erasure.player), None, events)
                .await?
                .rows;
            if !old.is_empty() {
                retention::merge_and_remove(&database, &tx, &plan, &old).await?;
                tx.carry_out([erasure.note_removed(old.len())]).await?;
                tx.commit().await?;
                return Ok(ErasureStep::Removed(old.len() as u64));
            }
            tx.execute(sql!("state/note_act"), values![]).await?;
            let vacated =
                plan.vacate(&erasure, &voids::rows_of(&tx, &plan, &erasure.player).await?);
            tx.carry_out(vacated.orders(&erasure)).await?;
            let remains = remains(&tx, &erasure.player).await?;
            let gone = vacated.end(&erasure, &remains, removed, now);
            tx.count(gone.counts, Timestamp::MIN).await?;
            tx.tell(gone.changes);
            tx.carry_out(gone.orders).await?;
            tx.commit_act(&database).await?;
            Ok(ErasureStep::Done)
        })
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
    moved::refuse_moved(&tx, &erasure.player).await?;
    let of = values![erasure.player.as_str()];
    let aliases: Vec<PlayerId> = tx.list(sql!("joining/aliases"), of, rows::read).await?;
    let events = tx.only(sql!("erasure/count_events"), of, rows::read).await?;
    players::put_ban(&tx, erasure.player.clone(), Some(Erasure::BAN)).await?;
    tx.execute(sql!("state/note_act"), values![]).await?;
    audit::conclude(&tx, erasure.request(&key, &aliases, events, act)).await?;
    tx.commit().await?;
    Ok(erasure.job)
}

/// Takes away what else is left of a player whose rows are gone.
async fn remains(tx: &Session, player: &PlayerId) -> Result<Remains> {
    let of = values![player.as_str()];
    let mut remains = Remains {
        prizes: tx.list(sql!("erasure/prizes"), of, rows::read).await?,
        dead: tx.list(sql!("erasure/dead"), of, rows::read).await?,
        rejected: tx.list(sql!("erasure/rejected"), of, rows::read).await?,
        reviews: tx.list(sql!("erasure/reviews"), of, rows::read).await?,
        aliases: tx.list(sql!("joining/aliases"), of, rows::read).await?,
        named: tx.first(sql!("erasure/name"), of, rows::read).await?,
        banned: tx.first(sql!("erasure/ban"), of, rows::read).await?,
    };
    for alias in &remains.aliases {
        let of = values![alias.as_str()];
        remains.rejected.append(&mut tx.list(sql!("erasure/rejected"), of, rows::read).await?);
        tx.first(sql!("erasure/name"), of, rows::read::<i64>).await?;
    }
    Ok(remains)
}

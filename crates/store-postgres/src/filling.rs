//! Filling projections from history in a slot of their own, and sweeping the slots left behind.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::fold::Plan;
use scoreline_core::id::{ProjectionNo, Slot};
use scoreline_core::store::values::limit;
use scoreline_core::store::{
    Counts, CrashPoint, DroppedSlot, EventFilter, FillingStore, Progress, Result, ScanPosition,
    Sweeping, find_projection, finish_fill,
};

use crate::session::{Session, View, sql};
use crate::state::{self, next_slot, outdate_plans};
use crate::store::PostgresStore;
use crate::value::values;
use crate::{changes, plan, rows, scanning};

#[async_trait]
impl FillingStore for PostgresStore {
    async fn start_fill(&self, no: ProjectionNo) -> Result<Slot> {
        self.write(move |database| async move {
            let tx = state::begin_alone_long(&database).await?;
            let projection = find_projection(plan::projections(&tx).await?, no)?;
            if let Some(filling) = projection.filling {
                return Ok(filling.slot);
            }
            let slot = Slot(next_slot(&tx).await?);
            tx.execute(sql!("projection/start_fill"), values![no.0, slot.0]).await?;
            tx.carry_out(projection.kind.copies(projection.baseline(), slot)).await?;
            outdate_plans(&tx, None).await?;
            tx.commit().await?;
            Ok(slot)
        })
        .await
    }

    /// Nothing is applied during a step, and whatever is applied after it comes later in the scan.
    async fn fill_step(
        &self,
        plan: Arc<Plan>,
        no: ProjectionNo,
        events: usize,
    ) -> Result<Progress> {
        self.write(move |database| async move {
            let tx = state::begin_alone(&database).await?;
            plan.check_present(tx.begun.plan_version)?;
            let passed: Option<ScanPosition> =
                tx.only(sql!("projection/passed"), values![no.0], rows::read).await?;
            let filter = EventFilter::default();
            let chunk = scanning::scan(&tx, &filter, passed.as_ref(), events).await?;
            let folded = plan.fold_filling(no, &chunk.rows)?;
            changes::write(&tx, &folded, tx.shard).await?;
            if let Some(last) = chunk.rows.last() {
                let passed = last.position.as_bytes().to_vec();
                let passed = values![no.0, passed, limit(chunk.rows.len())];
                tx.execute(sql!("projection/pass"), passed).await?;
                // What is applied from now on is to be later than all that was scanned.
                if last.applied_at >= tx.begun.last_stamp {
                    tx.count(Counts::default(), last.applied_at.plus_ms(1)).await?;
                }
            }
            let filled = tx.only(sql!("projection/filled"), values![no.0], rows::read).await?;
            let progress = Progress::of_step(filled, chunk.is_cut);
            if progress.finished {
                tx.carry_out(finish_fill(&plan, no, tx.begun.last_stamp)).await?;
                outdate_plans(&tx, None).await?;
            }
            database.pass(CrashPoint::FillWritten)?;
            tx.commit().await?;
            database.pass(CrashPoint::FillCommitted)?;
            Ok(progress)
        })
        .await
    }

    async fn sweep_retired(&self, rows: usize) -> Result<u64> {
        self.write(move |database| async move {
            let tx = database.begin(View::Moving).await?;
            tx.execute(sql!("state/lock_exclusive"), values![database.locks.sweep()]).await?;
            let mut sweeping = Sweeping::of(rows);
            while let Some(most) = sweeping.left() {
                let next = tx.first(sql!("slot/next_dropped"), values![], rows::read).await?;
                let Some(dropped): Option<DroppedSlot> = next else { break };
                let mut swept = tx.carry_out(dropped.sweeps(most)).await?;
                if dropped.lies_by_player() {
                    swept += sweep_players(&tx, &dropped, most).await?;
                }
                if sweeping.pass(swept) {
                    tx.execute(sql!("slot/forget_dropped"), values![dropped.slot]).await?;
                }
            }
            tx.commit().await?;
            Ok(sweeping.done())
        })
        .await
    }
}

/// Takes what is in a slot from the next players, and walks past those who have nothing in it. Answers
/// how many players that were.
async fn sweep_players(tx: &Session, dropped: &DroppedSlot, most: usize) -> Result<u64> {
    let players = values![dropped.swept_player, limit(most), dropped.slot];
    let (upto, walked): (Option<String>, u64) =
        tx.only(sql!("slot/next_players"), players, rows::read).await?;
    tx.carry_out(dropped.sweeps_players(upto.as_deref())).await?;
    Ok(walked)
}

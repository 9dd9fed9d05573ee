//! Filling projections from history in a slot of their own, and sweeping the slots left behind.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, params};
use scoreline_core::fold::Plan;
use scoreline_core::id::{ProjectionNo, Slot};
use scoreline_core::store::{
    CrashPoint, DroppedSlot, EventFilter, FillingStore, Progress, Result, ScanPosition, Sweeping,
    find_projection, finish_fill,
};

use crate::changes::Writer;
use crate::numbers::PlayerNumbers;
use crate::state::{self, next_slot, outdate_plans};
use crate::statement::{carry_out, execute, first, limit, only, sql};
use crate::store::SqliteStore;
use crate::{plan, scanning};

#[async_trait]
impl FillingStore for SqliteStore {
    async fn start_fill(&self, no: ProjectionNo) -> Result<Slot> {
        self.change(move |tx| {
            let projection = find_projection(plan::projections(tx)?, no)?;
            if let Some(filling) = projection.filling {
                return Ok(filling.slot);
            }
            let slot = Slot(next_slot(tx)?);
            execute(tx, sql!("projection/start_fill"), params![no.0, slot.0])?;
            carry_out(tx, projection.kind.copies(projection.baseline(), slot))?;
            outdate_plans(tx, None)?;
            Ok(slot)
        })
        .await
    }

    async fn fill_step(
        &self,
        plan: Arc<Plan>,
        no: ProjectionNo,
        events: usize,
    ) -> Result<Progress> {
        let crash = self.crash.clone();
        let progress = self.change(move |tx| {
            plan.check_present(state::plan_version(tx)?)?;
            let passed: Option<ScanPosition> = only(tx, sql!("projection/passed"), [no.0])?;
            let chunk = scanning::scan(tx, &EventFilter::default(), passed.as_ref(), events)?;
            let changes = plan.fold_filling(no, &chunk.rows)?;
            Writer::new(tx)?.write(&mut PlayerNumbers::new(tx)?, &changes)?;
            if let Some(last) = chunk.rows.last() {
                let passed = params![no.0, last.position.as_bytes(), limit(chunk.rows.len())];
                execute(tx, sql!("projection/pass"), passed)?;
            }
            let filled = only(tx, sql!("projection/filled"), [no.0])?;
            let progress = Progress::of_step(filled, chunk.is_cut);
            if progress.finished {
                let at = state::begun(tx)?.last_stamp;
                carry_out(tx, finish_fill(&plan, no, at))?;
                outdate_plans(tx, None)?;
            }
            crash.pass(CrashPoint::FillWritten)?;
            Ok(progress)
        });
        let progress = progress.await?;
        self.crash.pass(CrashPoint::FillCommitted)?;
        Ok(progress)
    }

    async fn sweep_retired(&self, rows: usize) -> Result<u64> {
        self.change(move |tx| {
            let mut sweeping = Sweeping::of(rows);
            while let Some(most) = sweeping.left() {
                let next = first(tx, sql!("slot/next_dropped"), ())?;
                let Some(dropped): Option<DroppedSlot> = next else { break };
                let mut swept = carry_out(tx, dropped.sweeps(most))?;
                if dropped.lies_by_player() {
                    swept += sweep_players(tx, &dropped, most)?;
                }
                if sweeping.pass(swept) {
                    execute(tx, sql!("slot/forget_dropped"), [dropped.slot])?;
                }
            }
            Ok(sweeping.done())
        })
        .await
    }
}

/// Takes what is in a slot from the next players, and walks past those who have nothing in it. Answers
/// how many players that were.
fn sweep_players(tx: &Connection, dropped: &DroppedSlot, most: usize) -> Result<u64> {
    let players = params![dropped.swept_player, limit(most)];
    let (upto, walked): (Option<String>, u64) = only(tx, sql!("slot/next_players"), players)?;
    carry_out(tx, dropped.sweeps_players(upto.as_deref()))?;
    Ok(walked)
}

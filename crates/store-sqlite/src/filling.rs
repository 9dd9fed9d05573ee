//! Filling projections from history in a slot of their own, and sweeping the slots left behind.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, params};
use scoreline_core::fold::{Layer, Plan, ProjectionKind};
use scoreline_core::id::{ProjectionNo, Slot};
use scoreline_core::reconcile::completed;
use scoreline_core::store::{
    CrashPoint, DroppedSlot, EventFilter, FillingStore, Progress, Result, ScanPosition, Swept,
    find_projection,
};

use crate::changes::Writer;
use crate::state::{self, next_slot, outdate_plans};
use crate::statement::{execute, first, limit, only, sql};
use crate::store::SqliteStore;
use crate::{events, plan, projections};

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
            copy_rows(tx, projection.kind, projection.baseline(), slot)?;
            outdate_plans(tx)?;
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
            let filling = plan.filling_of(no)?;
            let passed: Option<ScanPosition> = only(tx, sql!("projection/passed"), [no.0])?;
            let chunk = events::scan(tx, &EventFilter::default(), passed.as_ref(), events)?;
            Writer::new(tx)?.write(&plan.fold_stored(&chunk, Layer::Fill(filling.slot))?)?;
            if let Some(last) = chunk.last() {
                let passed = params![no.0, last.position.as_bytes(), limit(chunk.len())];
                execute(tx, sql!("projection/pass"), passed)?;
            }
            let filled = only(tx, sql!("projection/filled"), [no.0])?;
            let progress = Progress::of_step(filled, chunk.len(), events);
            if progress.finished {
                execute(tx, sql!("slot/drop_live"), [no.0])?;
                execute(tx, sql!("projection/finish_fill"), [no.0])?;
                let at = state::begun(tx)?.last_stamp;
                projections::carry_out(tx, &completed(&plan, no), at)?;
                outdate_plans(tx)?;
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
            let mut done = 0;
            while done < rows {
                let next = first(tx, sql!("slot/next_dropped"), ())?;
                let Some(dropped): Option<DroppedSlot> = next else { break };
                let swept = sweep(tx, &dropped, rows - done)?;
                done += swept.rows;
                if swept.finished {
                    execute(tx, sql!("slot/forget_dropped"), [dropped.slot])?;
                    // Even an empty slot is worth an answer: callers go on until nothing is left.
                    done += 1;
                }
            }
            Ok(done as u64)
        })
        .await
    }
}

/// Copies the rows of a slot of the real tables into a slot of whichever tables stand first.
pub(crate) fn copy_rows(
    connection: &Connection,
    kind: ProjectionKind,
    from: Slot,
    to: Slot,
) -> Result<()> {
    let copies: &[&str] = match kind {
        ProjectionKind::Board | ProjectionKind::Tournament => &[sql!("slot/copy_board")],
        ProjectionKind::Statistic => &[sql!("slot/copy_statistics")],
        ProjectionKind::Figures => &[sql!("slot/copy_figures"), sql!("slot/copy_figure_players")],
        ProjectionKind::Analytics => {
            &[sql!("slot/copy_analytics"), sql!("slot/copy_analytics_counters")]
        }
    };
    for sql in copies {
        execute(connection, sql, params![from.0, to.0])?;
    }
    Ok(())
}

/// Removes rows of a dropped slot.
fn sweep(tx: &Connection, dropped: &DroppedSlot, most: usize) -> Result<Swept> {
    let bound = params![dropped.slot, limit(most)];
    let swept = match dropped.kind {
        ProjectionKind::Board | ProjectionKind::Tournament => {
            execute(tx, sql!("slot/sweep_board"), bound)?
        }
        ProjectionKind::Figures => {
            let counts = execute(tx, sql!("slot/sweep_figures"), bound)?;
            counts.max(execute(tx, sql!("slot/sweep_figure_players"), bound)?)
        }
        ProjectionKind::Analytics => {
            let parts = execute(tx, sql!("slot/sweep_analytics"), bound)?;
            parts.max(execute(tx, sql!("slot/sweep_analytics_counters"), bound)?)
        }
        ProjectionKind::Statistic => return sweep_statistics(tx, dropped, most),
    };
    Ok(Swept::of(swept as u64, most))
}

/// Takes a statistic from the next players, and walks past those who have none.
fn sweep_statistics(tx: &Connection, dropped: &DroppedSlot, most: usize) -> Result<Swept> {
    let DroppedSlot { slot, swept_player, .. } = dropped;
    let players = params![swept_player, limit(most)];
    let (upto, walked): (Option<String>, u64) = only(tx, sql!("slot/next_players"), players)?;
    if let Some(upto) = upto {
        execute(tx, sql!("slot/sweep_statistics"), params![swept_player, upto, slot])?;
        execute(tx, sql!("slot/note_swept"), params![slot, upto])?;
    }
    Ok(Swept::of(walked, most))
}

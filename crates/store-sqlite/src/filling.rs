//! Filling projections from history in a slot of their own, and sweeping the slots left behind.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, params};
use scoreline_core::fold::{Layer, Plan, ProjectionKind};
use scoreline_core::id::{ProjectionNo, Slot};
use scoreline_core::reconcile::completed;
use scoreline_core::store::{
    CrashPoint, EventFilter, FillingStore, Progress, Result, ScanPosition, StoreError,
};

use crate::changes::Writer;
use crate::error::translate;
use crate::state::{self, next_slot, outdate_plans};
use crate::statement::{begin, execute, first, limit, only, sql};
use crate::store::SqliteStore;
use crate::{events, plan, projections, rows};

#[async_trait]
impl FillingStore for SqliteStore {
    async fn start_fill(&self, no: ProjectionNo) -> Result<Slot> {
        let feed = self.feed.clone();
        self.write(move |connection| {
            let tx = feed.begin(connection)?;
            let projection = plan::one_projection(&tx, no)?
                .ok_or_else(|| StoreError::NotFound(format!("projection {}", no.0)))?;
            if let Some(filling) = projection.filling {
                return Ok(filling.slot);
            }
            let slot = Slot(next_slot(&tx)?);
            execute(&tx, sql!("projection/start_fill"), params![no.0, slot.0])?;
            copy_rows(&tx, projection.kind, projection.baseline(), slot)?;
            outdate_plans(&tx)?;
            tx.commit()?;
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
        let (feed, crash) = (self.feed.clone(), self.crash.clone());
        self.write(move |connection| {
            let tx = feed.begin(connection)?;
            plan.check_present(state::plan_version(&tx)?)?;
            let filling = plan.filling_of(no)?;
            let passed = only(&tx, sql!("projection/passed"), [no.0], |row| {
                Ok(row.get::<_, Option<Vec<u8>>>(0)?.map(|bytes| ScanPosition::from_bytes(&bytes)))
            })?;
            let chunk = events::scan(&tx, &EventFilter::default(), passed.as_ref(), events)?;
            Writer::new(&tx)?.write(&plan.fold_stored(&chunk, Layer::Fill(filling.slot))?)?;
            if let Some(last) = chunk.last() {
                let passed = params![no.0, last.position.as_bytes(), limit(chunk.len())];
                execute(&tx, sql!("projection/pass"), passed)?;
            }
            let (done, total) = only(&tx, sql!("projection/filled"), [no.0], |row| {
                Ok((rows::count(row, 0)?, rows::count(row, 1)?))
            })?;
            let finished = chunk.len() < events;
            if finished {
                execute(&tx, sql!("slot/drop_live"), [no.0])?;
                execute(&tx, sql!("projection/finish_fill"), [no.0])?;
                let at = state::begun(&tx)?.last_stamp;
                projections::carry_out(&tx, &completed(&plan, no), at)?;
                outdate_plans(&tx)?;
            }
            crash.pass(CrashPoint::FillWritten)?;
            tx.commit()?;
            crash.pass(CrashPoint::FillCommitted)?;
            Ok(Progress { done, total: total.max(done), finished })
        })
        .await
    }

    async fn sweep_retired(&self, rows: usize) -> Result<u64> {
        self.write(move |connection| {
            let tx = begin(connection)?;
            let mut done = 0;
            while done < rows {
                let next = first(&tx, sql!("slot/next_dropped"), (), |row| {
                    Ok((row.get(0)?, plan::kind(row, 1)?, row.get::<_, String>(2)?))
                })?;
                let Some((slot, kind, swept_player)) = next else { break };
                let (swept, finished) = sweep(&tx, slot, kind, &swept_player, rows - done)?;
                done += swept;
                if finished {
                    execute(&tx, sql!("slot/forget_dropped"), [slot])?;
                    // Even an empty slot is worth an answer: callers go on until nothing is left.
                    done += 1;
                }
            }
            tx.commit().map_err(translate)?;
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
    let sql = match kind {
        ProjectionKind::Board | ProjectionKind::Tournament => sql!("slot/copy_board"),
        ProjectionKind::Statistic => sql!("slot/copy_statistics"),
        ProjectionKind::Figures => sql!("slot/copy_figures"),
    };
    execute(connection, sql, params![from.0, to.0])?;
    if kind == ProjectionKind::Figures {
        execute(connection, sql!("slot/copy_figure_players"), params![from.0, to.0])?;
    }
    Ok(())
}

/// Removes rows of a dropped slot. Answers how many were removed or walked past, and whether none
/// are left.
fn sweep(
    tx: &Connection,
    slot: i64,
    kind: ProjectionKind,
    swept_player: &str,
    rows: usize,
) -> Result<(usize, bool)> {
    let bound = params![slot, limit(rows)];
    let swept = match kind {
        ProjectionKind::Board | ProjectionKind::Tournament => {
            execute(tx, sql!("slot/sweep_board"), bound)?
        }
        ProjectionKind::Figures => {
            let counts = execute(tx, sql!("slot/sweep_figures"), bound)?;
            counts.max(execute(tx, sql!("slot/sweep_figure_players"), bound)?)
        }
        ProjectionKind::Statistic => return sweep_statistics(tx, slot, swept_player, rows),
    };
    Ok((swept, swept < rows))
}

/// Takes a statistic from the next players. Answers how many players that were, and whether they
/// were the last.
fn sweep_statistics(
    tx: &Connection,
    slot: i64,
    swept_player: &str,
    players: usize,
) -> Result<(usize, bool)> {
    let values = params![swept_player, limit(players)];
    let (upto, walked): (Option<String>, u64) =
        only(tx, sql!("slot/next_players"), values, |row| Ok((row.get(0)?, rows::count(row, 1)?)))?;
    let Some(upto) = upto else { return Ok((0, true)) };
    execute(tx, sql!("slot/sweep_statistics"), params![swept_player, upto, slot])?;
    execute(tx, sql!("slot/note_swept"), params![slot, upto])?;
    let walked = usize::try_from(walked).unwrap_or(usize::MAX);
    Ok((walked, walked < players))
}

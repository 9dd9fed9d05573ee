//! Filling projections from history in a slot of their own, and sweeping the slots left behind.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::fold::{Layer, Plan, ProjectionKind};
use scoreline_core::id::{ProjectionNo, Slot};
use scoreline_core::reconcile::completed;
use scoreline_core::store::{
    Counts, CrashPoint, EventFilter, FillingStore, Progress, Result, ScanPosition, StoreError,
};

use crate::rows::{self, get, limit};
use crate::session::{Session, View, sql};
use crate::state::{self, next_slot, outdate_plans};
use crate::store::PostgresStore;
use crate::value::values;
use crate::{changes, events, plan, projections};

#[async_trait]
impl FillingStore for PostgresStore {
    async fn start_fill(&self, no: ProjectionNo) -> Result<Slot> {
        self.write(move |database| async move {
            let tx = state::begin_alone_long(&database).await?;
            let projection = plan::one_projection(&tx, no)
                .await?
                .ok_or_else(|| StoreError::NotFound(format!("projection {}", no.0)))?;
            if let Some(filling) = projection.filling {
                return Ok(filling.slot);
            }
            let slot = Slot(next_slot(&tx).await?);
            tx.execute(sql!("projection/start_fill"), values![no.0, slot.0]).await?;
            copy_rows(&tx, projection.kind, projection.baseline(), slot).await?;
            outdate_plans(&tx).await?;
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
            plan.check_present(tx.plan_version)?;
            let filling = plan.filling_of(no)?;
            let passed = tx
                .only(sql!("projection/passed"), values![no.0], |row| {
                    Ok(get::<Option<&[u8]>>(row, 0)?.map(ScanPosition::from_bytes))
                })
                .await?;
            let filter = EventFilter::default();
            let chunk = events::scan(&tx, &filter, passed.as_ref(), events).await?;
            let folded = plan.fold_stored(&chunk, Layer::Fill(filling.slot))?;
            changes::write(&tx, &folded, tx.shard).await?;
            if let Some(last) = chunk.last() {
                let passed = last.position.as_bytes().to_vec();
                let passed = values![no.0, passed, limit(chunk.len())];
                tx.execute(sql!("projection/pass"), passed).await?;
                // What is applied from now on is to be later than all that was scanned.
                if last.applied_at >= tx.last_stamp {
                    tx.count(Counts::default(), last.applied_at.plus_ms(1)).await?;
                }
            }
            let (done, total) = tx
                .only(sql!("projection/filled"), values![no.0], |row| {
                    Ok((rows::count(row, 0)?, rows::count(row, 1)?))
                })
                .await?;
            let finished = chunk.len() < events;
            if finished {
                tx.execute(sql!("slot/drop_live"), values![no.0]).await?;
                tx.execute(sql!("projection/finish_fill"), values![no.0]).await?;
                projections::carry_out(&tx, &completed(&plan, no), tx.last_stamp).await?;
                outdate_plans(&tx).await?;
            }
            database.pass(CrashPoint::FillWritten)?;
            tx.commit().await?;
            database.pass(CrashPoint::FillCommitted)?;
            Ok(Progress { done, total: total.max(done), finished })
        })
        .await
    }

    async fn sweep_retired(&self, rows: usize) -> Result<u64> {
        self.write(move |database| async move {
            let tx = database.begin(View::Moving).await?;
            tx.execute(sql!("state/lock_exclusive"), values![database.locks.sweep()]).await?;
            let mut done = 0;
            while done < rows {
                let next = tx
                    .first(sql!("slot/next_dropped"), values![], |row| {
                        Ok((get(row, 0)?, plan::kind(row, 1)?, get::<String>(row, 2)?))
                    })
                    .await?;
                let Some((slot, kind, swept_player)) = next else { break };
                let (swept, finished) = sweep(&tx, slot, kind, &swept_player, rows - done).await?;
                done += swept;
                if finished {
                    tx.execute(sql!("slot/forget_dropped"), values![slot]).await?;
                    // Even an empty slot is worth an answer: callers go on until nothing is left.
                    done += 1;
                }
            }
            tx.commit().await?;
            Ok(done as u64)
        })
        .await
    }
}

async fn copy_rows(tx: &Session, kind: ProjectionKind, from: Slot, to: Slot) -> Result<()> {
    let sql = match kind {
        ProjectionKind::Board | ProjectionKind::Tournament => sql!("slot/copy_board"),
        ProjectionKind::Statistic => sql!("slot/copy_statistics"),
        ProjectionKind::Figures => sql!("slot/copy_figures"),
    };
    tx.execute(sql, values![from.0, to.0]).await?;
    if kind == ProjectionKind::Figures {
        tx.execute(sql!("slot/copy_figure_players"), values![from.0, to.0]).await?;
    }
    Ok(())
}

/// Removes rows of a dropped slot. Answers how many were removed or walked past, and whether none
/// are left.
async fn sweep(
    tx: &Session,
    slot: i64,
    kind: ProjectionKind,
    swept_player: &str,
    rows: usize,
) -> Result<(usize, bool)> {
    let swept = match kind {
        ProjectionKind::Board | ProjectionKind::Tournament => {
            sweep_rows(tx, sql!("slot/sweep_board"), slot, rows).await?
        }
        ProjectionKind::Figures => {
            let counts = sweep_rows(tx, sql!("slot/sweep_figures"), slot, rows).await?;
            counts.max(sweep_rows(tx, sql!("slot/sweep_figure_players"), slot, rows).await?)
        }
        ProjectionKind::Statistic => return sweep_statistics(tx, slot, swept_player, rows).await,
    };
    Ok((swept, swept < rows))
}

async fn sweep_rows(tx: &Session, sql: &str, slot: i64, rows: usize) -> Result<usize> {
    let swept = tx.execute(sql, values![slot, limit(rows)]).await?;
    Ok(usize::try_from(swept).unwrap_or(usize::MAX))
}

/// Takes a statistic from the next players. Answers how many players that were, and whether they
/// were the last.
async fn sweep_statistics(
    tx: &Session,
    slot: i64,
    swept_player: &str,
    players: usize,
) -> Result<(usize, bool)> {
    let (upto, walked): (Option<String>, u64) = tx
        .only(sql!("slot/next_players"), values![swept_player, limit(players)], |row| {
            Ok((get(row, 0)?, rows::count(row, 1)?))
        })
        .await?;
    let Some(upto) = upto else { return Ok((0, true)) };
    tx.execute(sql!("slot/sweep_statistics"), values![swept_player, upto, slot]).await?;
    tx.execute(sql!("slot/note_swept"), values![slot, upto]).await?;
    let walked = usize::try_from(walked).unwrap_or(usize::MAX);
    Ok((walked, walked < players))
}

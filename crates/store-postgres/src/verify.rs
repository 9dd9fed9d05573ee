//! Recomputes all derived state from the raw events and compares.
//!
//! All of it happens in one transaction, which sees the data as it was when it began. The fold is
//! written to temporary tables by the very statements that wrote the real ones, but in other
//! portions and another order.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use scoreline_core::fold::{
    COARSE_GRAIN_MS, FINE_GRAIN_MS, Figure, FigureKey, Layer, Plan, Projection, ProjectionKind,
    parts_of,
};
use scoreline_core::id::Slot;
use scoreline_core::limits::SCAN_EVENTS;
use scoreline_core::store::{EventFilter, Progress, Result, VerifyReport, VerifyStore};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::Tournament;
use scoreline_core::verify::{Findings, Recomputing};

use crate::error::translate;
use crate::rows;
use crate::session::{Session, View, sql};
use crate::store::PostgresStore;
use crate::value::values;
use crate::{changes, figures, scanning, state, tournaments};

/// Time slots whose figures are compared at a time.
const STARTS_AT_ONCE: usize = 64;

#[async_trait]
impl VerifyStore for PostgresStore {
    async fn verify(
        &self,
        plan: Arc<Plan>,
        list: usize,
        progress: Arc<dyn Fn(Progress) + Send + Sync>,
    ) -> Result<VerifyReport> {
        self.write(move |database| async move {
            let tx = database.begin_long(View::Still).await?;
            plan.check_present(state::plan_version(&tx).await?)?;
            let mut findings = Findings::new(list);
            for tournament in plan.tournaments.iter().filter(|one| one.closed_at.is_some()) {
                compare_prizes(&mut findings, &tx, tournament).await?;
            }
            make_scratch(&tx, &plan).await?;
            let events = recompute(&tx, &plan, &*progress).await?;
            let counts = tx.only(sql!("verify/counts"), values![], rows::read).await?;
            findings.compare_counts(events, counts);
            compare_projections(&mut findings, &tx, &plan).await?;
            // The scratch tables vanish.
            tx.commit().await?;
            Ok(findings.report())
        })
        .await
    }
}

/// Makes the temporary tables and puts the baselines in.
async fn make_scratch(tx: &Session, plan: &Plan) -> Result<()> {
    tx.run(sql!("verify/scratch")).await?;
    for projection in &plan.projections {
        let copied = match projection.kind {
            ProjectionKind::Board | ProjectionKind::Tournament => &[sql!("verify/copy_board")][..],
            ProjectionKind::Statistic => &[sql!("verify/copy_statistics")],
            ProjectionKind::Figures => {
                &[sql!("verify/copy_figures"), sql!("verify/copy_figure_players")]
            }
            ProjectionKind::Analytics => {
                &[sql!("verify/copy_analytics"), sql!("verify/copy_analytics_counters")]
            }
        };
        let (from, to) = (projection.baseline(), projection.slot);
        for sql in copied {
            // Only statistics lie in more than one slot.
            for (Slot(from), Slot(to)) in parts_of(from).into_iter().zip(parts_of(to)) {
                tx.execute_once(sql, values![from, to]).await?;
            }
        }
    }
    Ok(())
}

async fn recompute(
    tx: &Session,
    plan: &Plan,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<u64> {
    let [total, ..]: [i64; 7] = tx.only(sql!("verify/counts"), values![], rows::read).await?;
    let scratch = tx.scratch();
    let mut fold = Recomputing::new(total.unsigned_abs(), progress);
    while let Some(after) = fold.next() {
        let portion = scanning::scan(tx, &EventFilter::default(), after, SCAN_EVENTS).await?.rows;
        let events = fold.take(portion);
        changes::write(&scratch, &plan.fold_stored(&events, Layer::Recompute)?, 0).await?;
        fold.pass(events.len());
    }
    Ok(fold.events())
}

async fn compare_projections(findings: &mut Findings, tx: &Session, plan: &Plan) -> Result<()> {
    let compared = findings.choose(plan);
    let slots: Vec<i64> = compared.keys().map(|slot| slot.0).collect();
    tx.execute_once(sql!("verify/compare"), values![slots]).await?;
    tx.run(sql!("verify/analyze")).await?;
    for sql in [
        sql!("verify/count_board"),
        sql!("verify/count_statistics"),
        sql!("verify/count_analytics"),
    ] {
        findings.note_rows(tx.tell(sql).await?.parse::<u64>().map_err(rows::damaged)?);
    }
    for sql in [sql!("verify/board_stored"), sql!("verify/board_missing")] {
        let mut odd = pin!(tx.stream_once(sql, values![]).await?);
        while let Some(row) = odd.try_next().await.map_err(translate)? {
            let (board, player, stored, recomputed) = rows::read(&row)?;
            findings.compare_board(&compared, board, &player, stored, recomputed);
        }
    }
    for sql in
        [sql!("verify/analytics_stored"), sql!("verify/analytics_missing"), sql!("verify/counters")]
    {
        let mut odd = pin!(tx.stream_once(sql, values![]).await?);
        while let Some(row) = odd.try_next().await.map_err(translate)? {
            findings.note_analytics(&compared, rows::read(&row)?);
        }
    }
    let mut odd = pin!(tx.stream_once(sql!("verify/statistics"), values![]).await?);
    while let Some(row) = odd.try_next().await.map_err(translate)? {
        let (player, stored, recomputed) = rows::read(&row)?;
        findings.compare_statistics(&compared, &player, &stored, &recomputed);
    }
    for (slot, projection) in &compared {
        if projection.kind == ProjectionKind::Figures {
            compare_figures(findings, tx, &compared, *slot).await?;
        }
    }
    Ok(())
}

/// Figures are put together from their shards first, so they are compared here, some at a time.
/// Only those that retention has not removed.
async fn compare_figures(
    findings: &mut Findings,
    tx: &Session,
    compared: &BTreeMap<Slot, &Projection>,
    slot: Slot,
) -> Result<()> {
    let (fine_from, coarse_from): (i64, i64) =
        tx.only(sql!("verify/figures_from"), values![], rows::read).await?;
    let scratch = tx.scratch();
    for (grain_ms, from) in [(FINE_GRAIN_MS, fine_from), (COARSE_GRAIN_MS, coarse_from)] {
        let values = values![slot.0, grain_ms, from];
        let starts: Vec<Timestamp> =
            tx.list_once(sql!("verify/figure_starts"), values, rows::read).await?;
        for starts in starts.chunks(STARTS_AT_ONCE) {
            let (Some(first), Some(last)) = (starts.first(), starts.last()) else { continue };
            let range = (*first, last.plus_ms(1));
            let stored = figures::read(tx, slot, grain_ms, range).await?;
            findings.note_rows(stored.len() as u64);
            let mut both: BTreeMap<FigureKey, [Option<Figure>; 2]> = BTreeMap::new();
            for (key, figure) in stored {
                both.entry(key).or_default()[0] = Some(figure);
            }
            for (key, figure) in figures::read(&scratch, slot, grain_ms, range).await? {
                both.entry(key).or_default()[1] = Some(figure);
            }
            for (key, [stored, recomputed]) in &both {
                findings.compare_figure(compared, key, stored.as_ref(), recomputed.as_ref());
            }
        }
    }
    Ok(())
}

/// The prizes of a closed tournament follow from its standings.
async fn compare_prizes(
    findings: &mut Findings,
    tx: &Session,
    tournament: &Tournament,
) -> Result<()> {
    let of = values![&*tournament.id, tournament.slot.0];
    let kept = tx.list(sql!("prize/kept"), of, rows::read).await?;
    findings.compare_prizes(tournament, &tournaments::rank(tx, tournament).await?, kept);
    Ok(())
}

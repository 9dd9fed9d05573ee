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
};
use scoreline_core::id::Slot;
use scoreline_core::limits::SCAN_EVENTS;
use scoreline_core::store::{
    Difference, EventFilter, Progress, Result, StoreError, VerifyReport, VerifyStore,
};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::Tournament;

use crate::error::translate;
use crate::rows::{self, get};
use crate::session::{Session, View, sql};
use crate::store::PostgresStore;
use crate::value::values;
use crate::{changes, events, figures, plan, tournaments};

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
            plan::check_present(&tx, &plan).await?;
            let mut findings = Findings { list, report: VerifyReport::default() };
            for tournament in plan.tournaments.iter().filter(|one| one.closed_at.is_some()) {
                findings.compare_prizes(&tx, tournament).await?;
            }
            make_scratch(&tx, &plan).await?;
            findings.report.events = recompute(&tx, &plan, &*progress).await?;
            findings.compare_counts(&tx).await?;
            findings.compare_projections(&tx, &plan).await?;
            // The scratch tables vanish.
            tx.commit().await?;
            Ok(findings.report)
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
        };
        for sql in copied {
            tx.execute_once(sql, values![projection.baseline().0, projection.slot.0]).await?;
        }
    }
    Ok(())
}

async fn recompute(
    tx: &Session,
    plan: &Plan,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<u64> {
    let total = tx.only(sql!("verify/counts"), values![], |row| rows::count(row, 0)).await?;
    let scratch = tx.scratch();
    let mut done = 0;
    let mut after = None;
    loop {
        let chunk = events::scan(tx, &EventFilter::default(), after, SCAN_EVENTS).await?;
        let Some(last) = chunk.last() else { break };
        after = Some(last.event.key);
        let folded = chunk.iter().map(|stored| (&stored.event, stored.applied_at));
        let folded = plan
            .fold(folded, Layer::Recompute)
            .map_err(|overflow| StoreError::Refused(overflow.to_string()))?;
        changes::write(&scratch, &folded, 0).await?;
        done += chunk.len() as u64;
        progress(Progress { done, total: total.max(done), finished: false });
    }
    progress(Progress { done, total: done, finished: true });
    Ok(done)
}

/// What was found so far.
struct Findings {
    /// How many differences to list.
    list: usize,
    report: VerifyReport,
}

impl Findings {
    fn note(&mut self, difference: Difference) {
        self.report.differing += 1;
        if self.report.differences.len() < self.list {
            self.report.differences.push(difference);
        }
    }

    async fn compare_projections(&mut self, tx: &Session, plan: &Plan) -> Result<()> {
        let mut compared: BTreeMap<Slot, &Projection> = BTreeMap::new();
        for projection in &plan.projections {
            if !projection.complete {
                let name = format!("{} {}", projection.kind.as_str(), projection.name);
                self.report.incomplete.push(name);
            } else if plan.can_recompute(projection) {
                compared.insert(projection.slot, projection);
            }
        }
        let slots: Vec<i64> = compared.keys().map(|slot| slot.0).collect();
        tx.execute_once(sql!("verify/compare"), values![slots]).await?;
        tx.run(sql!("verify/analyze")).await?;
        for sql in [sql!("verify/count_board"), sql!("verify/count_statistics")] {
            self.report.rows += tx.tell(sql).await?.parse::<u64>().map_err(rows::damaged)?;
        }
        for sql in
            [sql!("verify/board_stored"), sql!("verify/board_missing"), sql!("verify/statistics")]
        {
            self.compare(tx, sql, &compared).await?;
        }
        let compared = compared.values().filter(|one| one.kind == ProjectionKind::Figures);
        for projection in compared {
            self.compare_figures(tx, projection).await?;
        }
        Ok(())
    }

    async fn compare(
        &mut self,
        tx: &Session,
        sql: &str,
        compared: &BTreeMap<Slot, &Projection>,
    ) -> Result<()> {
        let mut odd = pin!(tx.stream_once(sql, values![]).await?);
        while let Some(row) = odd.try_next().await.map_err(translate)? {
            let projection = compared[&Slot(get(&row, 0)?)];
            let what = format!("{} {}", projection.kind.as_str(), projection.name);
            let (key, stored, recomputed) = (get(&row, 1)?, get(&row, 2)?, get(&row, 3)?);
            self.note(Difference { what, key, stored, recomputed });
        }
        Ok(())
    }

    /// Figures are put together from their shards first, so they are compared here, some at a time.
    /// Only those that retention has not removed.
    async fn compare_figures(&mut self, tx: &Session, projection: &Projection) -> Result<()> {
        let (fine_from, coarse_from): (i64, i64) = tx
            .only(sql!("verify/figures_from"), values![], |row| Ok((get(row, 0)?, get(row, 1)?)))
            .await?;
        let slot = projection.slot;
        let scratch = tx.scratch();
        for (grain_ms, from) in [(FINE_GRAIN_MS, fine_from), (COARSE_GRAIN_MS, coarse_from)] {
            let starts = tx
                .list_once(sql!("verify/figure_starts"), values![slot.0, grain_ms, from], |row| {
                    rows::time(row, 0)
                })
                .await?;
            for starts in starts.chunks(STARTS_AT_ONCE) {
                let (Some(first), Some(last)) = (starts.first(), starts.last()) else { continue };
                let range = (*first, last.plus_ms(1));
                let stored = figures::read(tx, slot, grain_ms, range).await?;
                let recomputed = figures::read(&scratch, slot, grain_ms, range).await?;
                self.report.rows += stored.len() as u64;
                self.compare_some_figures(&projection.name, stored, recomputed);
            }
        }
        Ok(())
    }

    fn compare_some_figures(
        &mut self,
        what: &str,
        stored: Vec<(FigureKey, Figure)>,
        recomputed: Vec<(FigureKey, Figure)>,
    ) {
        let mut both: BTreeMap<FigureKey, [Option<Figure>; 2]> = BTreeMap::new();
        for (side, figures) in [stored, recomputed].into_iter().enumerate() {
            for (key, figure) in figures {
                both.entry(key).or_default()[side] = Some(figure);
            }
        }
        for (key, [stored, recomputed]) in both {
            if stored != recomputed {
                self.note(Difference {
                    what: what.to_owned(),
                    key: format!(
                        "{} from {}, {:?}",
                        grain(key.grain_ms),
                        key.start,
                        key.event_type
                    ),
                    stored: stored.as_ref().map_or_else(String::new, figure_text),
                    recomputed: recomputed.as_ref().map_or_else(String::new, figure_text),
                });
            }
        }
    }

    /// What is counted as it changes must be what can be counted again.
    async fn compare_counts(&mut self, tx: &Session) -> Result<()> {
        let counts: Vec<i64> = tx
            .only(sql!("verify/counts"), values![], |row| (0..5).map(|n| get(row, n)).collect())
            .await?;
        let events = self.report.events.cast_signed();
        for (key, stored, recomputed) in [
            ("applied", counts[0], events),
            ("dead", counts[1], counts[3]),
            ("quarantined", counts[2], counts[4]),
        ] {
            if stored != recomputed {
                self.note(Difference {
                    what: "totals".to_owned(),
                    key: key.to_owned(),
                    stored: stored.to_string(),
                    recomputed: recomputed.to_string(),
                });
            }
        }
        Ok(())
    }

    /// The prizes of a closed tournament follow from its standings.
    async fn compare_prizes(&mut self, tx: &Session, tournament: &Tournament) -> Result<()> {
        let text = |rank, coins, gems| format!("rank {rank}: {coins} coins, {gems} gems");
        let ranking = tournaments::rank(tx, tournament).await?;
        let mut prizes: BTreeMap<String, [String; 2]> = BTreeMap::new();
        for (rank, player, tier) in ranking.winners(&tournament.prizes) {
            prizes.entry(player.to_string()).or_default()[1] = text(rank, tier.coins, tier.gems);
        }
        let kept = tx
            .list(sql!("prize/kept"), values![&*tournament.id], |row| {
                let prize = text(rows::count(row, 1)?, get(row, 2)?, get(row, 3)?);
                Ok((get::<String>(row, 0)?, prize))
            })
            .await?;
        for (player, prize) in kept {
            prizes.entry(player).or_default()[0] = prize;
        }
        self.report.rows += prizes.len() as u64;
        for (key, [stored, recomputed]) in prizes {
            if stored != recomputed {
                let what = format!("prizes of {}", tournament.id);
                self.note(Difference { what, key, stored, recomputed });
            }
        }
        Ok(())
    }
}

fn grain(grain_ms: i64) -> &'static str {
    if grain_ms == FINE_GRAIN_MS { "5 minutes" } else { "hour" }
}

fn figure_text(figure: &Figure) -> String {
    let Figure { events, processing_ms, first_at, last_at, players } = figure;
    let time = |time: &Timestamp| time.to_string();
    format!(
        "{events} events, {processing_ms} ms, {} to {}, {} players",
        time(first_at),
        time(last_at),
        players.len()
    )
}

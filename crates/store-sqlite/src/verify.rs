//! Recomputes all derived state from the raw events and compares.
//!
//! It runs on a connection of its own, which only reads the database. Temporary tables of the same
//! names stand before the real ones there, so the fold is written by the very code that wrote the
//! real ones, but in other portions and another order.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, Params, params};
use scoreline_core::fold::{FINE_GRAIN_MS, Layer, Plan, Projection, ProjectionKind};
use scoreline_core::id::Slot;
use scoreline_core::limits::SCAN_EVENTS;
use scoreline_core::store::{
    Difference, EventFilter, Progress, Result, StoreError, VerifyReport, VerifyStore,
};
use scoreline_core::tournament::Tournament;

use crate::changes::Writer;
use crate::error::translate;
use crate::statement::{execute, list, only, sql, view};
use crate::store::SqliteStore;
use crate::{events, filling, open, plan, rows, tournaments};

/// Memory for pages of the temporary tables, in KiB.
const SCRATCH_CACHE_KIB: i64 = 32 * 1024;
/// The tables that the fold is written to.
const DERIVED_TABLES: [&str; 4] =
    ["board_entries", "player_statistics", "figures", "figure_players"];

#[async_trait]
impl VerifyStore for SqliteStore {
    async fn verify(
        &self,
        plan: Arc<Plan>,
        list: usize,
        progress: Arc<dyn Fn(Progress) + Send + Sync>,
    ) -> Result<VerifyReport> {
        self.aside(move |path| {
            let mut connection = open::reader(path)?;
            // One read transaction is one view of the data, whatever is written meanwhile.
            let tx = view(&mut connection)?;
            plan::check_present(&tx, &plan)?;
            let mut findings = Findings { list, report: VerifyReport::default() };
            // Before the scratch tables hide the real boards.
            for tournament in plan.tournaments.iter().filter(|one| one.closed_at.is_some()) {
                findings.compare_prizes(&tx, tournament)?;
            }
            make_scratch(&tx, &plan)?;
            findings.report.events = recompute(&tx, &plan, &*progress)?;
            findings.compare_counts(&tx)?;
            findings.compare_projections(&tx, &plan)?;
            Ok(findings.report)
        })
        .await
    }
}

/// Makes the temporary tables and puts the baselines in.
fn make_scratch(tx: &Connection, plan: &Plan) -> Result<()> {
    tx.pragma_update(Some("temp"), "cache_size", -SCRATCH_CACHE_KIB).map_err(translate)?;
    for table in DERIVED_TABLES {
        let real: String = only(tx, sql!("verify/definition_of_table"), [table], |row| row.get(0))?;
        let scratch = real.replacen("CREATE TABLE", "CREATE TEMP TABLE", 1);
        tx.execute_batch(&scratch).map_err(translate)?;
    }
    tx.execute_batch(sql!("verify/compared_table")).map_err(translate)?;
    for projection in &plan.projections {
        filling::copy_rows(tx, projection.kind, projection.baseline(), projection.slot)?;
    }
    Ok(())
}

fn recompute(
    tx: &Connection,
    plan: &Plan,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<u64> {
    let total = only(tx, sql!("verify/counts"), (), |row| rows::count(row, 0))?;
    let mut writer = Writer::new(tx)?;
    let mut done = 0;
    let mut after = None;
    loop {
        let chunk = events::scan(tx, &EventFilter::default(), after, SCAN_EVENTS)?;
        let Some(last) = chunk.last() else { break };
        after = Some(last.event.key);
        let folded = chunk.iter().map(|stored| (&stored.event, stored.applied_at));
        let changes = plan
            .fold(folded, Layer::Recompute)
            .map_err(|overflow| StoreError::Refused(overflow.to_string()))?;
        writer.write(&changes)?;
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

    fn compare_projections(&mut self, tx: &Connection, plan: &Plan) -> Result<()> {
        let mut compared: BTreeMap<Slot, &Projection> = BTreeMap::new();
        for projection in &plan.projections {
            if !projection.complete {
                let name = format!("{} {}", projection.kind.as_str(), projection.name);
                self.report.incomplete.push(name);
            } else if plan.can_recompute(projection) {
                execute(tx, sql!("verify/compare"), [projection.slot.0])?;
                compared.insert(projection.slot, projection);
            }
        }
        let (fine_from, coarse_from): (i64, i64) =
            only(tx, sql!("verify/figures_from"), (), |row| Ok((row.get(0)?, row.get(1)?)))?;
        let figures = params![FINE_GRAIN_MS, fine_from, coarse_from];
        for (sql, values) in [
            (sql!("verify/count_board"), params![]),
            (sql!("verify/count_statistics"), params![]),
            (sql!("verify/count_figures"), figures),
        ] {
            self.report.rows += only(tx, sql, values, |row| rows::count(row, 0))?;
        }
        for (sql, values) in [
            (sql!("verify/board_stored"), params![]),
            (sql!("verify/board_missing"), params![]),
            (sql!("verify/statistics_stored"), params![]),
            (sql!("verify/statistics_missing"), params![]),
            (sql!("verify/figures_stored"), figures),
            (sql!("verify/figures_missing"), figures),
        ] {
            self.compare(tx, sql, values, &compared)?;
        }
        Ok(())
    }

    fn compare(
        &mut self,
        tx: &Connection,
        sql: &str,
        values: impl Params,
        compared: &BTreeMap<Slot, &Projection>,
    ) -> Result<()> {
        let mut query = tx.prepare_cached(sql).map_err(translate)?;
        let mut odd = query.query(values).map_err(translate)?;
        while let Some(row) = odd.next().map_err(translate)? {
            let slot = Slot(row.get(0).map_err(translate)?);
            let projection = compared[&slot];
            let what = match projection.kind {
                ProjectionKind::Figures => projection.name.to_string(),
                kind => format!("{} {}", kind.as_str(), projection.name),
            };
            let text = |column| row.get(column).map_err(translate);
            let (key, stored, recomputed) = (text(1)?, text(2)?, text(3)?);
            self.note(Difference { what, key, stored, recomputed });
        }
        Ok(())
    }

    /// What is counted as it changes must be what can be counted again.
    fn compare_counts(&mut self, tx: &Connection) -> Result<()> {
        let (applied, dead, quarantined, dead_found, quarantined_found): (i64, i64, i64, i64, i64) =
            only(tx, sql!("verify/counts"), (), |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            })?;
        let events = self.report.events.cast_signed();
        for (key, stored, recomputed) in [
            ("applied", applied, events),
            ("dead", dead, dead_found),
            ("quarantined", quarantined, quarantined_found),
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
    fn compare_prizes(&mut self, tx: &Connection, tournament: &Tournament) -> Result<()> {
        let text = |rank, coins, gems| format!("rank {rank}: {coins} coins, {gems} gems");
        let ranking = tournaments::rank(tx, tournament)?;
        let mut prizes: BTreeMap<String, [String; 2]> = BTreeMap::new();
        for (rank, player, tier) in ranking.winners(&tournament.prizes) {
            prizes.entry(player.to_string()).or_default()[1] = text(rank, tier.coins, tier.gems);
        }
        let kept = list(tx, sql!("prize/kept"), [&*tournament.id], |row| {
            let prize = text(rows::count(row, 1)?, row.get(2)?, row.get(3)?);
            Ok((row.get::<_, String>(0)?, prize))
        })?;
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

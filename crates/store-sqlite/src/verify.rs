//! Recomputes all derived state from the raw events and compares.
//!
//! It runs on a connection of its own, which only reads the database. Temporary tables of the same
//! names stand before the real ones there, so the fold is written by the very code that wrote the
//! real ones, but in other portions and another order.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, params};
use scoreline_core::fold::{FINE_GRAIN_MS, Figure, Layer, Plan};
use scoreline_core::limits::SCAN_EVENTS;
use scoreline_core::store::{EventFilter, Progress, Result, VerifyReport, VerifyStore};
use scoreline_core::tournament::Tournament;
use scoreline_core::verify::{Findings, Recomputing};

use crate::changes::Writer;
use crate::error::translate;
use crate::numbers::PlayerNumbers;
use crate::statement::{carry_out, each, execute, list, only, sql, view};
use crate::store::SqliteStore;
use crate::{open, scanning, state, tournaments};

/// Memory for pages of the temporary tables, in KiB.
const SCRATCH_CACHE_KIB: i64 = 32 * 1024;
/// The tables that the fold is written to.
const DERIVED_TABLES: [&str; 5] =
    ["board_entries", "player_state", "figures", "figure_players", "analytics_counters"];

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
            plan.check_present(state::plan_version(&tx)?)?;
            let mut findings = Findings::new(list);
            // This comes before the scratch tables hide the real boards.
            for tournament in plan.tournaments.iter().filter(|one| one.closed_at.is_some()) {
                compare_prizes(&mut findings, &tx, tournament)?;
            }
            make_scratch(&tx, &plan)?;
            let events = recompute(&tx, &plan, &*progress)?;
            findings.compare_counts(events, only(&tx, sql!("verify/counts"), ())?);
            compare_projections(&mut findings, &tx, &plan)?;
            Ok(findings.report())
        })
        .await
    }
}

/// Makes the temporary tables and puts the baselines in.
fn make_scratch(tx: &Connection, plan: &Plan) -> Result<()> {
    tx.pragma_update(Some("temp"), "cache_size", -SCRATCH_CACHE_KIB).map_err(translate)?;
    for table in DERIVED_TABLES {
        let real: String = only(tx, sql!("verify/definition_of_table"), [table])?;
        let scratch = real.replacen("CREATE TABLE", "CREATE TEMP TABLE", 1);
        tx.execute_batch(&scratch).map_err(translate)?;
    }
    tx.execute_batch(sql!("verify/compared_table")).map_err(translate)?;
    for projection in &plan.projections {
        carry_out(tx, projection.kind.copies(projection.baseline(), projection.slot))?;
    }
    Ok(())
}

fn recompute(
    tx: &Connection,
    plan: &Plan,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<u64> {
    let [total, ..]: [i64; 7] = only(tx, sql!("verify/counts"), ())?;
    let (mut writer, mut numbers) = (Writer::new(tx)?, PlayerNumbers::new(tx)?);
    let mut fold = Recomputing::new(total.unsigned_abs(), progress);
    while let Some(after) = fold.next() {
        let portion = scanning::scan(tx, &EventFilter::default(), after, SCAN_EVENTS)?.rows;
        let events = fold.take(portion);
        writer.write(&mut numbers, &plan.fold_stored(&events, Layer::Recompute)?)?;
        fold.pass(events.len());
    }
    Ok(fold.events())
}

fn compare_projections(findings: &mut Findings, tx: &Connection, plan: &Plan) -> Result<()> {
    let compared = findings.choose(plan);
    for slot in compared.keys() {
        execute(tx, sql!("verify/compare"), [slot.0])?;
    }
    let (fine_from, coarse_from): (i64, i64) = only(tx, sql!("verify/figures_from"), ())?;
    let figures = params![FINE_GRAIN_MS, fine_from, coarse_from];
    for (sql, values) in [
        (sql!("verify/count_board"), params![]),
        (sql!("verify/count_statistics"), params![]),
        (sql!("verify/count_analytics"), params![]),
        (sql!("verify/count_figures"), figures),
    ] {
        findings.note_rows(only(tx, sql, values)?);
    }
    for sql in [sql!("verify/board_stored"), sql!("verify/board_missing")] {
        each(tx, sql, params![], |(board, player, stored, recomputed)| {
            findings.compare_board(&compared, board, &player, stored, recomputed);
        })?;
    }
    for sql in [
        sql!("verify/analytics_stored"),
        sql!("verify/analytics_missing"),
        sql!("verify/counters_stored"),
        sql!("verify/counters_missing"),
    ] {
        each(tx, sql, params![], |row| findings.note_analytics(&compared, row))?;
    }
    each(tx, sql!("verify/statistics"), (), |(player, stored, recomputed)| {
        findings.compare_statistics(&compared, &player, &stored, &recomputed);
    })?;
    for sql in [sql!("verify/figures_stored"), sql!("verify/figures_missing")] {
        each(
            tx,
            sql,
            figures,
            |(key, stored, recomputed): (_, Option<Figure>, Option<Figure>)| {
                findings.compare_figure(&compared, &key, stored.as_ref(), recomputed.as_ref());
            },
        )?;
    }
    Ok(())
}

/// The prizes of a closed tournament follow from its standings.
fn compare_prizes(findings: &mut Findings, tx: &Connection, tournament: &Tournament) -> Result<()> {
    let kept = list(tx, sql!("prize/kept"), params![&*tournament.id, tournament.slot.0])?;
    findings.compare_prizes(tournament, &tournaments::rank(tx, tournament)?, kept);
    Ok(())
}

//! Recomputes all derived state from the raw events and compares.
//!
//! It runs on a connection of its own, which only reads the database. Temporary tables of the same
//! names stand before the real ones there, so the fold is written by the very code that wrote the
//! real ones, but in other portions and another order.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, params};
use scoreline_core::fold::{FINE_GRAIN_MS, FigureKey, Layer, Plan};
use scoreline_core::id::Slot;
use scoreline_core::limits::SCAN_EVENTS;
use scoreline_core::store::{EventFilter, Progress, Result, VerifyReport, VerifyStore};
use scoreline_core::tournament::{Tournament, winners};
use scoreline_core::verify::{Findings, Recount, Won};

use crate::changes::Writer;
use crate::error::translate;
use crate::statement::{each, execute, list, only, sql, view};
use crate::store::SqliteStore;
use crate::{events, filling, open, rows, state, tournaments};

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
            plan.check_present(state::plan_version(&tx)?)?;
            let mut findings = Findings::new(list);
            // This comes before the scratch tables hide the real boards.
            for tournament in plan.tournaments.iter().filter(|one| one.closed_at.is_some()) {
                compare_prizes(&mut findings, &tx, tournament)?;
            }
            make_scratch(&tx, &plan)?;
            let events = recompute(&tx, &plan, &*progress)?;
            findings.note_events(events);
            findings.compare_counts(&recount(&tx, events)?);
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
        let chunk = events::scan(tx, &EventFilter::default(), after.as_ref(), SCAN_EVENTS)?;
        let Some(last) = chunk.last() else { break };
        after = Some(last.position.clone());
        writer.write(&plan.fold_stored(&chunk, Layer::Recompute)?)?;
        done += chunk.len() as u64;
        progress(Progress { done, total: total.max(done), finished: false });
    }
    progress(Progress { done, total: done, finished: true });
    Ok(done)
}

/// The counts that are kept as they change, each beside a new count.
fn recount(tx: &Connection, events: u64) -> Result<[Recount; 3]> {
    only(tx, sql!("verify/counts"), (), |row| {
        Ok([
            Recount { name: "applied", kept: row.get(0)?, counted: events.cast_signed() },
            Recount { name: "dead", kept: row.get(1)?, counted: row.get(3)? },
            Recount { name: "quarantined", kept: row.get(2)?, counted: row.get(4)? },
        ])
    })
}

fn compare_projections(findings: &mut Findings, tx: &Connection, plan: &Plan) -> Result<()> {
    let compared = findings.choose(plan);
    for slot in compared.keys() {
        execute(tx, sql!("verify/compare"), [slot.0])?;
    }
    let (fine_from, coarse_from): (i64, i64) =
        only(tx, sql!("verify/figures_from"), (), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let figures = params![FINE_GRAIN_MS, fine_from, coarse_from];
    for (sql, values) in [
        (sql!("verify/count_board"), params![]),
        (sql!("verify/count_statistics"), params![]),
        (sql!("verify/count_figures"), figures),
    ] {
        findings.note_rows(only(tx, sql, values, |row| rows::count(row, 0))?);
    }
    for sql in [sql!("verify/board_stored"), sql!("verify/board_missing")] {
        each(tx, sql, params![], |row| {
            let projection = compared[&Slot(row.get(0)?)];
            findings.note_row(projection, row.get(1)?, row.get(2)?, row.get(3)?);
            Ok(())
        })?;
    }
    each(tx, sql!("verify/statistics"), (), |row| {
        let (stored, recomputed) = (rows::statistics(row, 1)?, rows::statistics(row, 3)?);
        findings.compare_statistics(&compared, &rows::player(row, 0)?, &stored, &recomputed);
        Ok(())
    })?;
    for sql in [sql!("verify/figures_stored"), sql!("verify/figures_missing")] {
        each(tx, sql, figures, |row| {
            let key = FigureKey {
                slot: Slot(row.get(0)?),
                grain_ms: row.get(1)?,
                start: rows::time(row, 2)?,
                event_type: rows::text(row, 3)?,
            };
            let (stored, recomputed) = (rows::maybe_figure(row, 4)?, rows::maybe_figure(row, 9)?);
            let projection = compared[&key.slot];
            findings.compare_figure(projection, &key, stored.as_ref(), recomputed.as_ref());
            Ok(())
        })?;
    }
    Ok(())
}

/// The prizes of a closed tournament follow from its standings.
fn compare_prizes(findings: &mut Findings, tx: &Connection, tournament: &Tournament) -> Result<()> {
    let ranking = tournaments::rank(tx, tournament)?;
    let due = winners(&tournament.prizes, &ranking.best).map(|(rank, player, tier)| Won {
        player: player.clone(),
        rank,
        coins: tier.coins,
        gems: tier.gems,
    });
    let kept = list(tx, sql!("prize/kept"), [&*tournament.id], |row| {
        let (player, rank) = (rows::player(row, 0)?, rows::count(row, 1)?);
        Ok(Won { player, rank, coins: row.get(2)?, gems: row.get(3)? })
    })?;
    findings.compare_prizes(&tournament.id, kept, due);
    Ok(())
}

//! Events that do not count, and a player's state without them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rusqlite::{Connection, params};
use scoreline_core::audit::Act;
use scoreline_core::feed;
use scoreline_core::fold::{Plan, PlayerRow, PlayerRows, PlayerStatistics, Rewrite};
use scoreline_core::id::{BoardKey, PlayerId, Slot};
use scoreline_core::store::{EventFilter, Result, ScanPosition, StoredEvent};
use scoreline_core::void::{Voided, Voiding};
use serde_json::json;
use uuid::Uuid;

use crate::statement::{bind, execute, first, list, only, sql};
use crate::telling::Telling;
use crate::{audit, events, state, voided};

/// Makes events not count, or count again.
pub(crate) fn void(
    tx: &Telling<'_>,
    plan: &Arc<Plan>,
    player: &PlayerId,
    voiding: &Voiding,
    act: Act,
) -> Result<Voided> {
    let begun = state::begun(tx)?;
    plan.check_present(begun.plan_version)?;
    let mut stored = events_of(tx, player)?;
    let marked: Vec<Uuid> = list(tx, sql!("void/marked"), [player.as_str()])?;
    let marked: BTreeSet<Uuid> = marked.into_iter().collect();
    let changing = voiding.changing(stored.iter().map(|one| &one.event), &marked);
    let outcome = Voided { matched: changing.matched, changed: changing.ids.len() as u64 };
    if voiding.dry_run || changing.ids.is_empty() {
        return Ok(outcome);
    }
    // Later than any other act: spans of time do not touch.
    let at = state::stamp(tx, act.at.max(begun.last_stamp.plus_ms(1)))?;
    let sql = if voiding.void { sql!("void/begin") } else { sql!("void/end") };
    for id in &changing.ids {
        execute(tx, sql, params![player.as_str(), id.as_bytes(), at.as_ms()])?;
    }
    voided::attach(tx, &mut stored)?;
    refold(tx, plan, player, &stored)?;
    execute(tx, sql!("state/note_act"), ())?;
    let is = json!({ "voided": voiding.void, "events": outcome.changed });
    audit::note(tx, &act.changed(Some(&json!({ "voided": !voiding.void })), Some(&is)))?;
    Ok(outcome)
}

/// All stored events of a player.
pub(crate) fn events_of(tx: &Connection, player: &PlayerId) -> Result<Vec<StoredEvent>> {
    let filter = EventFilter { player: Some(player.clone()), ..EventFilter::default() };
    events::scan(tx, &filter, None, usize::MAX)
}

/// Brings a player's state to what the events say, and tells of it.
fn refold(tx: &Telling<'_>, plan: &Plan, player: &PlayerId, stored: &[StoredEvent]) -> Result<()> {
    let rows = rows_of(tx, plan, player)?;
    let rewrite = plan.refold_stored(&rows, stored, &passed(tx, plan)?)?;
    write(tx, player, &rewrite)?;
    tx.tell(feed::entries(rewrite.updates(player)));
    Ok(())
}

fn rows_of(tx: &Connection, plan: &Plan, player: &PlayerId) -> Result<PlayerRows> {
    let slots: Vec<i64> = plan.refolded_slots().into_iter().map(|slot| slot.0).collect();
    let boards: Vec<(BoardKey, PlayerRow)> =
        list(tx, sql!("board/of_player"), params![json(&slots), player.as_str()])?;
    let statistics: Option<PlayerStatistics> =
        first(tx, sql!("statistic/read"), [player.as_str()])?;
    Ok(PlayerRows::of(plan, boards, statistics.unwrap_or_default()))
}

/// How far the scans have come that fill projections.
fn passed(tx: &Connection, plan: &Plan) -> Result<BTreeMap<Slot, ScanPosition>> {
    let mut passed = BTreeMap::new();
    for projection in &plan.projections {
        let Some(filling) = projection.filling else { continue };
        let position: Option<ScanPosition> =
            only(tx, sql!("projection/passed"), [projection.no.0])?;
        passed.extend(position.map(|position| (filling.slot, position)));
    }
    Ok(passed)
}

fn write(tx: &Connection, player: &PlayerId, rewrite: &Rewrite) -> Result<()> {
    for (board, row) in &rewrite.boards {
        execute(tx, sql!("board/put"), bind(row.put(*board, player)))?;
    }
    let Some(statistics) = &rewrite.statistics else { return Ok(()) };
    if statistics.is_empty() {
        return execute(tx, sql!("statistic/remove"), [player.as_str()]).map(drop);
    }
    let (slots, amounts): (Vec<i64>, Vec<i64>) =
        statistics.iter().map(|(slot, amount)| (slot.0, amount)).unzip();
    let values = params![player.as_str(), json(&slots), json(&amounts)];
    execute(tx, sql!("statistic/replace"), values).map(drop)
}

fn json(numbers: &[i64]) -> String {
    serde_json::to_string(numbers).expect("numbers are plain data")
}

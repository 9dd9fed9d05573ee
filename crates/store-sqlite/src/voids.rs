//! Events that do not count, and a player's state without them.

use std::sync::Arc;

use rusqlite::{Connection, params};
use scoreline_core::audit::Act;
use scoreline_core::feed;
use scoreline_core::fold::{FiguresFrom, Plan, PlayerRows, PlayerStatistics, Turned};
use scoreline_core::id::PlayerId;
use scoreline_core::store::{EventFilter, Result, StoredEvent};
use scoreline_core::void::{Voided, Voiding};

use crate::changes::Writer;
use crate::statement::{carry_out, execute, first, json, list, only, sql};
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
    let marked = list(tx, sql!("void/marked"), [player.as_str()])?;
    let events = stored.iter().map(|one| &one.event);
    let changing = voiding.changing(events, marked, act, begun.last_stamp);
    if changing.ids.is_empty() {
        return Ok(changing.outcome);
    }
    let at = state::stamp(tx, changing.at)?;
    let sql = if voiding.void { sql!("void/begin") } else { sql!("void/end") };
    for id in &changing.ids {
        execute(tx, sql, params![player.as_str(), id.as_bytes(), at.as_ms()])?;
    }
    voided::attach(tx, &mut stored)?;
    let turned = Turned { ids: changing.ids.into_iter().collect(), void: voiding.void };
    refold(tx, plan, player, &stored, turned)?;
    execute(tx, sql!("state/note_act"), ())?;
    audit::note(tx, &changing.audited)?;
    Ok(changing.outcome)
}

/// All stored events of a player.
pub(crate) fn events_of(tx: &Connection, player: &PlayerId) -> Result<Vec<StoredEvent>> {
    events::scan(tx, &EventFilter::of_player(player), None, usize::MAX)
}

/// Brings a player's state to what the events say, and tells of it.
fn refold(
    tx: &Telling<'_>,
    plan: &Plan,
    player: &PlayerId,
    stored: &[StoredEvent],
    turned: Turned,
) -> Result<()> {
    let rows = rows_of(tx, plan, player)?;
    let (fine, coarse) = only(tx, sql!("verify/figures_from"), ())?;
    let from = FiguresFrom { fine, coarse };
    let passed = list(tx, sql!("projection/fills"), ())?;
    let rewrite = plan.refold_stored(&rows, stored, passed, turned, from)?;
    carry_out(tx, rewrite.orders(player))?;
    Writer::new(tx)?.rewrite(player, &rewrite)?;
    tx.tell(feed::entries(rewrite.updates(player)));
    Ok(())
}

fn rows_of(tx: &Connection, plan: &Plan, player: &PlayerId) -> Result<PlayerRows> {
    let slots = json(&plan.refolded_slots());
    let boards = list(tx, sql!("board/of_player"), params![slots, player.as_str()])?;
    let statistics: Option<PlayerStatistics> =
        first(tx, sql!("statistic/read"), [player.as_str()])?;
    let slots = json(&plan.refolded_parts());
    let parts = list(tx, sql!("analytics/of_player"), params![slots, player.as_str()])?;
    Ok(PlayerRows::of(plan, boards, statistics.unwrap_or_default(), parts))
}

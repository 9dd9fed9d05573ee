//! Events that do not count, and a player's state without them.

use std::sync::Arc;

use rusqlite::{Connection, params};
use scoreline_core::audit::Act;
use scoreline_core::feed;
use scoreline_core::fold::{FiguresFrom, Plan, PlayerRows, PlayerStatistics, Turned};
use scoreline_core::id::PlayerId;
use scoreline_core::limits::SCAN_EVENTS;
use scoreline_core::store::{EventFilter, Result, ScanPosition, StoredEvent};
use scoreline_core::void::{Voided, Voiding};

use crate::changes::Writer;
use crate::statement::{carry_out, execute, first, json, list, only, sql};
use crate::telling::Telling;
use crate::{audit, events, state, tombstones, voided};

/// All events of a player, read before the transaction that needs them: meanwhile others write.
pub(crate) struct Beforehand {
    stored: Vec<StoredEvent>,
    rewritten: [i64; 2],
}

impl Beforehand {
    /// Reads them.
    pub fn read(connection: &Connection, player: &PlayerId) -> Result<Self> {
        let rewritten = only(connection, sql!("state/rewritten"), ())?;
        Ok(Self { stored: events_of(connection, player, None)?, rewritten })
    }

    /// All of them as they are now: what was applied since lies behind. Where events may have been removed, or
    /// an act has come in between, all are read again.
    fn now(self, tx: &Connection, player: &PlayerId) -> Result<Vec<StoredEvent>> {
        let Self { mut stored, rewritten } = self;
        if only::<[i64; 2]>(tx, sql!("state/rewritten"), ())? != rewritten {
            stored.clear();
        }
        let after = stored.last().map(|last| last.position.clone());
        stored.extend(events_of(tx, player, after.as_ref())?);
        Ok(stored)
    }
}

/// Makes events not count, or count again.
pub(crate) fn void(
    tx: &Telling<'_>,
    beforehand: Beforehand,
    plan: &Arc<Plan>,
    player: &PlayerId,
    voiding: &Voiding,
    act: Act,
) -> Result<Voided> {
    let begun = state::begun(tx)?;
    plan.check_present(begun.plan_version)?;
    tombstones::refuse_erased(tx, player)?;
    let mut stored = beforehand.now(tx, player)?;
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
    voided::attach_of(tx, player, &mut stored)?;
    let turned = Turned { ids: changing.ids.into_iter().collect(), void: voiding.void };
    refold(tx, plan, player, &stored, turned)?;
    execute(tx, sql!("state/note_act"), ())?;
    audit::note(tx, &changing.audited)?;
    Ok(changing.outcome)
}

/// The stored events of a player that were applied after one of them.
fn events_of(
    connection: &Connection,
    player: &PlayerId,
    after: Option<&ScanPosition>,
) -> Result<Vec<StoredEvent>> {
    let filter = EventFilter::of_player(player);
    let mut all: Vec<StoredEvent> = Vec::new();
    let mut after = after.cloned();
    loop {
        let more = events::scan(connection, &filter, after.as_ref(), SCAN_EVENTS)?;
        all.extend(more.rows);
        if !more.is_cut {
            return Ok(all);
        }
        after = all.last().map(|last| last.position.clone());
    }
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

/// Reads a player's rows.
pub(crate) fn rows_of(tx: &Connection, plan: &Plan, player: &PlayerId) -> Result<PlayerRows> {
    let slots = json(&plan.refolded_slots());
    let boards = list(tx, sql!("board/of_player"), params![slots, player.as_str()])?;
    let statistics: Option<PlayerStatistics> =
        first(tx, sql!("statistic/read"), [player.as_str()])?;
    let slots = json(&plan.refolded_parts());
    let parts = list(tx, sql!("analytics/of_player"), params![slots, player.as_str()])?;
    Ok(PlayerRows::of(plan, boards, statistics.unwrap_or_default(), parts))
}

//! Events that count as of an earlier receipt than the one that is kept.

use rusqlite::{Connection, params};
use scoreline_core::event::Event;
use scoreline_core::fold::Plan;
use scoreline_core::id::PlayerId;
use scoreline_core::rank::Update;
use scoreline_core::store::{Forwarded, Result, StoredEvent};

use crate::statement::{carry_out, execute, sql};
use crate::voids;

/// Lets stored events of a player count as of the receipts of these copies, where those are earlier. Answers the
/// entries that follow.
pub(crate) fn bring_forward(
    tx: &Connection,
    plan: &Plan,
    player: &PlayerId,
    copies: &[&Event],
) -> Result<Vec<Update>> {
    let stored = voids::events_of(tx, player, None)?;
    let kept = voids::kept(tx, plan, player, stored)?;
    let Some(forward) = plan.bring_forward(copies, kept)? else { return Ok(Vec::new()) };
    put(tx, player, &forward.moved)?;
    carry_out(tx, forward.receipts(player))?;
    // Whoever has read the events before reads them again.
    execute(tx, sql!("state/note_act"), ())?;
    voids::put(tx, player, &forward.rewrite)
}

/// Writes down as of when events of a player count.
pub(crate) fn put(tx: &Connection, player: &PlayerId, moved: &[Forwarded]) -> Result<()> {
    for Forwarded { after: StoredEvent { event, .. }, .. } in moved {
        let (received_at, counted_at) = (event.received_at.as_ms(), event.stored_counted_at());
        let values = params![player.as_str(), event.id.as_bytes(), received_at, counted_at];
        execute(tx, sql!("event/bring_forward"), values)?;
    }
    Ok(())
}

//! Events that could not be applied.

use rusqlite::{Connection, params};
use scoreline_core::event::Event;
use scoreline_core::event::recognise::BesideDead;
use scoreline_core::store::Result;
use scoreline_core::time::Timestamp;

use crate::statement::{bind, first, only, sql};

/// Puts an event among the dead, where its key is free or held by the same event. Answers whether it
/// was not there before.
pub(crate) fn put(
    tx: &Connection,
    event: &Event,
    reason: &str,
    died_at: Timestamp,
) -> Result<bool> {
    let values = bind(event.dying(reason, died_at));
    let attempts: i64 = only(tx, sql!("dead/put"), values)?;
    Ok(attempts == 1)
}

/// These events beside the dead that hold their keys.
pub(crate) fn beside(tx: &Connection, events: &[&Event]) -> Result<BesideDead> {
    let mut dead: Vec<(usize, Event)> = Vec::new();
    for (place, event) in events.iter().enumerate() {
        let key = params![event.player.as_str(), event.id.as_bytes(), event.content.0];
        dead.extend(first(tx, sql!("dead/kept"), key)?.map(|kept| (place, kept)));
    }
    Ok(BesideDead::of(events, dead))
}

/// Takes an event that is applied now out of the dead. Answers whether it was waiting there.
pub(crate) fn leave(tx: &Connection, event: &Event) -> Result<bool> {
    let key = params![event.player.as_str(), event.id.as_bytes()];
    let discarded_at: Option<Option<Timestamp>> = first(tx, sql!("dead/leave"), key)?;
    Ok(discarded_at == Some(None))
}

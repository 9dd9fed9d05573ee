//! Which events do not count, as stores read it beside the events.

use std::collections::HashMap;

use rusqlite::{Connection, params};
use scoreline_core::event::Event;
use scoreline_core::id::{EventKey, PlayerId};
use scoreline_core::store::{Result, StoredEvent, attach_voids};
use scoreline_core::void::Voids;

use crate::statement::{list, only, sql};

/// Says of stored events when they did not count.
pub(crate) fn attach(connection: &Connection, stored: &mut [StoredEvent]) -> Result<()> {
    if stored.is_empty() || !only::<bool>(connection, sql!("void/any"), ())? {
        return Ok(());
    }
    for one in stored {
        one.voids = of(connection, &one.event)?;
    }
    Ok(())
}

/// Says of all events of one player when they did not count.
pub(crate) fn attach_of(
    connection: &Connection,
    player: &PlayerId,
    stored: &mut [StoredEvent],
) -> Result<()> {
    attach_voids(stored, list(connection, sql!("void/of_player"), [player.as_str()])?);
    Ok(())
}

/// Those of some events that do not count.
pub(crate) fn in_force(
    connection: &Connection,
    events: &[&Event],
) -> Result<HashMap<EventKey, Voids>> {
    let mut voided = HashMap::new();
    for event in events {
        let voids = of(connection, event)?;
        if voids.are_in_force() {
            voided.insert(event.key(), voids);
        }
    }
    Ok(voided)
}

fn of(connection: &Connection, event: &Event) -> Result<Voids> {
    let key = params![event.player.as_str(), event.id.as_bytes()];
    list(connection, sql!("void/of_event"), key).map(Voids::of)
}

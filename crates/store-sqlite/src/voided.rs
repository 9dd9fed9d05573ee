//! Which events do not count, as stores read it beside the events.

use std::collections::HashMap;

use rusqlite::{Connection, params};
use scoreline_core::event::Event;
use scoreline_core::id::{EventKey, PlayerId};
use scoreline_core::store::{Result, StoredEvent};
use scoreline_core::void::{Span, Voids};
use uuid::Uuid;

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
    let found: Vec<(Uuid, Span)> = list(connection, sql!("void/of_player"), [player.as_str()])?;
    let mut spans: HashMap<Uuid, Vec<Span>> = HashMap::new();
    for (id, span) in found {
        spans.entry(id).or_default().push(span);
    }
    for one in stored {
        one.voids = Voids::of(spans.remove(&one.event.id).unwrap_or_default());
    }
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

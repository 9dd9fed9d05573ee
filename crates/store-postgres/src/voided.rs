//! Which events do not count, as stores read it beside the events.

use std::collections::HashMap;

use scoreline_core::event::Event;
use scoreline_core::id::EventKey;
use scoreline_core::store::{Result, StoredEvent};
use scoreline_core::void::{Span, Voids};
use uuid::Uuid;

use crate::rows;
use crate::session::{Session, sql};
use crate::value::values;

/// Says of stored events when they did not count.
pub(crate) async fn attach(session: &Session, stored: &mut [StoredEvent]) -> Result<()> {
    if stored.is_empty() || !session.only(sql!("void/any"), values![], rows::read::<bool>).await? {
        return Ok(());
    }
    let mut found = of(session, stored.iter().map(|one| &one.event)).await?;
    for (place, one) in stored.iter_mut().enumerate() {
        one.voids = Voids::of(found.remove(&place).unwrap_or_default());
    }
    Ok(())
}

/// Those of some events that do not count.
pub(crate) async fn in_force(
    session: &Session,
    events: &[&Event],
) -> Result<HashMap<EventKey, Voids>> {
    let found = of(session, events.iter().copied()).await?.into_iter();
    let voids = found.map(|(place, spans)| (events[place].key(), Voids::of(spans)));
    Ok(voids.filter(|(_, voids)| voids.are_in_force()).collect())
}

/// When some events did not count, by their places.
async fn of<'e>(
    session: &Session,
    events: impl Iterator<Item = &'e Event>,
) -> Result<HashMap<usize, Vec<Span>>> {
    let (players, ids): (Vec<&str>, Vec<Uuid>) =
        events.map(|event| (event.player.as_str(), event.id)).unzip();
    let found: Vec<(usize, Span)> =
        session.list(sql!("void/of_events"), values![players, ids], rows::placed).await?;
    let mut spans: HashMap<usize, Vec<Span>> = HashMap::new();
    for (place, span) in found {
        spans.entry(place).or_default().push(span);
    }
    Ok(spans)
}

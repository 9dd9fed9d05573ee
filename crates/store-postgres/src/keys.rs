//! The keys of events: who takes one, whose it is, and that it is free again.
//!
//! An event lies in the day of its key time. Where the id holds that time, its repetitions are in the
//! same day, and the day's index keeps them out. Where it holds none, or one that lies ahead, a table of
//! keys does, which leads to the day in which the event was received.

use std::collections::HashSet;

use scoreline_core::event::Event;
use scoreline_core::event::key_time::{Place, place, time_of};
use scoreline_core::event::recognise::KeptEvent;
use scoreline_core::id::EventKey;
use scoreline_core::store::{Forwarded, Result, StoreError, StoredEvent};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

use crate::rows;
use crate::session::{Session, sql, together};
use crate::value::values;

/// An event and where it lies.
type Placed<'e> = (&'e Event, Place);

fn placed(event: &Event, applied_at: Timestamp) -> Placed<'_> {
    (event, place(event.id, event.received_at, applied_at))
}

/// Stores those of the events, given in the order of their keys, whose keys are free. Answers their
/// keys.
pub(crate) async fn insert(
    tx: &Session,
    events: &[&Event],
    applied_at: Timestamp,
) -> Result<HashSet<EventKey>> {
    let placed: Vec<Placed<'_>> = events.iter().map(|event| placed(event, applied_at)).collect();
    let noted = placed.iter().filter(|(_, place)| place.is_noted).copied().collect();
    let taken = take(tx, noted).await?;
    let is_free = |(event, place): &Placed<'_>| !place.is_noted || taken.contains(&event.key());
    let free: Vec<Placed<'_>> = placed.into_iter().filter(is_free).collect();
    if free.is_empty() {
        return Ok(HashSet::new());
    }
    let columns = EventColumns::of(&free);
    let EventColumns { key_times, noted, players, ids, times, types, .. } = columns;
    let EventColumns { received, counted, contents, payloads, .. } = columns;
    let values = values![
        key_times,
        players,
        ids,
        times,
        types,
        received,
        counted,
        contents,
        payloads,
        applied_at.as_ms(),
        noted,
    ];
    let inserted = tx.list(sql!("event/insert"), values, rows::read).await?;
    Ok(inserted.into_iter().collect())
}

/// Takes the keys of events that are noted. Answers those that were free.
async fn take(tx: &Session, events: Vec<Placed<'_>>) -> Result<HashSet<EventKey>> {
    if events.is_empty() {
        return Ok(HashSet::new());
    }
    let EventColumns { players, ids, key_times, .. } = EventColumns::of(&events);
    let values = values![players, ids, key_times];
    let taken = tx.list(sql!("event/take_key"), values, rows::read).await?;
    Ok(taken.into_iter().collect())
}

/// What the stored events say that hold the keys of these events, by the events' places.
pub(crate) async fn kept(tx: &Session, events: &[&Event]) -> Result<Vec<(usize, KeptEvent)>> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let (players, ids): (Vec<&str>, Vec<Uuid>) =
        events.iter().map(|event| (event.player.as_str(), event.id)).unzip();
    let contents: Vec<i64> = events.iter().map(|event| event.content.0).collect();
    let times: Vec<Option<i64>> =
        events.iter().map(|event| time_of(event.id).map(Timestamp::as_ms)).collect();
    let values = values![times, players, ids, contents];
    tx.list(sql!("event/kept"), values, rows::placed).await
}

/// Lets stored events count as of other receipts.
pub(crate) async fn bring_forward(tx: &Session, moved: &[Forwarded]) -> Result<()> {
    if moved.is_empty() {
        return Ok(());
    }
    let columns = |of: fn(&Forwarded) -> &StoredEvent| {
        let stored = moved.iter().map(of);
        let placed: Vec<_> = stored.map(|one| placed(&one.event, one.applied_at)).collect();
        EventColumns::of(&placed)
    };
    let EventColumns { key_times: known, .. } = columns(|one| &one.before);
    let EventColumns { key_times, players, ids, received, counted, .. } = columns(|one| &one.after);
    let values = values![known, players, ids, received, counted, key_times];
    // Those that are not noted have no row among the keys.
    let (found, _) = together(
        tx.execute(sql!("event/bring_forward"), values),
        tx.execute(sql!("event/move_key"), values![players, ids, key_times]),
    )
    .await?;
    if found < moved.len() as u64 {
        return Err(StoreError::LostRace("events were removed meanwhile".to_owned()));
    }
    Ok(())
}

/// Removes stored events, whose keys are free again.
pub(crate) async fn remove(tx: &Session, events: &[StoredEvent]) -> Result<()> {
    let placed: Vec<Placed<'_>> =
        events.iter().map(|stored| placed(&stored.event, stored.applied_at)).collect();
    let EventColumns { key_times, players, ids, .. } = EventColumns::of(&placed);
    tx.execute(sql!("event/remove"), values![key_times, players, ids]).await?;
    // Also of those that are not noted: a repetition that another node's clock saw ahead may have noted one.
    tx.execute(sql!("event/free_key"), values![players, ids]).await.map(drop)
}

/// Events, a list a column.
struct EventColumns<'e> {
    key_times: Vec<i64>,
    noted: Vec<bool>,
    players: Vec<&'e str>,
    ids: Vec<Uuid>,
    times: Vec<i64>,
    types: Vec<&'e str>,
    received: Vec<i64>,
    counted: Vec<Option<i64>>,
    contents: Vec<i64>,
    payloads: Vec<&'e str>,
}

impl<'e> EventColumns<'e> {
    fn of(placed: &[Placed<'e>]) -> Self {
        let events: Vec<&'e Event> = placed.iter().map(|(event, _)| *event).collect();
        Self {
            key_times: placed.iter().map(|(_, place)| place.key_time.as_ms()).collect(),
            noted: placed.iter().map(|(_, place)| place.is_noted).collect(),
            players: events.iter().map(|event| event.player.as_str()).collect(),
            ids: events.iter().map(|event| event.id).collect(),
            times: events.iter().map(|event| event.time.as_ms()).collect(),
            types: events.iter().map(|event| &*event.event_type).collect(),
            received: events.iter().map(|event| event.received_at.as_ms()).collect(),
            counted: events.iter().map(|event| event.stored_counted_at()).collect(),
            contents: events.iter().map(|event| event.content.0).collect(),
            payloads: events.iter().map(|event| &*event.payload).collect(),
        }
    }
}

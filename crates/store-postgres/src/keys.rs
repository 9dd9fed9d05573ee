//! The keys of events: who takes one, whose it is, and that it is free again.
//!
//! An event lies in the day of its key time. Where the id holds that time, its repetitions are in the
//! same day, and the day's index keeps them out. Where it holds none, a table of keys does, which
//! leads to the day in which the event was received.

use std::collections::HashSet;

use scoreline_core::event::Event;
use scoreline_core::event::key_time::{key_time, time_of};
use scoreline_core::event::recognise::KeptEvent;
use scoreline_core::id::EventKey;
use scoreline_core::store::Result;
use scoreline_core::time::Timestamp;
use uuid::Uuid;

use crate::rows;
use crate::session::{Session, sql};
use crate::value::values;

fn is_timeless(event: &Event) -> bool {
    time_of(event.id).is_none()
}

/// Stores those of the events, given in the order of their keys, whose keys are free. Answers their
/// keys.
pub(crate) async fn insert(
    tx: &Session,
    events: &[&Event],
    applied_at: Timestamp,
) -> Result<HashSet<EventKey>> {
    let timeless: Vec<&Event> = events.iter().copied().filter(|one| is_timeless(one)).collect();
    let taken = take(tx, &timeless).await?;
    let free = |event: &Event| !is_timeless(event) || taken.contains(&event.key());
    let free: Vec<&Event> = events.iter().copied().filter(|event| free(event)).collect();
    if free.is_empty() {
        return Ok(HashSet::new());
    }
    let columns = EventColumns::of(&free);
    let EventColumns { key_times, players, ids, times, types, .. } = columns;
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
    ];
    let inserted = tx.list(sql!("event/insert"), values, rows::read).await?;
    Ok(inserted.into_iter().collect())
}

/// Takes the keys of events whose ids hold no time. Answers those that were free.
async fn take(tx: &Session, events: &[&Event]) -> Result<HashSet<EventKey>> {
    if events.is_empty() {
        return Ok(HashSet::new());
    }
    let EventColumns { players, ids, key_times, .. } = EventColumns::of(events);
    let values = values![players, ids, key_times];
    let taken = tx.list(sql!("event/take_key"), values, rows::read).await?;
    Ok(taken.into_iter().collect())
}

/// What the stored events say that hold the keys of these events, by the events' places.
pub(crate) async fn kept(tx: &Session, events: &[&Event]) -> Result<Vec<(usize, KeptEvent)>> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let EventColumns { players, ids, contents, .. } = EventColumns::of(events);
    let times: Vec<Option<i64>> =
        events.iter().map(|event| time_of(event.id).map(Timestamp::as_ms)).collect();
    let values = values![times, players, ids, contents];
    tx.list(sql!("event/kept"), values, rows::placed).await
}

/// Removes stored events, whose keys are free again.
pub(crate) async fn remove(tx: &Session, events: &[&Event]) -> Result<()> {
    let EventColumns { key_times, players, ids, .. } = EventColumns::of(events);
    tx.execute(sql!("event/remove"), values![key_times, players, ids]).await?;
    let timeless: Vec<&Event> = events.iter().copied().filter(|one| is_timeless(one)).collect();
    if !timeless.is_empty() {
        let EventColumns { players, ids, .. } = EventColumns::of(&timeless);
        tx.execute(sql!("event/free_key"), values![players, ids]).await?;
    }
    Ok(())
}

/// Events, a list a column.
struct EventColumns<'e> {
    key_times: Vec<i64>,
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
    fn of(events: &[&'e Event]) -> Self {
        let key_time = |event: &&Event| key_time(event.id, event.received_at).as_ms();
        Self {
            key_times: events.iter().map(key_time).collect(),
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

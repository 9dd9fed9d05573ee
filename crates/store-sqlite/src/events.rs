//! Listing stored events.

use rusqlite::{Connection, params};
use scoreline_core::id::{EventKey, PlayerId};
use scoreline_core::store::{EventFilter, Result, StoredEvent};
use scoreline_core::time::Timestamp;

use crate::rows;
use crate::statement::{limit, list, sql};

/// Receipts that a listing of recent events looks through at most.
const RECENT_LOOKED_THROUGH: i64 = 200_000;

/// The key after which a listing starts: as values of a comparison that excludes it.
pub(crate) struct After(i64, Vec<u8>);

impl After {
    /// After this key, but not before this time.
    pub fn new(after: Option<EventKey>, from: Option<Timestamp>) -> Self {
        // No id is empty, so an empty one stands before all ids of its time.
        let from = Self(from.map_or(i64::MIN, Timestamp::as_ms), Vec::new());
        match after {
            Some(key) if key.time.as_ms() >= from.0 => {
                Self(key.time.as_ms(), key.id.as_bytes().to_vec())
            }
            _ => from,
        }
    }

    pub fn time(&self) -> i64 {
        self.0
    }

    pub fn id(&self) -> &[u8] {
        &self.1
    }
}

/// The bound of a time range that may be open, as a value of a comparison.
pub(crate) fn from(bound: Option<Timestamp>) -> i64 {
    bound.map_or(i64::MIN, Timestamp::as_ms)
}

/// The other bound, which is excluded.
pub(crate) fn until(bound: Option<Timestamp>) -> i64 {
    bound.map_or(i64::MAX, Timestamp::as_ms)
}

/// The events last received that fit, newest first.
pub(crate) fn recent(
    connection: &Connection,
    filter: &EventFilter,
    rows: usize,
) -> Result<Vec<StoredEvent>> {
    let (from, until, event_type) = (from(filter.from), until(filter.until), &filter.event_type);
    let rows = limit(rows);
    if let Some(player) = filter.player.as_ref().map(PlayerId::as_str) {
        let values = params![from, until, event_type, rows, player];
        return list(connection, sql!("event/recent_player"), values, rows::stored_event);
    }
    let values = params![from, until, event_type, rows, RECENT_LOOKED_THROUGH];
    list(connection, sql!("event/recent"), values, rows::stored_event)
}

/// Stored events in the order of their keys.
pub(crate) fn scan(
    connection: &Connection,
    filter: &EventFilter,
    after: Option<EventKey>,
    rows: usize,
) -> Result<Vec<StoredEvent>> {
    let after = After::new(after, filter.from);
    let (until, event_type, rows) = (until(filter.until), &filter.event_type, limit(rows));
    if let Some(player) = filter.player.as_ref().map(PlayerId::as_str) {
        let values = params![after.time(), after.id(), until, event_type, rows, player];
        return list(connection, sql!("event/scan_player"), values, rows::stored_event);
    }
    let values = params![after.time(), after.id(), until, event_type, rows];
    list(connection, sql!("event/scan"), values, rows::stored_event)
}

/// The last receipt of all stored events.
pub(crate) fn last_receipt(connection: &Connection) -> Result<Option<Timestamp>> {
    crate::statement::only(connection, sql!("event/last_receipt"), (), |row| {
        rows::maybe_time(row, 0)
    })
}

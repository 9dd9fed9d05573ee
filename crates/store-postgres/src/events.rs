//! Listing stored events.

use scoreline_core::id::{EventKey, PlayerId};
use scoreline_core::store::{EventFilter, Result, StoredEvent};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

use crate::rows::{self, limit};
use crate::session::{Session, sql};
use crate::value::values;

/// Receipts that a listing of recent events looks through at most.
const RECENT_LOOKED_THROUGH: i64 = 200_000;

/// The key after which a listing starts: as values of a comparison that excludes it.
pub(crate) struct After {
    pub time: i64,
    pub id: Uuid,
}

impl After {
    /// After this key, but not before this time.
    pub fn new(after: Option<EventKey>, from: Option<Timestamp>) -> Self {
        // The last key of the millisecond before.
        let from = Self { time: self::from(from).saturating_sub(1), id: Uuid::max() };
        match after {
            Some(key) if key.time.as_ms() > from.time => {
                Self { time: key.time.as_ms(), id: key.id }
            }
            _ => from,
        }
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
pub(crate) async fn recent(
    session: &Session,
    filter: &EventFilter,
    rows: usize,
) -> Result<Vec<StoredEvent>> {
    let (from, until, event_type) = (from(filter.from), until(filter.until), &filter.event_type);
    if let Some(player) = filter.player.as_ref().map(PlayerId::as_str) {
        let values = values![from, until, *event_type, limit(rows), player];
        return session.list(sql!("event/recent_player"), values, rows::stored_event).await;
    }
    let values = values![from, until, *event_type, limit(rows), RECENT_LOOKED_THROUGH];
    session.list(sql!("event/recent"), values, rows::stored_event).await
}

/// Stored events in the order of their keys.
pub(crate) async fn scan(
    session: &Session,
    filter: &EventFilter,
    after: Option<EventKey>,
    rows: usize,
) -> Result<Vec<StoredEvent>> {
    let after = After::new(after, filter.from);
    let (until, event_type) = (until(filter.until), &filter.event_type);
    if let Some(player) = filter.player.as_ref().map(PlayerId::as_str) {
        let values = values![after.time, after.id, until, *event_type, limit(rows), player];
        return session.list(sql!("event/scan_player"), values, rows::stored_event).await;
    }
    let values = values![after.time, after.id, until, *event_type, limit(rows)];
    session.list(sql!("event/scan"), values, rows::stored_event).await
}

/// The last receipt of all stored events.
pub(crate) async fn last_receipt(session: &Session) -> Result<Option<Timestamp>> {
    session.only(sql!("event/last_receipt"), values![], |row| rows::maybe_time(row, 0)).await
}

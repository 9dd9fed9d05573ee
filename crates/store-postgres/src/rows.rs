//! Rows as the domain's types, and back.

use std::borrow::Cow;
use std::sync::Arc;

use scoreline_core::event::Event;
use scoreline_core::fold::{PlayerStatistics, Sketch};
use scoreline_core::id::{EventKey, PlayerId, Slot};
use scoreline_core::rank::{Standing, Version};
use scoreline_core::store::{Result, StoreError, StoredEvent};
use scoreline_core::time::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

/// What stands for U+0000, which PostgreSQL cannot hold.
const NUL_REPLACED: &str = "\u{fffd}";

/// A value out of a column.
pub(crate) fn get<'r, T: FromSql<'r>>(row: &'r Row, column: usize) -> Result<T> {
    row.try_get(column).map_err(damaged)
}

/// A time out of a column.
pub(crate) fn time(row: &Row, column: usize) -> Result<Timestamp> {
    get(row, column).map(Timestamp::from_stored_ms)
}

/// A time out of a column that may be empty.
pub(crate) fn maybe_time(row: &Row, column: usize) -> Result<Option<Timestamp>> {
    let ms: Option<i64> = get(row, column)?;
    Ok(ms.map(Timestamp::from_stored_ms))
}

/// A count or a rank out of a column: never negative.
pub(crate) fn count(row: &Row, column: usize) -> Result<u64> {
    get(row, column).map(i64::unsigned_abs)
}

/// A shared text out of a column.
pub(crate) fn text(row: &Row, column: usize) -> Result<Arc<str>> {
    get::<&str>(row, column).map(Arc::from)
}

/// A player out of a column.
pub(crate) fn player(row: &Row, column: usize) -> Result<PlayerId> {
    get::<&str>(row, column).map(PlayerId::from_stored)
}

/// A standing out of two columns: points, and when they were reached.
pub(crate) fn standing(row: &Row, first: usize) -> Result<Standing> {
    Ok(Standing { points: get(row, first)?, reached_at: time(row, first + 1)? })
}

/// A standing with its version out of three columns: points, when they were reached, and how many
/// events counted.
pub(crate) fn versioned_standing(row: &Row, first: usize) -> Result<(Standing, Version)> {
    Ok((standing(row, first)?, Version(get(row, first + 2)?)))
}

/// The key of an event out of two columns: its time and its id.
pub(crate) fn event_key(row: &Row, first: usize) -> Result<EventKey> {
    Ok(EventKey { time: time(row, first)?, id: get(row, first + 1)? })
}

/// An event out of the columns `event_time, event_id, player_id, event_type, received_at,
/// counted_at, payload`, which are the first of the row.
pub(crate) fn event(row: &Row) -> Result<Event> {
    let key = event_key(row, 0)?;
    let payload = get::<&str>(row, 6).map(Box::from)?;
    let counted_at = maybe_time(row, 5)?.unwrap_or(key.time);
    let (player, event_type) = (player(row, 2)?, text(row, 3)?);
    Ok(Event::from_stored(key, player, event_type, time(row, 4)?, counted_at, payload))
}

/// An event as [`event`] reads it, followed by when it was applied.
pub(crate) fn stored_event(row: &Row) -> Result<StoredEvent> {
    Ok(StoredEvent { event: event(row)?, applied_at: time(row, 7)? })
}

/// The sketch of a figure's players out of a column that may be empty.
pub(crate) fn sketch(row: &Row, column: usize) -> Result<Option<Sketch>> {
    let bytes: Option<&[u8]> = get(row, column)?;
    bytes.map(|bytes| Sketch::from_bytes(bytes).map_err(damaged)).transpose()
}

/// A player's statistics out of two columns: the slots, and the amounts in the same order.
pub(crate) fn statistics(row: &Row, first: usize) -> Result<PlayerStatistics> {
    let (slots, amounts): (Vec<i64>, Vec<i64>) = (get(row, first)?, get(row, first + 1)?);
    Ok(slots.into_iter().map(Slot).zip(amounts).collect())
}

/// What is stored as an event's counted time: nothing where it is the event's own.
pub(crate) fn stored_counted_at(event: &Event) -> Option<i64> {
    event.has_wrong_clock().then(|| event.counted_at.as_ms())
}

/// A text without what PostgreSQL cannot hold.
pub(crate) fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', NUL_REPLACED).into() } else { text.into() }
}

/// A number of rows as SQL takes it.
pub(crate) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// The error of a column whose text no version of Scoreline writes.
pub(crate) fn unknown(what: &str, found: &str) -> StoreError {
    damaged(format!("{found:?} is no {what}"))
}

/// The error of a column that cannot be read as what it should be.
pub(crate) fn damaged(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unusable(format!("{error}: a row holds what no version of Scoreline writes"))
}

//! Rows as the domain's types, and back.

use std::sync::Arc;

use rusqlite::Row;
use rusqlite::types::Type;
use scoreline_core::event::Event;
use scoreline_core::fold::{Figure, PlayerStatistics, Sketch};
use scoreline_core::id::{EventKey, PlayerId, Slot};
use scoreline_core::rank::{Standing, Version};
use scoreline_core::store::StoredEvent;
use scoreline_core::time::Timestamp;
use uuid::Uuid;

/// A time out of a column.
pub(crate) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    row.get(column).map(Timestamp::from_stored_ms)
}

/// A time out of a column that may be empty.
pub(crate) fn maybe_time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    let ms: Option<i64> = row.get(column)?;
    Ok(ms.map(Timestamp::from_stored_ms))
}

/// A count or a rank out of a column: never negative.
pub(crate) fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get(column).map(i64::unsigned_abs)
}

/// A UUID out of a column of 16 bytes.
pub(crate) fn uuid(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    row.get(column).map(Uuid::from_bytes)
}

/// A shared text out of a column.
pub(crate) fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<Arc<str>> {
    Ok(Arc::from(row.get_ref(column)?.as_str()?))
}

/// A player out of a column.
pub(crate) fn player(row: &Row<'_>, column: usize) -> rusqlite::Result<PlayerId> {
    Ok(PlayerId::from_stored(row.get_ref(column)?.as_str()?))
}

/// A standing out of two columns: points, and when they were reached.
pub(crate) fn standing(row: &Row<'_>, first: usize) -> rusqlite::Result<Standing> {
    Ok(Standing { points: row.get(first)?, reached_at: time(row, first + 1)? })
}

/// A standing out of three columns: as [`standing`], followed by how many events counted.
pub(crate) fn versioned_standing(
    row: &Row<'_>,
    first: usize,
) -> rusqlite::Result<(Standing, Version)> {
    Ok((standing(row, first)?, Version(row.get(first + 2)?)))
}

/// An event out of the columns `event_time, event_id, player_id, event_type, received_at,
/// counted_at, payload`, which are the first of the row.
pub(crate) fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    let key = EventKey { time: time(row, 0)?, id: uuid(row, 1)? };
    let payload = Box::from(row.get_ref(6)?.as_str()?);
    let counted_at = maybe_time(row, 5)?.unwrap_or(key.time);
    let (player, event_type) = (player(row, 2)?, text(row, 3)?);
    Ok(Event::from_stored(key, player, event_type, time(row, 4)?, counted_at, payload))
}

/// An event as [`event`] reads it, followed by when it was applied.
pub(crate) fn stored_event(row: &Row<'_>) -> rusqlite::Result<StoredEvent> {
    Ok(StoredEvent { event: event(row)?, applied_at: time(row, 7)? })
}

/// A figure out of five columns: events, milliseconds of processing, the first time, the last time, and the
/// sketch of its players.
pub(crate) fn figure(row: &Row<'_>, first: usize) -> rusqlite::Result<Figure> {
    let players = match row.get_ref(first + 4)?.as_blob_or_null()? {
        Some(players) => Sketch::from_bytes(players).map_err(|error| damaged(first + 4, error))?,
        None => Sketch::default(),
    };
    Ok(Figure {
        events: row.get(first)?,
        processing_ms: row.get(first + 1)?,
        first_at: time(row, first + 2)?,
        last_at: time(row, first + 3)?,
        players,
    })
}

/// As [`figure`], where the row may have none.
pub(crate) fn maybe_figure(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Figure>> {
    let events: Option<i64> = row.get(first)?;
    events.map(|_| figure(row, first)).transpose()
}

/// A player's statistics out of two columns: the slots, and the amounts in the same order.
pub(crate) fn statistics(row: &Row<'_>, first: usize) -> rusqlite::Result<PlayerStatistics> {
    let numbers = |column| -> rusqlite::Result<Vec<i64>> {
        serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|error| damaged(column, error))
    };
    let (slots, amounts) = (numbers(first)?, numbers(first + 1)?);
    Ok(slots.into_iter().map(Slot).zip(amounts).collect())
}

/// What is stored as an event's counted time: nothing where it is the event's own.
pub(crate) fn stored_counted_at(event: &Event) -> Option<i64> {
    event.has_wrong_clock().then(|| event.counted_at.as_ms())
}

/// The error of a column whose text no version of Scoreline writes.
pub(crate) fn unknown(column: usize, what: &str, found: &str) -> rusqlite::Error {
    damaged(column, format!("{found:?} is no {what}"))
}

/// The error of a column that cannot be read as what it should be.
pub(crate) fn damaged(
    column: usize,
    error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, error.into())
}

//! How the columns of a row are read; what they mean is said by `scoreline_core::store::rows`.

use std::sync::Arc;

use rusqlite::Row;
use rusqlite::types::Type;
use scoreline_core::event::Event;
use scoreline_core::fold::{Figure, PlayerStatistics};
use scoreline_core::id::{PlayerId, Slot};
use scoreline_core::store::rows::{Columns, Stored};
use scoreline_core::store::{Result, ScanPosition, StoreError, StoredEvent};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

/// A row that was found.
struct Found<'r, 's>(&'r Row<'s>);

impl Columns for Found<'_, '_> {
    type Error = rusqlite::Error;

    fn integer(&self, column: usize) -> rusqlite::Result<i64> {
        self.0.get(column)
    }

    fn maybe_integer(&self, column: usize) -> rusqlite::Result<Option<i64>> {
        self.0.get(column)
    }

    fn truth(&self, column: usize) -> rusqlite::Result<bool> {
        self.0.get(column)
    }

    fn text(&self, column: usize) -> rusqlite::Result<&str> {
        Ok(self.0.get_ref(column)?.as_str()?)
    }

    fn maybe_text(&self, column: usize) -> rusqlite::Result<Option<&str>> {
        Ok(self.0.get_ref(column)?.as_str_or_null()?)
    }

    fn maybe_bytes(&self, column: usize) -> rusqlite::Result<Option<&[u8]>> {
        Ok(self.0.get_ref(column)?.as_blob_or_null()?)
    }

    fn uuid(&self, column: usize) -> rusqlite::Result<Uuid> {
        self.0.get(column).map(Uuid::from_bytes)
    }

    fn maybe_uuid(&self, column: usize) -> rusqlite::Result<Option<Uuid>> {
        Ok(self.0.get::<_, Option<[u8; 16]>>(column)?.map(Uuid::from_bytes))
    }

    fn damaged(&self, column: usize, reason: String) -> rusqlite::Error {
        damaged(column, reason)
    }
}

/// What a row is.
pub(crate) fn read<T: Stored>(row: &Row<'_>) -> rusqlite::Result<T> {
    read_at(row, 0)
}

/// What a row is from a column on.
pub(crate) fn read_at<T: Stored>(row: &Row<'_>, first: usize) -> rusqlite::Result<T> {
    T::read(&Found(row), first)
}

/// A time out of a column.
pub(crate) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    read_at(row, column)
}

/// A time out of a column that may be empty.
pub(crate) fn maybe_time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    read_at(row, column)
}

/// A count or a rank out of a column: never negative.
pub(crate) fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    read_at(row, column)
}

/// A shared text out of a column.
pub(crate) fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<Arc<str>> {
    read_at(row, column)
}

/// A player out of a column.
pub(crate) fn player(row: &Row<'_>, column: usize) -> rusqlite::Result<PlayerId> {
    read_at(row, column)
}

/// A figure out of columns that may be empty.
pub(crate) fn maybe_figure(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Figure>> {
    Found(row).maybe_integer(first)?.map(|_| read_at(row, first)).transpose()
}

/// A player's statistics out of two columns: the slots, and the amounts in the same order.
pub(crate) fn statistics(row: &Row<'_>, first: usize) -> rusqlite::Result<PlayerStatistics> {
    let numbers = |column| -> rusqlite::Result<Vec<i64>> {
        serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|error| damaged(column, error))
    };
    let (slots, amounts) = (numbers(first)?, numbers(first + 1)?);
    Ok(slots.into_iter().map(Slot).zip(amounts).collect())
}

/// An event, followed by when it was applied and its number.
pub(crate) fn stored_event(row: &Row<'_>) -> rusqlite::Result<StoredEvent> {
    let (event, applied_at, no): (Event, Timestamp, i64) = read(row)?;
    Ok(StoredEvent { event, applied_at, position: ScanPosition::from_bytes(&no.to_be_bytes()) })
}

/// The number of the event that a scan has come to.
pub(crate) fn event_no(position: &[u8]) -> Result<i64> {
    let bytes = position.try_into().map_err(|_| {
        StoreError::Unusable("the position of a scan is not one of this store".to_owned())
    })?;
    Ok(i64::from_be_bytes(bytes))
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

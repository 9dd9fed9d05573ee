//! How the columns of a row are read; what they mean is said by `scoreline_core::store::rows`.

use std::borrow::Cow;

use scoreline_core::event::Event;
use scoreline_core::fold::Sketch;
use scoreline_core::store::rows::{Columns, Stored};
use scoreline_core::store::{Result, StoreError, StoredEvent};
use scoreline_core::time::Timestamp;
use scoreline_core::void::Voids;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;
use uuid::Uuid;

use crate::scanned;

/// What stands for U+0000, which PostgreSQL cannot hold.
const NUL_REPLACED: &str = "\u{fffd}";

/// A row that was found.
struct Found<'r>(&'r Row);

impl Columns for Found<'_> {
    type Error = StoreError;

    fn integer(&self, column: usize) -> Result<i64> {
        get(self.0, column)
    }

    fn maybe_integer(&self, column: usize) -> Result<Option<i64>> {
        get(self.0, column)
    }

    fn truth(&self, column: usize) -> Result<bool> {
        get(self.0, column)
    }

    fn text(&self, column: usize) -> Result<&str> {
        get(self.0, column)
    }

    fn maybe_text(&self, column: usize) -> Result<Option<&str>> {
        get(self.0, column)
    }

    fn maybe_bytes(&self, column: usize) -> Result<Option<&[u8]>> {
        get(self.0, column)
    }

    fn uuid(&self, column: usize) -> Result<Uuid> {
        get(self.0, column)
    }

    fn maybe_uuid(&self, column: usize) -> Result<Option<Uuid>> {
        get(self.0, column)
    }

    fn integers(&self, column: usize) -> Result<Vec<i64>> {
        get(self.0, column)
    }

    fn damaged(&self, _column: usize, reason: String) -> StoreError {
        damaged(reason)
    }
}

/// What a row is.
pub(crate) fn read<T: Stored>(row: &Row) -> Result<T> {
    T::read(&Found(row), 0)
}

/// A value out of a column.
pub(crate) fn get<'r, T: FromSql<'r>>(row: &'r Row, column: usize) -> Result<T> {
    row.try_get(column).map_err(damaged)
}

/// The sketch of a figure's players out of a column that may be empty.
pub(crate) fn sketch(row: &Row, column: usize) -> Result<Option<Sketch>> {
    let bytes: Option<&[u8]> = get(row, column)?;
    bytes.map(|bytes| Sketch::from_bytes(bytes).map_err(damaged)).transpose()
}

/// An event, followed by when it was applied.
pub(crate) fn stored_event(row: &Row) -> Result<StoredEvent> {
    let (event, applied_at): (Event, Timestamp) = read(row)?;
    let position = scanned::position(&event, applied_at);
    Ok(StoredEvent { event, applied_at, position, voids: Voids::default() })
}

/// Something with its place, from 0, among what was asked for: SQL counts places from 1.
pub(crate) fn placed<T: Stored>(row: &Row) -> Result<(usize, T)> {
    let (place, found): (u64, T) = read(row)?;
    Ok((usize::try_from(place).unwrap_or(usize::MAX).saturating_sub(1), found))
}

/// A text without what PostgreSQL cannot hold.
pub(crate) fn storable<'t>(text: impl Into<Cow<'t, str>>) -> Cow<'t, str> {
    let text = text.into();
    if text.contains('\0') { text.replace('\0', NUL_REPLACED).into() } else { text }
}

/// The error of a column that cannot be read as what it should be.
pub(crate) fn damaged(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unusable(format!("{error}: a row holds what no version of Scoreline writes"))
}

//! How the columns of a row are read; what they mean is said by `scoreline_core::store::rows`.

use rusqlite::Row;
use rusqlite::types::{Type, ValueRef};
use scoreline_core::store::Cell;
use scoreline_core::store::rows::{Columns, Stored};
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
        Ok(self.0.get::<_, Option<_>>(column)?.map(Uuid::from_bytes))
    }

    /// Lists are JSON, which SQL can take apart.
    fn integers(&self, column: usize) -> rusqlite::Result<Vec<i64>> {
        let read = serde_json::from_str(self.text(column)?);
        read.map_err(|error| self.damaged(column, error.to_string()))
    }

    fn damaged(&self, column: usize, reason: String) -> rusqlite::Error {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, reason.into())
    }
}

/// What a row is.
pub(crate) fn read<T: Stored>(row: &Row<'_>) -> rusqlite::Result<T> {
    T::read(&Found(row), 0)
}

/// A row as it lies, whatever its columns mean.
pub(crate) fn cells(row: &Row<'_>, width: usize) -> rusqlite::Result<Vec<Cell>> {
    let cell = |column| {
        Ok(match row.get_ref(column)? {
            ValueRef::Null => Cell::Empty,
            ValueRef::Integer(value) => Cell::Integer(value),
            // Tables are strict and have no such column.
            ValueRef::Real(_) => {
                let name = row.as_ref().column_name(column)?.to_owned();
                return Err(rusqlite::Error::InvalidColumnType(column, name, Type::Real));
            }
            ValueRef::Text(_) => Cell::Text(row.get(column)?),
            ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
        })
    };
    (0..width).map(cell).collect()
}

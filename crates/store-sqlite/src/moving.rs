//! Everything in a database, as rows for another store.
//!
//! One read transaction is one view of the data, and nothing is written. A database of an older
//! schema is refused: the server that starts on it brings it up to date.

use std::path::Path;

use rusqlite::Connection;
use scoreline_core::store::{Cell, MOVED_TABLES, MovedRows, Result};

use crate::error::translate;
use crate::open;
use crate::rows::cells;
use crate::statement::{only, sql};

/// Rows that are handed over at a time.
const CHUNK_ROWS: usize = 5_000;
/// Bytes after which rows are handed over, however few they are.
const CHUNK_BYTES: usize = 4 * 1024 * 1024;

/// One view of a database that is read from end to end.
pub struct Snapshot {
    connection: Connection,
}

impl Snapshot {
    /// Opens the database at `path`, which must be of this version.
    pub fn open(path: &Path) -> Result<Self> {
        let connection = open::checked_reader(path)?;
        connection.execute_batch("BEGIN").map_err(translate)?;
        // The view begins with the first read.
        only::<i64>(&connection, sql!("state/version"), ())?;
        Ok(Self { connection })
    }

    /// How many rows there are in all tables together.
    pub fn rows(&self) -> Result<u64> {
        MOVED_TABLES.iter().try_fold(0, |rows, table| {
            let count = format!("SELECT count(*) FROM ({})", rows_of(table));
            let more: i64 = only(&self.connection, &count, ())?;
            Ok(rows + more.unsigned_abs())
        })
    }

    /// Hands all rows over, some at a time. Fails as soon as `take` does.
    pub fn read(&self, mut take: impl FnMut(MovedRows) -> Result<()>) -> Result<()> {
        MOVED_TABLES.iter().try_for_each(|table| self.read_table(table, &mut take))
    }

    fn read_table(
        &self,
        table: &'static str,
        take: &mut impl FnMut(MovedRows) -> Result<()>,
    ) -> Result<()> {
        let mut statement = self.connection.prepare(&rows_of(table)).map_err(translate)?;
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let width = columns.len();
        let empty = || MovedRows { table, columns: columns.clone(), rows: Vec::new() };
        let (mut chunk, mut bytes) = (empty(), 0);
        let mut found = statement.query(()).map_err(translate)?;
        while let Some(row) = found.next().map_err(translate)? {
            let cells = cells(row, width).map_err(translate)?;
            bytes += cells.iter().map(size).sum::<usize>();
            chunk.rows.push(cells);
            if chunk.rows.len() == CHUNK_ROWS || bytes >= CHUNK_BYTES {
                take(std::mem::replace(&mut chunk, empty()))?;
                bytes = 0;
            }
        }
        if chunk.rows.is_empty() { Ok(()) } else { take(chunk) }
    }
}

/// The query of a table's rows as other stores know them.
fn rows_of(table: &str) -> String {
    match table {
        "events" => sql!("moving/events").to_owned(),
        "player_statistics" => sql!("moving/player_statistics").to_owned(),
        "player_analytics" => sql!("moving/player_analytics").to_owned(),
        "projections" => sql!("moving/projections").to_owned(),
        "dropped_slots" => sql!("moving/dropped_slots").to_owned(),
        _ => format!("SELECT * FROM {table}"),
    }
}

fn size(cell: &Cell) -> usize {
    match cell {
        Cell::Empty | Cell::Integer(_) => size_of::<i64>(),
        Cell::Text(text) => text.len(),
        Cell::Bytes(bytes) => bytes.len(),
    }
}

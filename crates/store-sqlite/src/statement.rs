//! Running statements, each prepared once a connection and kept, and transactions.
//!
//! The text of a statement lies in `queries/<concern>/<verb>.sql` and is named by [`sql`].

use rusqlite::{Connection, OptionalExtension, Params, Row, Transaction, TransactionBehavior};
use scoreline_core::store::Result;

use crate::error::translate;

/// The statement in `queries/`.
macro_rules! sql {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/queries/", $name, ".sql"))
    };
}
pub(crate) use sql;

/// Begins a transaction that writes. Dropping it before its commit takes everything back.
pub(crate) fn begin(connection: &mut Connection) -> Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(translate)
}

/// Begins a transaction that reads: several queries, one view of the data.
pub(crate) fn view(connection: &mut Connection) -> Result<Transaction<'_>> {
    connection.transaction().map_err(translate)
}

/// Runs a statement that answers no rows. Answers how many rows it changed.
pub(crate) fn execute(connection: &Connection, sql: &str, params: impl Params) -> Result<usize> {
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.execute(params))
        .map_err(translate)
}

/// The first row of an answer.
pub(crate) fn first<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>> {
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.query_row(params, read).optional())
        .map_err(translate)
}

/// The only row of an answer that always has one.
pub(crate) fn only<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<T> {
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.query_row(params, read))
        .map_err(translate)
}

/// All rows of an answer.
pub(crate) fn list<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>> {
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.query_map(params, read).and_then(Iterator::collect))
        .map_err(translate)
}

/// Takes the rows of an answer one by one, however many they are.
pub(crate) fn each(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    mut take: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> Result<()> {
    let mut statement = connection.prepare_cached(sql).map_err(translate)?;
    let mut rows = statement.query(params).map_err(translate)?;
    while let Some(row) = rows.next().map_err(translate)? {
        take(row).map_err(translate)?;
    }
    Ok(())
}

/// A number of rows as SQL takes it.
pub(crate) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

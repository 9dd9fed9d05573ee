//! Running statements, each prepared once a connection and kept, and transactions.
//!
//! The text of a statement lies in `queries/<concern>/<verb>.sql` and is named by [`sql`].

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Params, Transaction, TransactionBehavior};
pub(crate) use scoreline_core::sql;
use scoreline_core::statement_text;
use scoreline_core::store::rows::Stored;
pub(crate) use scoreline_core::store::values::limit;
use scoreline_core::store::values::{Value, Values};
use scoreline_core::store::{Order, Portion, Result};

use crate::error::translate;
use crate::rows;

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

/// Carries out what core ordered, one after another. Answers how many rows the order changed that changed
/// the most.
pub(crate) fn carry_out<'o>(
    connection: &Connection,
    orders: impl IntoIterator<Item = Order<'o>>,
) -> Result<u64> {
    let mut most = 0;
    for Order { statement, values } in orders {
        most = most.max(execute(connection, statement_text!(statement, sql), bind(values))?);
    }
    Ok(most as u64)
}

/// The first row of an answer.
pub(crate) fn first<T: Stored>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Option<T>> {
    let mut statement = connection.prepare_cached(sql).map_err(translate)?;
    statement.query_row(params, rows::read).optional().map_err(translate)
}

/// The only row of an answer that always has one.
pub(crate) fn only<T: Stored>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<T> {
    let mut statement = connection.prepare_cached(sql).map_err(translate)?;
    statement.query_row(params, rows::read).map_err(translate)
}

/// All rows of an answer.
pub(crate) fn list<T: Stored>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Vec<T>> {
    let mut statement = connection.prepare_cached(sql).map_err(translate)?;
    let found = statement.query_map(params, rows::read).and_then(Iterator::collect);
    found.map_err(translate)
}

/// The rows of an answer, as far as their bytes allow.
pub(crate) fn portion<T: Stored>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    bytes: impl Fn(&T) -> usize,
) -> Result<Portion<T>> {
    let mut statement = connection.prepare_cached(sql).map_err(translate)?;
    let mut found = statement.query(params).map_err(translate)?;
    let mut portion = Portion::default();
    while let Some(row) = found.next().map_err(translate)? {
        let row: T = rows::read(row).map_err(translate)?;
        if !portion.take(row, &bytes) {
            break;
        }
    }
    Ok(portion)
}

/// Takes the rows of an answer one by one, however many they are.
pub(crate) fn each<T: Stored>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    mut take: impl FnMut(T),
) -> Result<()> {
    let mut statement = connection.prepare_cached(sql).map_err(translate)?;
    let mut found = statement.query(params).map_err(translate)?;
    while let Some(row) = found.next().map_err(translate)? {
        take(rows::read(row).map_err(translate)?);
    }
    Ok(())
}

/// A value as SQLite takes it.
struct Bound<'v>(Value<'v>);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match &self.0 {
            Value::Numbers(numbers) => return Ok(ToSqlOutput::from(json(numbers))),
            Value::Integer(number) => number.map_or(ValueRef::Null, ValueRef::Integer),
            Value::Truth(truth) => ValueRef::Integer(i64::from(*truth)),
            Value::Text(text) => text.as_deref().map_or(ValueRef::Null, ValueRef::from),
            Value::Id(id) => id.as_ref().map_or(ValueRef::Null, |id| ValueRef::Blob(id.as_bytes())),
        }))
    }
}

/// The values of a statement as SQLite takes them.
pub(crate) fn bind(values: Values<'_>) -> impl Params {
    rusqlite::params_from_iter(values.into_iter().map(Bound))
}

/// A list of numbers, as SQLite's JSON functions read it.
pub(crate) fn json(numbers: &[i64]) -> String {
    serde_json::to_string(numbers).expect("numbers are plain data")
}

//! The state of the store as a whole: one row.

use std::sync::Arc;

use rusqlite::Connection;
use scoreline_core::feed;
use scoreline_core::store::{Begun, Counts, Result, Totals};
use scoreline_core::time::Timestamp;

use crate::statement::{bind, execute, only, sql};
use crate::telling::Telling;

/// Reads the state of the store, inside a transaction.
pub(crate) fn begun(tx: &Connection) -> Result<Begun> {
    only(tx, sql!("state/begin"), ())
}

/// The next time of application: `now`, or the last one if the clock went back. It is on record
/// from now on, so nothing is applied before it.
pub(crate) fn stamp(tx: &Connection, now: Timestamp) -> Result<Timestamp> {
    only(tx, sql!("state/stamp"), [now.as_ms()])
}

/// Adds to the counts, and puts a time of application on record.
pub(crate) fn count(tx: &Connection, counts: Counts, applied_at: Timestamp) -> Result<()> {
    execute(tx, sql!("state/count"), bind(counts.addition(applied_at))).map(drop)
}

/// Counts since the database was made.
pub(crate) fn totals(connection: &Connection) -> Result<Totals> {
    only(connection, sql!("state/totals"), ())
}

/// The version of the present plan.
pub(crate) fn plan_version(connection: &Connection) -> Result<i64> {
    only(connection, sql!("state/version"), ())
}

/// Notes that plans made so far are outdated, because of a tournament or of the definition.
pub(crate) fn outdate_plans(tx: &Telling<'_>, tournament: Option<&Arc<str>>) -> Result<()> {
    tx.tell(feed::outdated(only(tx, sql!("state/bump"), ())?, tournament));
    Ok(())
}

/// A slot that was never used before.
pub(crate) fn next_slot(tx: &Connection) -> Result<i64> {
    only(tx, sql!("state/next_slot"), ())
}

//! The state of the store as a whole: one row.

use std::sync::Arc;

use rusqlite::{Connection, params};
use scoreline_core::feed::Change;
use scoreline_core::store::{Counts, Result, Totals};
use scoreline_core::time::Timestamp;

use crate::rows;
use crate::statement::{execute, only, sql};
use crate::telling::Telling;

/// What a transaction that applies events must know first.
pub(crate) struct Begun {
    pub plan_version: i64,
    pub last_stamp: Timestamp,
    pub some_are_dead: bool,
}

/// Reads the state of the store, inside a transaction.
pub(crate) fn begun(tx: &Connection) -> Result<Begun> {
    let (plan_version, last_stamp, some_are_dead) = only(tx, sql!("state/begin"), (), rows::read)?;
    Ok(Begun { plan_version, last_stamp, some_are_dead })
}

/// The next time of application: `now`, or the last one if the clock went back. It is on record
/// from now on, so nothing is applied before it.
pub(crate) fn stamp(tx: &Connection, now: Timestamp) -> Result<Timestamp> {
    only(tx, sql!("state/stamp"), [now.as_ms()], rows::read)
}

/// Adds to the counts, and puts a time of application on record.
pub(crate) fn count(tx: &Connection, counts: Counts, applied_at: Timestamp) -> Result<()> {
    let Counts { applied, duplicates, dead, quarantined, removed, last_receipt } = counts;
    let last_receipt = last_receipt.map(Timestamp::as_ms);
    let values =
        params![applied_at.as_ms(), applied, duplicates, dead, quarantined, removed, last_receipt];
    execute(tx, sql!("state/count"), values)?;
    Ok(())
}

/// Counts since the database was made.
pub(crate) fn totals(connection: &Connection) -> Result<Totals> {
    only(connection, sql!("state/totals"), (), rows::read)
}

/// The version of the present plan.
pub(crate) fn plan_version(connection: &Connection) -> Result<i64> {
    only(connection, sql!("state/version"), (), rows::read)
}

/// Notes that plans made so far are outdated. Answers the version of the plan since.
pub(crate) fn outdate_plans(tx: &Telling<'_>) -> Result<i64> {
    let version = only(tx, sql!("state/bump"), (), |row| row.get(0))?;
    tx.tell([Change::Plan { version }]);
    Ok(version)
}

/// As [`outdate_plans`], because of a tournament.
pub(crate) fn outdate_plans_of(tx: &Telling<'_>, tournament: &Arc<str>) -> Result<()> {
    let version = outdate_plans(tx)?;
    tx.tell([Change::Tournament { id: Arc::clone(tournament), version }]);
    Ok(())
}

/// A slot that was never used before.
pub(crate) fn next_slot(tx: &Connection) -> Result<i64> {
    only(tx, sql!("state/next_slot"), (), rows::read)
}

//! Giving pages that hold nothing any more back to the disk, a few at a time.
//!
//! What is removed leaves free pages, which new events fill. They are given back where they are many, or
//! where somebody needs the space now.

use rusqlite::Connection;
use scoreline_core::store::Result;

use crate::error::translate;
use crate::open::PAGE_BYTES;

/// Pages of one step: 4 MiB.
const STEP_PAGES: i64 = 1_024;
/// Fewer free pages than these are left to new events: 16 MiB.
const WORTH_PAGES: i64 = 4_096;
/// So is a smaller share of all pages than this one.
const WORTH_SHARE: i64 = 8;

/// Gives some free pages back, if there are many or `all` are wanted. Answers how many bytes that was.
pub(crate) fn give_back(connection: &Connection, all: bool) -> Result<u64> {
    let free = number(connection, "freelist_count")?;
    let pages = number(connection, "page_count")?;
    let is_worth_it = free >= WORTH_PAGES && free >= pages / WORTH_SHARE;
    if free == 0 || !(all || is_worth_it) {
        if all {
            merge(connection);
        }
        return Ok(0);
    }
    step(connection)?;
    if all {
        merge(connection);
    }
    let given = (pages - number(connection, "page_count")?).max(0);
    Ok(given.unsigned_abs() * u64::from(PAGE_BYTES))
}

/// Every row of this pragma that is asked for frees a page.
fn step(connection: &Connection) -> Result<()> {
    let pragma = format!("PRAGMA incremental_vacuum({STEP_PAGES})");
    let mut statement = connection.prepare(&pragma).map_err(translate)?;
    let mut rows = statement.query(()).map_err(translate)?;
    while rows.next().map_err(translate)?.is_some() {}
    Ok(())
}

/// Merges the log and cuts it off: only then is the file shorter. Readers may be in the way; then the next
/// step does it.
pub(crate) fn merge(connection: &Connection) {
    let merged = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()));
    if let Err(error) = merged {
        tracing::debug!(store.error = %error, "the log was not cut off yet");
    }
}

fn number(connection: &Connection, name: &str) -> Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0)).map_err(translate)
}

//! The schema: forward only, numbered, with checksums.
//!
//! A file that is not ours, or that a newer version wrote, is refused before anything is changed.

use rusqlite::Connection;
use scoreline_core::store::{Result, StoreError};

use crate::error::translate;
use crate::state::begin;

/// Marks a database file as Scoreline's: "Scor".
const APPLICATION_ID: i32 = 0x5363_6f72;

/// The migrations, by number from 1. One that was released is never changed.
const MIGRATIONS: &[&str] = &[include_str!("../migrations/0001_embedded.sql")];

/// What a file's schema is to this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Schema {
    /// There is none: the file is empty.
    Missing,
    /// It misses migrations.
    Older,
    /// It is this version's.
    Present,
}

/// Tells what a file's schema is, or refuses it. Changes nothing.
pub(crate) fn inspect(connection: &Connection) -> Result<Schema> {
    Ok(match count_done(connection)? {
        None => Schema::Missing,
        Some(done) if done < MIGRATIONS.len() => Schema::Older,
        Some(_) => Schema::Present,
    })
}

/// Brings the schema up to this version, all of it or nothing.
pub(crate) fn migrate(connection: &mut Connection) -> Result<()> {
    if inspect(connection)? == Schema::Present {
        return Ok(());
    }
    let tx = begin(connection)?;
    // Another process may have been faster.
    let done = count_done(&tx)?;
    if done.is_none() {
        tx.pragma_update(None, "application_id", APPLICATION_ID).map_err(translate)?;
        tx.execute_batch(
            "CREATE TABLE schema_migrations (
                 version INTEGER PRIMARY KEY,
                 checksum INTEGER NOT NULL
             ) STRICT",
        )
        .map_err(translate)?;
    }
    for (n, sql) in MIGRATIONS.iter().enumerate().skip(done.unwrap_or(0)) {
        tx.execute_batch(sql).map_err(translate)?;
        tx.execute(
            "INSERT INTO schema_migrations (version, checksum) VALUES (?1, ?2)",
            (as_version(n + 1), checksum(sql)),
        )
        .map_err(translate)?;
    }
    tx.commit().map_err(translate)
}

/// How many migrations a file has seen; `None` if it is empty.
fn count_done(connection: &Connection) -> Result<Option<usize>> {
    let id: i32 = connection
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(translate)?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))
        .map_err(translate)?;
    if id == 0 && tables == 0 {
        return Ok(None);
    }
    if id != APPLICATION_ID {
        return Err(StoreError::Unusable(
            "the file is the database of another program; choose another data directory".to_owned(),
        ));
    }
    let mut query = connection
        .prepare("SELECT version, checksum FROM schema_migrations ORDER BY version")
        .map_err(translate)?;
    let found: Vec<(i64, i64)> = query
        .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))
        .and_then(Iterator::collect)
        .map_err(translate)?;
    if found.len() > MIGRATIONS.len() {
        return Err(StoreError::Unusable(format!(
            "its schema is of version {}, but this program knows versions up to {}; \
             use the newer program",
            found.len(),
            MIGRATIONS.len()
        )));
    }
    let expected = MIGRATIONS.iter().enumerate().map(|(n, sql)| (as_version(n + 1), checksum(sql)));
    for (found, expected) in found.iter().zip(expected) {
        if *found != expected {
            return Err(StoreError::Unusable(format!(
                "its schema of version {} is not the released one; \
                 it was made by a development version of this program",
                expected.0
            )));
        }
    }
    Ok(Some(found.len()))
}

fn as_version(n: usize) -> i64 {
    i64::try_from(n).expect("a handful of migrations")
}

/// FNV-1a of the text without its line ends, which differ between checkouts.
fn checksum(sql: &str) -> i64 {
    let hash = sql
        .bytes()
        .filter(|byte| !matches!(byte, b'\r' | b'\n'))
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    hash.cast_signed()
}

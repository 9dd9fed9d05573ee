//! The schema: forward only, numbered, with checksums.
//!
//! A file that is not ours, or that a newer version wrote, is refused before anything is changed.

use rusqlite::Connection;
use scoreline_core::store::schema::{self, Done, Migration};
use scoreline_core::store::{Result, StoreError};

use crate::error::translate;
use crate::statement::begin;

/// Marks a database file as Scoreline's: "Scor".
const APPLICATION_ID: i32 = 0x5363_6f72;

/// The migrations, by number from 1. One that was released is never changed.
const MIGRATIONS: &[Migration] = &[Migration {
    name: "0001_embedded",
    sql: include_str!("../migrations/0001_embedded.sql"),
    needs: 1,
}];

/// How a file's schema compares with this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Schema {
    /// The file is empty: it has no schema.
    Missing,
    /// It misses migrations.
    Older,
    /// It is this version's, or one that a newer version has added to.
    Present,
}

/// Answers how a file's schema compares, or refuses it. Changes nothing.
pub(crate) fn inspect(connection: &Connection) -> Result<Schema> {
    let Some(done) = done(connection)? else { return Ok(Schema::Missing) };
    let missing = schema::missing(MIGRATIONS, &done)?;
    Ok(if missing.is_empty() { Schema::Present } else { Schema::Older })
}

/// Brings the schema up to this version, all of it or nothing.
pub(crate) fn migrate(connection: &mut Connection) -> Result<()> {
    if inspect(connection)? == Schema::Present {
        return Ok(());
    }
    let tx = begin(connection)?;
    // Another process may have been faster.
    let done = done(&tx)?;
    if done.is_none() {
        tx.pragma_update(None, "application_id", APPLICATION_ID).map_err(translate)?;
        tx.execute_batch(
            "CREATE TABLE schema_migrations (
                 version INTEGER PRIMARY KEY,
                 checksum INTEGER NOT NULL,
                 -- The lowest version that a program must know to work on this file.
                 needs INTEGER NOT NULL
             ) STRICT",
        )
        .map_err(translate)?;
    }
    for (version, migration) in schema::missing(MIGRATIONS, &done.unwrap_or_default())? {
        tx.execute_batch(migration.sql).map_err(translate)?;
        let Done { checksum, needs, .. } = migration.done(version);
        tx.execute(
            "INSERT INTO schema_migrations (version, checksum, needs) VALUES (?1, ?2, ?3)",
            (version, checksum, needs),
        )
        .map_err(translate)?;
    }
    tx.commit().map_err(translate)
}

/// The migrations that a file has seen; `None` if it is empty.
fn done(connection: &Connection) -> Result<Option<Vec<Done>>> {
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
        .prepare("SELECT version, checksum, needs FROM schema_migrations ORDER BY version")
        .map_err(translate)?;
    let found = query
        .query_map((), |row| {
            Ok(Done { version: row.get(0)?, checksum: row.get(1)?, needs: row.get(2)? })
        })
        .and_then(Iterator::collect)
        .map_err(translate)?;
    Ok(Some(found))
}

//! The schema: forward only, numbered, with checksums.
//!
//! All that is missing is done in one transaction under a lock, so that nodes which start at once
//! do it once, and a failure leaves everything as it was. A schema that is another program's, or
//! that a newer version made, is refused before anything is changed.

use std::fmt;

use scoreline_core::store::{Result, StoreError};

use crate::pool::{Database, fnv};
use crate::rows;
use crate::session::{Session, View, sql};
use crate::value::values;

/// The oldest server whose SQL is understood here: PostgreSQL 14.
const SERVER_VERSION_MIN: i64 = 140_000;

/// The migrations, by number from 1. One that was released is never changed.
const MIGRATIONS: &[(&str, &str)] =
    &[("0001_production", include_str!("../migrations/0001_production.sql"))];

/// A migration that a database misses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingMigration {
    /// Its number, from 1.
    pub version: i64,
    /// Its name.
    pub name: &'static str,
    /// What it runs, for the namespace `scoreline`.
    pub sql: &'static str,
}

impl fmt::Display for PendingMigration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What there is of the schema.
enum Found {
    /// Not even the schema.
    Nothing,
    /// The schema, with nothing in it.
    Empty,
    /// As many migrations as this.
    Done(usize),
}

impl Found {
    fn done(&self) -> usize {
        match self {
            Self::Nothing | Self::Empty => 0,
            Self::Done(done) => *done,
        }
    }
}

/// What [`migrate`] would do. Changes nothing.
pub(crate) async fn pending(database: &Database) -> Result<Vec<PendingMigration>> {
    let session = database.session().await?;
    let done = inspect(&session, database.schema()).await?.done();
    Ok(missing(done).collect())
}

/// Brings the schema up to this version, all of it or nothing.
pub(crate) async fn migrate(database: &Database) -> Result<()> {
    if pending(database).await?.is_empty() {
        return Ok(());
    }
    let schema = database.schema();
    let tx = database.begin_long(View::Moving).await?;
    tx.execute(sql!("state/lock_exclusive"), values![database.locks.schema()]).await?;
    // Another node may have been faster.
    let found = inspect(&tx, schema).await?;
    if matches!(found, Found::Nothing) {
        tx.run(&format!("CREATE SCHEMA {schema}")).await?;
    }
    if !matches!(found, Found::Done(_)) {
        tx.run(sql!("schema/table")).await?;
    }
    for migration in missing(found.done()) {
        tx.run(migration.sql).await?;
        let values = values![migration.version, checksum(migration.sql)];
        tx.execute(sql!("schema/note"), values).await?;
    }
    tx.commit().await
}

fn missing(done: usize) -> impl Iterator<Item = PendingMigration> {
    let numbered = (1_i64..).zip(MIGRATIONS).skip(done);
    numbered.map(|(version, (name, sql))| PendingMigration { version, name, sql })
}

/// Tells what there is, or refuses it. Changes nothing.
async fn inspect(session: &Session, schema: &str) -> Result<Found> {
    let server: i64 =
        session.only(sql!("schema/server_version"), values![], |row| rows::get(row, 0)).await?;
    if server < SERVER_VERSION_MIN {
        return Err(StoreError::Unusable(format!(
            "the server is PostgreSQL {}; version {} is the oldest that will do",
            server / 10_000,
            SERVER_VERSION_MIN / 10_000
        )));
    }
    let (exists, tables, is_ours): (bool, i64, bool) = session
        .only(sql!("schema/find"), values![schema], |row| {
            Ok((rows::get(row, 0)?, rows::get(row, 1)?, rows::get(row, 2)?))
        })
        .await?;
    if is_ours {
        return count_done(session).await.map(Found::Done);
    }
    if tables > 0 {
        return Err(StoreError::Unusable(format!(
            "the schema {schema} holds tables of another program; choose another namespace"
        )));
    }
    Ok(if exists { Found::Empty } else { Found::Nothing })
}

/// How many migrations a schema has seen.
async fn count_done(session: &Session) -> Result<usize> {
    let found: Vec<(i64, i64)> = session
        .list(sql!("schema/done"), values![], |row| Ok((rows::get(row, 0)?, rows::get(row, 1)?)))
        .await?;
    if found.len() > MIGRATIONS.len() {
        return Err(StoreError::Unusable(format!(
            "its schema is of version {}, but this program knows versions up to {}; \
             use the newer program",
            found.len(),
            MIGRATIONS.len()
        )));
    }
    let expected = (1_i64..).zip(MIGRATIONS).map(|(version, (_, sql))| (version, checksum(sql)));
    for (found, expected) in found.iter().zip(expected) {
        if *found != expected {
            return Err(StoreError::Unusable(format!(
                "its schema of version {} is not the released one; \
                 it was made by a development version of this program",
                expected.0
            )));
        }
    }
    Ok(found.len())
}

/// Of the text without its line ends, which differ between checkouts.
fn checksum(sql: &str) -> i64 {
    fnv(sql.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')))
}

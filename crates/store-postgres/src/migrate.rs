//! The schema: forward only, numbered, with checksums.
//!
//! All that is missing is done in one transaction under a lock, so that nodes which start at once
//! do it once, and a failure leaves everything as it was. A schema that is another program's, or
//! from which a newer version has removed what this one uses, is refused before anything is changed.
//!
//! Nodes of an older version serve meanwhile. So no lock on a table is waited for longer than they
//! can wait, and nothing is removed that one of them uses.

use std::time::Duration;

use scoreline_core::nodes::NODE_SILENT_MS;
use scoreline_core::store::schema::{self, Done, Migration};
use scoreline_core::store::{Result, StoreError};

use crate::migrations::PendingMigration;
use crate::pool::Database;
use crate::rows;
use crate::session::{Session, Tx, View, sql};
use crate::value::values;

/// The oldest server whose SQL is understood here: PostgreSQL 14.
const SERVER_VERSION_MIN: i64 = 140_000;
/// The encoding of a database that can hold whatever players write.
const ENCODING: &str = "UTF8";

/// How long a migration waits for a lock on a table. Everybody else who wants the table queues
/// behind it meanwhile, so it gives up after this time, lets them pass, and tries again.
const LOCK_WAIT_MS: u64 = 2_000;
/// The pause between two tries.
const LOCK_PAUSE: Duration = Duration::from_millis(500);
/// How often it is tried: for a few minutes.
const LOCK_TRIES: u32 = 60;

/// How much of the schema exists.
enum Found {
    /// The schema does not exist.
    Nothing,
    /// The schema exists and is empty.
    Empty,
    /// These migrations have run.
    Done(Vec<Done>),
}

impl Found {
    fn done(&self) -> &[Done] {
        match self {
            Self::Nothing | Self::Empty => &[],
            Self::Done(done) => done,
        }
    }
}

/// What [`migrate`] would do. Changes nothing.
pub(crate) async fn pending(database: &Database) -> Result<Vec<PendingMigration>> {
    let found = look(database).await?;
    let missing = schema::missing(&database.migrations, found.done())?;
    let pending = |(version, &Migration { name, sql, .. })| PendingMigration { version, name, sql };
    Ok(missing.into_iter().map(pending).collect())
}

/// Brings the schema up to this version, all of it or nothing.
pub(crate) async fn migrate(database: &Database) -> Result<()> {
    let mut tries = 0;
    loop {
        let found = look(database).await?;
        if schema::missing(&database.migrations, found.done())?.is_empty() {
            let (found, known) = (found.done().len(), database.migrations.len());
            if found > known {
                tracing::info!(
                    schema.version = found,
                    schema.known = known,
                    "a newer version has added to the schema, and this one works on it as well"
                );
            }
            return Ok(());
        }
        match attempt(database).await {
            Err(StoreError::LockTaken(_)) if tries < LOCK_TRIES => {
                tries += 1;
                tracing::info!(
                    migration.tries = tries,
                    "a migration waits for tables that are in use"
                );
                tokio::time::sleep(LOCK_PAUSE).await;
            }
            outcome => return outcome,
        }
    }
}

async fn look(database: &Database) -> Result<Found> {
    inspect(&database.session().await?, database.schema()).await
}

async fn attempt(database: &Database) -> Result<()> {
    let schema_name = database.schema();
    let tx = database.begin_long(View::Moving).await?;
    tx.execute(sql!("state/lock_exclusive"), values![database.locks.schema()]).await?;
    tx.run(&format!("SET LOCAL lock_timeout = {LOCK_WAIT_MS}")).await?;
    // Another node may have been faster.
    let found = inspect(&tx, schema_name).await?;
    if matches!(found, Found::Nothing) {
        tx.run(&format!("CREATE SCHEMA {schema_name}")).await?;
    }
    if !matches!(found, Found::Done(_)) {
        tx.run(sql!("schema/table")).await?;
    }
    for (version, migration) in schema::missing(&database.migrations, found.done())? {
        if version > 1 {
            spare_older_nodes(&tx, migration).await?;
        }
        tx.run(migration.sql).await?;
        let Done { checksum, needs, .. } = migration.done(version);
        tx.execute(sql!("schema/note"), values![version, checksum, needs]).await?;
        tracing::info!(migration.name = migration.name, "the schema is brought up to date");
    }
    tx.commit().await
}

/// Refuses to take away what a node that runs still uses. None can start meanwhile: the lock keeps
/// it waiting at its first report.
async fn spare_older_nodes(tx: &Tx, migration: &Migration) -> Result<()> {
    let values = values![migration.needs, NODE_SILENT_MS];
    let node: Option<(String, String)> = tx.first(sql!("node/older"), values, rows::read).await?;
    match node {
        None => Ok(()),
        Some((address, version)) => Err(StoreError::Unusable(format!(
            "migration {} removes what the node on {address} (version {version}) still uses; \
             replace all nodes of that version first",
            migration.name
        ))),
    }
}

/// Makes sure that this program may still work on the schema, in a transaction that no migration
/// overtakes.
pub(crate) async fn check(tx: &Tx, database: &Database) -> Result<()> {
    tx.execute(sql!("schema/lock_shared"), values![database.locks.schema()]).await?;
    let found = inspect(tx, database.schema()).await?;
    schema::missing(&database.migrations, found.done()).map(drop)
}

/// Answers how much of the schema exists, or refuses it. Changes nothing.
async fn inspect(session: &Session, schema: &str) -> Result<Found> {
    let server: i64 = session.only(sql!("schema/server_version"), values![], rows::read).await?;
    if server < SERVER_VERSION_MIN {
        return Err(StoreError::Unusable(format!(
            "the server is PostgreSQL {}; version {} is the oldest that will do",
            server / 10_000,
            SERVER_VERSION_MIN / 10_000
        )));
    }
    let encoding: String = session.only(sql!("schema/encoding"), values![], rows::read).await?;
    if encoding != ENCODING {
        return Err(StoreError::Unusable(format!(
            "the database has the encoding {encoding}, which cannot hold every name; make one by \
             CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
        )));
    }
    let (exists, tables, is_ours): (bool, i64, bool) =
        session.only(sql!("schema/find"), values![schema], rows::read).await?;
    if is_ours {
        return done(session).await.map(Found::Done);
    }
    if tables > 0 {
        return Err(StoreError::Unusable(format!(
            "the schema {schema} holds tables of another program; choose another namespace"
        )));
    }
    Ok(if exists { Found::Empty } else { Found::Nothing })
}

/// The migrations that a schema has seen.
async fn done(session: &Session) -> Result<Vec<Done>> {
    session
        .list(sql!("schema/done"), values![], |row| {
            Ok(Done {
                version: rows::get(row, 0)?,
                checksum: rows::get(row, 1)?,
                needs: rows::get(row, 2)?,
            })
        })
        .await
}

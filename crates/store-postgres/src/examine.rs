//! Looks at a database before a store is opened on it. Changes nothing.

use std::sync::Arc;
use std::time::Duration;

use scoreline_core::store::Result;
use tokio::time::Instant;

use crate::migrate;
use crate::migrations::PendingMigration;
use crate::pool::Database;
use crate::rows;
use crate::session::sql;
use crate::settings::Settings;
use crate::store::PostgresStore;
use crate::value::values;

/// How often the way to the server is measured; the quickest counts.
const ROUND_TRIPS: usize = 5;

/// How a server is set up, and how far away it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// Its version, such as `15.8`.
    pub version: String,
    /// What commits wait for.
    pub synchronous_commit: String,
    /// Whether what it writes is synced to its disk.
    pub fsync: bool,
    /// Whether pages that were torn by a crash can be restored.
    pub full_page_writes: bool,
    /// Connections that it gives to this role on this database, of all programs together.
    pub max_connections: i64,
    /// Bytes of log between two checkpoints.
    pub max_wal_bytes: i64,
    /// How long a question and its answer take.
    pub round_trip: Duration,
}

impl PostgresStore {
    /// What [`PostgresStore::open`] would run to bring the schema up to date. Changes nothing.
    pub async fn pending_migrations(settings: &Settings) -> Result<Vec<PendingMigration>> {
        let database = Arc::new(Database::new(settings)?);
        let asked = Arc::clone(&database);
        database.run(async move { migrate::pending(&asked).await }).await
    }

    /// Asks a server how it is set up.
    pub async fn examine(settings: &Settings) -> Result<Examination> {
        let database = Arc::new(Database::new(settings)?);
        let asked = Arc::clone(&database);
        database.run(async move { examine(&asked).await }).await
    }
}

async fn examine(database: &Database) -> Result<Examination> {
    let session = database.session().await?;
    let mut round_trip = Duration::MAX;
    for _ in 0..ROUND_TRIPS {
        let begin = Instant::now();
        session.run("").await?;
        round_trip = round_trip.min(begin.elapsed());
    }
    session
        .only(sql!("schema/server_settings"), values![], |row| {
            Ok(Examination {
                version: rows::get(row, 0)?,
                synchronous_commit: rows::get(row, 1)?,
                fsync: rows::get(row, 2)?,
                full_page_writes: rows::get(row, 3)?,
                max_connections: rows::get(row, 4)?,
                max_wal_bytes: rows::get(row, 5)?,
                round_trip,
            })
        })
        .await
}

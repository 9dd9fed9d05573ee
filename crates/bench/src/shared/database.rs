//! What the database itself says of a measurement, so that no answer has to be believed.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use scoreline_server::Config;
use scoreline_store_postgres::Settings;
use tokio_postgres::Client;

use crate::error::{Error, Result};

/// How often the database is asked how far it has come.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// How long nothing may be applied before what is missing counts as missing.
const STANDSTILL: Duration = Duration::from_secs(15);

/// A database of one measurement.
pub struct Database {
    /// Where it is reached, with its password.
    pub url: String,
    /// A connection of its own, beside those of the server.
    pub client: Client,
}

impl Database {
    /// The database at `url`.
    pub async fn open(url: String) -> Result<Self> {
        let client = connect(&url).await?;
        Ok(Self { url, client })
    }

    /// Events that are stored and applied.
    pub async fn applied(&self) -> Result<u64> {
        self.number("SELECT coalesce(sum(applied), 0)::bigint FROM scoreline.store_counts").await
    }

    /// Waits until `events` events are applied. Answers how many are applied and when the last of
    /// them was seen; fewer if none was applied for a long time.
    pub async fn wait_for(&self, events: u64) -> Result<(u64, Instant)> {
        let (mut applied, mut changed) = (self.applied().await?, Instant::now());
        while applied < events && changed.elapsed() < STANDSTILL {
            tokio::time::sleep(LOOK_EVERY).await;
            let now = self.applied().await?;
            if now != applied {
                (applied, changed) = (now, Instant::now());
            }
        }
        Ok((applied, changed))
    }

    /// Does what autovacuum and checkpoints would have done long ago if the database had been
    /// filled within days, as in a real game, and not within minutes.
    pub async fn settle(&self) -> Result<()> {
        self.client.batch_execute("VACUUM (ANALYZE)").await?;
        Ok(self.client.batch_execute("CHECKPOINT").await?)
    }

    /// Bytes written to the write-ahead log since the server was made.
    pub async fn log_bytes(&self) -> Result<u64> {
        self.number("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint").await
    }

    /// Bytes of the raw events with their indexes.
    pub async fn event_bytes(&self) -> Result<u64> {
        let sql = "SELECT sum(pg_total_relation_size(relid))::bigint
                   FROM pg_partition_tree('scoreline.events')";
        self.number(sql).await
    }

    /// Bytes of everything.
    pub async fn bytes(&self) -> Result<u64> {
        self.number("SELECT pg_database_size(current_database())").await
    }

    async fn number(&self, sql: &str) -> Result<u64> {
        let number: i64 = self.client.query_one(sql, &[]).await?.get(0);
        u64::try_from(number).map_err(Error::unexpected("a count of the database"))
    }
}

/// A connection to a database, as a store makes it, whose statements take as long as they take.
pub async fn connect(url: &str) -> Result<Client> {
    let settings = Settings { statement_timeout: Duration::ZERO, ..Settings::new(url) };
    Ok(scoreline_store_postgres::connect(&settings).await?)
}

/// Settings that name this database, and nothing else but defaults.
pub fn settings_of(url: &str) -> Result<Config> {
    let flags = BTreeMap::from([("database_url".to_owned(), url.to_owned())]);
    Ok(Config::read(&flags, &BTreeMap::new(), Path::new(""), false)?)
}

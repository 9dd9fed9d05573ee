//! What the database itself says of a measurement, so that no answer has to be believed.

use std::time::{Duration, Instant};

use tokio_postgres::Client;

/// How often the database is asked how far it has come.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// How long nothing may be applied before what is missing counts as missing.
const STANDSTILL: Duration = Duration::from_secs(15);

/// A database of one measurement.
pub struct Database {
    /// Where it is reached, with its password.
    pub url: String,
    /// Asks, beside the server.
    pub client: Client,
}

impl Database {
    /// The database at `url`, asked over `client`.
    pub fn new(url: String, client: Client) -> Self {
        Self { url, client }
    }

    /// Events that are stored and applied.
    pub async fn applied(&self) -> anyhow::Result<u64> {
        self.number("SELECT coalesce(sum(applied), 0)::bigint FROM scoreline.store_counts").await
    }

    /// Waits until so many events are applied. Answers how many are, and when the last of them was
    /// seen to be: fewer if for long nothing more came.
    pub async fn wait_for(&self, events: u64) -> anyhow::Result<(u64, Instant)> {
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

    /// Does what autovacuum and checkpoints would long have done, had the database been filled within
    /// the days that so many events take and not within minutes.
    pub async fn settle(&self) -> anyhow::Result<()> {
        self.client.batch_execute("VACUUM (ANALYZE)").await?;
        Ok(self.client.batch_execute("CHECKPOINT").await?)
    }

    /// Bytes written to the write-ahead log since the server was made.
    pub async fn log_bytes(&self) -> anyhow::Result<u64> {
        self.number("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint").await
    }

    /// Bytes of the raw events with their indexes.
    pub async fn event_bytes(&self) -> anyhow::Result<u64> {
        let sql = "SELECT sum(pg_total_relation_size(relid))::bigint
                   FROM pg_partition_tree('scoreline.events')";
        self.number(sql).await
    }

    /// Bytes of everything.
    pub async fn bytes(&self) -> anyhow::Result<u64> {
        self.number("SELECT pg_database_size(current_database())").await
    }

    async fn number(&self, sql: &str) -> anyhow::Result<u64> {
        let number: i64 = self.client.query_one(sql, &[]).await?.get(0);
        Ok(u64::try_from(number)?)
    }
}

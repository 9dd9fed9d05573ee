//! The handle on a database: its connections, and the keeper of the days to come.
//!
//! What a store does is in the files named for its traits. Each of their methods is one piece of work
//! on the runtime of the connections.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use scoreline_core::store::Result;
use tokio::task::JoinHandle;

use crate::pool::Database;
use crate::session::Session;
use crate::settings::Settings;
use crate::{migrate, partitions, telling};

/// How often the partitions of the coming days are made.
const DAYS_CHECKED_EVERY: Duration = Duration::from_secs(60 * 60);

/// A store in a schema of a PostgreSQL database.
pub struct PostgresStore {
    pub(crate) database: Arc<Database>,
    /// Makes partitions ahead for as long as the store is open.
    keeper: JoinHandle<()>,
    /// Tells other nodes of commits for as long as the store is open.
    teller: JoinHandle<()>,
    /// Whether the node that it belongs to is one of the nodes.
    pub(crate) has_reported: AtomicBool,
}

impl PostgresStore {
    /// Connects, brings the schema up to date and makes the days around today. Any number of nodes
    /// may do so at once.
    ///
    /// Fails with [`Unusable`](scoreline_core::store::StoreError::Unusable) if the schema is another program's or of a newer
    /// version; nothing is changed then.
    pub async fn open(settings: &Settings) -> Result<Self> {
        let database = Arc::new(Database::new(settings)?);
        let ready = Arc::clone(&database);
        database
            .run(async move {
                migrate::migrate(&ready).await?;
                telling::forget_foreign(&ready.session().await?).await?;
                partitions::make_ahead(&ready).await
            })
            .await?;
        let keeper = database.runtime().spawn(keep_days(Arc::clone(&database)));
        let teller = database.runtime().spawn(Arc::clone(&database.ear).announce());
        Ok(Self { database, keeper, teller, has_reported: AtomicBool::new(false) })
    }

    /// Does work on the runtime of the connections. Once begun it is finished, even if the caller
    /// stops waiting.
    pub(crate) async fn write<T, F>(&self, work: impl FnOnce(Arc<Database>) -> F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        self.database.run(work(Arc::clone(&self.database))).await
    }

    /// Does work on one connection, statement by statement.
    pub(crate) async fn read<T, F>(
        &self,
        work: impl FnOnce(Session) -> F + Send + 'static,
    ) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send,
    {
        let database = Arc::clone(&self.database);
        self.database.run(async move { work(database.session().await?).await }).await
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        self.keeper.abort();
        self.teller.abort();
        self.database.close();
    }
}

/// Makes the partitions of the coming days ahead of time. One that fails is made an hour later.
async fn keep_days(database: Arc<Database>) {
    let mut hours = tokio::time::interval(DAYS_CHECKED_EVERY);
    hours.tick().await;
    loop {
        hours.tick().await;
        if let Err(error) = partitions::make_ahead(&database).await {
            tracing::warn!(
                partitions.error = %error,
                "the partitions of the days to come could not be made; it is tried again in an hour"
            );
        }
    }
}

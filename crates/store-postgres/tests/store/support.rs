//! A database of its own for every test, on the server that all tests of the process share.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::store::Store;
use scoreline_store_postgres::{PostgresStore, Settings};
use scoreline_testkit::postgres::{Server, TestDatabase};
use scoreline_testkit::store_conformance::Database;

/// A database, and how the stores opened from now on use it.
pub struct Schema {
    database: TestDatabase<'static>,
    /// How stores use it.
    pub settings: Settings,
}

impl Schema {
    pub fn new() -> Self {
        Self::on(Server::shared().database())
    }

    pub fn on(database: TestDatabase<'static>) -> Self {
        let settings = Settings { connections: 12, ..Settings::new(&database.url()) };
        Self { database, settings }
    }

    /// Runs statements on a connection of their own.
    pub fn run(&self, sql: &str) -> String {
        self.database.run(&format!("SET search_path = {}; {sql}", self.settings.namespace))
    }
}

#[async_trait]
impl Database for Schema {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(PostgresStore::open(&self.settings).await.expect("opens"))
    }

    async fn tamper(&self, sql: &str) {
        self.run(sql);
    }
}

//! A database of its own for every test, on the server that all tests of the process share.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::store::Store;
use scoreline_store_postgres::{PostgresStore, Settings};
use scoreline_testkit::postgres::{Held, Line, Pooler, Server, ServerOptions, TestDatabase};
use scoreline_testkit::store_conformance::Database;

/// A server of its own with these settings, until the process ends.
pub fn server_with(settings: &[(&'static str, &str)]) -> &'static Server {
    let settings = settings.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Box::leak(Box::new(Server::start_with(&ServerOptions { settings, ..ServerOptions::default() })))
}

/// A database, and how the stores opened from now on use it.
pub struct Schema {
    database: Arc<TestDatabase<'static>>,
    /// How stores use it.
    pub settings: Settings,
}

impl Schema {
    pub fn new() -> Self {
        Self::on(Server::shared_unsynced().database())
    }

    pub fn on(database: TestDatabase<'static>) -> Self {
        // A few days are as good as many, and made faster.
        let (days_behind, days_ahead) = (2, 1);
        let usual = Settings::new(&database.url());
        let settings = Settings { connections: 12, days_behind, days_ahead, ..usual };
        Self { database: Arc::new(database), settings }
    }

    /// A database that is reached through a pooler.
    pub fn pooled() -> Self {
        Self::behind(Pooler::shared())
    }

    /// A database that is reached through this pooler.
    pub fn behind(pooler: &Pooler) -> Self {
        let mut schema = Self::new();
        schema.settings.url = schema.database.url_at(pooler.port());
        schema.settings.pooler = true;
        schema
    }

    /// The same database, reached without one.
    pub fn direct_beside(pooled: &Self) -> Self {
        let mut schema = Self::beside(pooled);
        schema.settings.url = schema.database.url();
        schema.settings.pooler = false;
        schema
    }

    /// A database that is reached through a line to its server.
    pub async fn behind_a_line() -> (Self, Line) {
        let mut schema = Self::new();
        let line = Line::to(schema.database.server().port()).await;
        schema.settings.url = schema.database.url_at(line.port());
        (schema, line)
    }

    /// The same database, for another namespace.
    pub fn beside(other: &Self) -> Self {
        Self { database: Arc::clone(&other.database), settings: other.settings.clone() }
    }

    /// Runs statements on a connection of their own, and answers the rows. `%db%` stands for the
    /// database.
    pub fn run(&self, sql: &str) -> String {
        self.database.run(&self.here(sql))
    }

    /// Runs statements in a transaction that stays open with its locks.
    pub fn hold(&self, sql: &str) -> Held {
        self.database.hold(&self.here(sql))
    }

    fn here(&self, sql: &str) -> String {
        let sql = sql.replace("%db%", self.database.name());
        format!("SET search_path = {}; {sql}", self.settings.namespace)
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

    fn add_to_statistic(&self, player: &str, slot: i64, amount: i64) -> String {
        format!(
            "INSERT INTO player_statistics VALUES ('{player}', ARRAY[{slot}], ARRAY[0])
             ON CONFLICT DO NOTHING;
             UPDATE player_statistics
             SET amounts[array_position(slots, {slot})] =
                 amounts[array_position(slots, {slot})] + {amount}
             WHERE player_id = '{player}';
             DELETE FROM player_statistics WHERE player_id = '{player}' AND amounts = ARRAY[0::int8]"
        )
    }
}

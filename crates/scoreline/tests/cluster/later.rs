//! Versions to come: the present one with one or two more migrations, as processes of their own.
//!
//! Nothing was released yet that could stand for an old version, so the present one does. A later one
//! is the same server in the test's own program, which knows migrations that the binary does not.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use scoreline_core::store::schema::Migration;
use scoreline_server::{Config, Server, Substitutes, SystemClock};
use scoreline_store_postgres::MIGRATIONS;
use tokio::signal::unix::{SignalKind, signal};

/// Names the version that a process is to be.
pub const VERSION: &str = "LATER_VERSION";
/// The test that is a process of a later version.
pub const SERVES: &str = "later::serves_as_a_later_version";

/// A version to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// The next one, which only adds to the schema.
    Expanding,
    /// One after it, which removes what the present one uses and the next one does not.
    Contracting,
}

const EXPANDS: Migration = Migration {
    name: "0002_expands",
    sql: "ALTER TABLE scoreline.events ADD COLUMN later TEXT;
          ALTER TABLE scoreline.board_entries ADD COLUMN later BIGINT DEFAULT 7;
          ALTER TABLE scoreline.players ADD COLUMN later TEXT;
          ALTER TABLE scoreline.prizes ADD COLUMN later TEXT;
          ALTER TABLE scoreline.nodes ADD COLUMN later TEXT;
          CREATE TABLE scoreline.later (player_id TEXT PRIMARY KEY);
          CREATE INDEX prizes_by_later ON scoreline.prizes (later);",
    needs: 1,
};
const CONTRACTS: Migration =
    Migration { name: "0003_contracts", sql: "DROP VIEW scoreline.readable_events;", needs: 2 };

impl Version {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expanding => "expanding",
            Self::Contracting => "contracting",
        }
    }

    fn migrations(name: &str) -> Vec<Migration> {
        let later: &[Migration] = match name {
            "expanding" => &[EXPANDS],
            "contracting" => &[EXPANDS, CONTRACTS],
            other => panic!("there is no version {other}"),
        };
        [MIGRATIONS, later].concat()
    }
}

#[test]
#[ignore = "other tests run it as a process"]
fn serves_as_a_later_version() {
    let Ok(version) = std::env::var(VERSION) else { return };
    let filter = tracing_subscriber::EnvFilter::from_default_env();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let of_it = |name: &str| name == VERSION || name.starts_with("PATH");
    let environment: BTreeMap<String, String> =
        std::env::vars().filter(|(name, _)| !of_it(name)).collect();
    let config = Config::read(&BTreeMap::new(), &environment, Path::new("scoreline.toml"), false);
    let config = config.expect("settings that the binary takes as well");
    let migrations = Some(Version::migrations(&version));
    let substitutes = Substitutes { migrations, ..Substitutes::default() };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).expect("it can be caught");
        let server = Server::start_with(&config, Arc::new(SystemClock), substitutes).await;
        let server = server.unwrap_or_else(|error| panic!("{error}"));
        terminate.recv().await;
        assert!(server.shutdown().await, "everything came to rest");
    });
}

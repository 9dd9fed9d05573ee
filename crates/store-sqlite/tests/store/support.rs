//! A database file of its own for every test.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::Connection;
use scoreline_core::store::Store;
use scoreline_store_sqlite::{Access, Options, SqliteStore};
use scoreline_testkit::store_conformance::{Database, FileDatabase};
use tempfile::TempDir;

/// A folder that vanishes with the test, and a database in it.
pub struct File {
    folder: TempDir,
    /// What the stores opened from now on have to bear.
    pub options: Options,
}

impl File {
    pub fn new() -> Self {
        Self::with(Options::default())
    }

    pub fn with(options: Options) -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), options }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("scoreline.db")
    }

    /// Runs statements on a connection of their own.
    pub fn execute(&self, sql: &str) {
        let connection = Connection::open(self.path()).expect("opens");
        connection.busy_timeout(std::time::Duration::from_secs(5)).expect("sets");
        connection.execute_batch(sql).expect("executes");
    }
}

#[async_trait]
impl Database for File {
    async fn open(&self) -> Arc<dyn Store> {
        let store = SqliteStore::open_with(&self.path(), Access::ReadWrite, self.options.clone());
        Arc::new(store.expect("opens"))
    }

    async fn tamper(&self, sql: &str) {
        self.execute(sql);
    }

    fn add_to_statistic(&self, player: &str, slot: i64, amount: i64) -> String {
        format!(
            "INSERT INTO player_numbers (player_id) VALUES ('{player}') ON CONFLICT DO NOTHING;
             INSERT INTO player_state (player_no, slot, part, slots, amounts)
             SELECT player_no, 0, 0, '[{slot}]', '[0]' FROM player_numbers WHERE player_id = '{player}'
             ON CONFLICT DO NOTHING;
             UPDATE player_state
             SET amounts = json_set(amounts, found.place, found.amount + {amount})
             FROM (
                 SELECT s.player_no, '$[' || u.key || ']' AS place,
                     json_extract(s.amounts, '$[' || u.key || ']') AS amount
                 FROM player_numbers p JOIN player_state s USING (player_no) JOIN json_each(s.slots) u
                 WHERE p.player_id = '{player}' AND s.slot = 0 AND u.value = {slot}
             ) AS found
             WHERE player_state.player_no = found.player_no AND player_state.slot = 0;
             DELETE FROM player_state WHERE amounts = '[0]'"
        )
    }
}

#[async_trait]
impl FileDatabase for File {
    fn backup_path(&self) -> PathBuf {
        self.folder.path().join("backup.db")
    }

    async fn open_backup(&self) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(&self.backup_path(), Access::ReadWrite).expect("opens"))
    }
}

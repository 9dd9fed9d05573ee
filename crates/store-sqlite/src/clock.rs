//! The note about the clock.

use async_trait::async_trait;
use rusqlite::params;
use scoreline_core::store::{ClockStore, Result};
use scoreline_core::timekeeping::ClockNote;

use crate::statement::{execute, sql};
use crate::store::SqliteStore;

#[async_trait]
impl ClockStore for SqliteStore {
    async fn note_clock(&self, note: ClockNote) -> Result<()> {
        self.write(move |connection| {
            let values = params![note.epoch, note.last_at.as_ms(), note.offset_ms];
            execute(connection, sql!("clock/write"), values).map(drop)
        })
        .await
    }
}

//! Operating figures and totals, as they are kept.

use async_trait::async_trait;
use rusqlite::params;
use scoreline_core::id::Slot;
use scoreline_core::store::{FigureRow, FigureStore, Result};
use scoreline_core::time::Timestamp;

use crate::statement::{list, sql};
use crate::store::SqliteStore;

#[async_trait]
impl FigureStore for SqliteStore {
    async fn figures(&self, slot: Slot, grain_ms: i64, from: Timestamp) -> Result<Vec<FigureRow>> {
        self.read(move |connection| {
            let values = params![slot.0, grain_ms, from.floor_to(grain_ms).as_ms()];
            list(connection, sql!("figure/list"), values)
        })
        .await
    }
}

//! Storing events with all that follows from them, and listing them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use scoreline_core::fold::Plan;
use scoreline_core::question_text;
use scoreline_core::store::{
    Applied, Batch, EventFilter, EventStore, Result, ScanPosition, StoredEvent, Text,
};
use scoreline_core::time::Timestamp;

use crate::apply::Order;
use crate::scanning::{scan, stored};
use crate::statement::{bind, sql};
use crate::store::SqliteStore;

#[async_trait]
impl EventStore for SqliteStore {
    async fn apply(&self, plan: Arc<Plan>, batch: Batch, now: Timestamp) -> Result<Applied> {
        self.check_room()?;
        let (feed, crash) = (self.feed.clone(), self.crash.clone());
        let order = Order { plan, batch, now, feed, crash };
        let applied = self.write(move |connection| order.carry_out(connection)).await?;
        self.disk_is_full.store(false, Ordering::Relaxed);
        Ok(applied)
    }

    async fn recent(
        &self,
        filter: EventFilter,
        rows: usize,
        text: Text,
    ) -> Result<Vec<StoredEvent>> {
        self.read(move |connection| {
            let (question, values) = filter.recent(rows, text);
            Ok(stored(connection, question_text!(question, sql), bind(values))?.rows)
        })
        .await
    }

    async fn scan(
        &self,
        filter: EventFilter,
        after: Option<ScanPosition>,
        rows: usize,
    ) -> Result<Vec<StoredEvent>> {
        self.read(move |connection| Ok(scan(connection, &filter, after.as_ref(), rows)?.rows)).await
    }
}

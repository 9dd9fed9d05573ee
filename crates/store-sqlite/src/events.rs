//! Storing events with all that follows from them, and listing them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use rusqlite::{Connection, params};
use scoreline_core::fold::Plan;
use scoreline_core::id::{EventKey, PlayerId};
use scoreline_core::store::{Applied, Batch, EventFilter, EventStore, Result, StoredEvent};
use scoreline_core::time::Timestamp;

use crate::apply;
use crate::bounds::{After, from, until};
use crate::rows;
use crate::statement::{limit, list, sql};
use crate::store::SqliteStore;

/// Receipts that a listing of recent events looks through at most.
const RECENT_LOOKED_THROUGH: i64 = 200_000;

#[async_trait]
impl EventStore for SqliteStore {
    async fn apply(&self, plan: Arc<Plan>, batch: Batch, now: Timestamp) -> Result<Applied> {
        let (feed, crash) = (self.feed.clone(), self.crash.clone());
        let applied = self
            .write(move |connection| apply::apply(connection, &plan, &batch, now, &feed, &crash))
            .await?;
        self.disk_is_full.store(false, Ordering::Relaxed);
        Ok(applied)
    }

    async fn recent(&self, filter: EventFilter, rows: usize) -> Result<Vec<StoredEvent>> {
        self.read(move |connection| {
            let EventFilter { event_type, player, from: first, until: end } = &filter;
            let (from, until, rows) = (from(*first), until(*end), limit(rows));
            if let Some(player) = player.as_ref().map(PlayerId::as_str) {
                let values = params![from, until, event_type, rows, player];
                return list(connection, sql!("event/recent_player"), values, rows::read);
            }
            let values = params![from, until, event_type, rows, RECENT_LOOKED_THROUGH];
            list(connection, sql!("event/recent"), values, rows::read)
        })
        .await
    }

    async fn scan(
        &self,
        filter: EventFilter,
        after: Option<EventKey>,
        rows: usize,
    ) -> Result<Vec<StoredEvent>> {
        self.read(move |connection| scan(connection, &filter, after, rows)).await
    }
}

/// Stored events in the order of their keys.
pub(crate) fn scan(
    connection: &Connection,
    filter: &EventFilter,
    after: Option<EventKey>,
    rows: usize,
) -> Result<Vec<StoredEvent>> {
    let after = After::new(after, filter.from);
    let (until, event_type, rows) = (until(filter.until), &filter.event_type, limit(rows));
    if let Some(player) = filter.player.as_ref().map(PlayerId::as_str) {
        let values = params![after.time(), after.id(), until, event_type, rows, player];
        return list(connection, sql!("event/scan_player"), values, rows::read);
    }
    let values = params![after.time(), after.id(), until, event_type, rows];
    list(connection, sql!("event/scan"), values, rows::read)
}

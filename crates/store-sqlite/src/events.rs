//! Storing events with all that follows from them, and listing them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use rusqlite::{Connection, params};
use scoreline_core::fold::Plan;
use scoreline_core::id::PlayerId;
use scoreline_core::store::{
    Applied, Batch, EventFilter, EventStore, Result, ScanPosition, StoredEvent,
};
use scoreline_core::time::Timestamp;

use crate::apply;
use crate::bounds::{from, until};
use crate::rows;
use crate::statement::{first, limit, list, only, sql};
use crate::store::SqliteStore;

/// Events that a listing of recent ones looks through at most.
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
                return list(connection, sql!("event/recent_player"), values, rows::stored_event);
            }
            let values = params![from, until, event_type, rows, RECENT_LOOKED_THROUGH];
            list(connection, sql!("event/recent"), values, rows::stored_event)
        })
        .await
    }

    async fn scan(
        &self,
        filter: EventFilter,
        after: Option<ScanPosition>,
        rows: usize,
    ) -> Result<Vec<StoredEvent>> {
        self.read(move |connection| scan(connection, &filter, after.as_ref(), rows)).await
    }
}

/// Stored events in the order in which they were applied.
pub(crate) fn scan(
    connection: &Connection,
    filter: &EventFilter,
    after: Option<&ScanPosition>,
    rows: usize,
) -> Result<Vec<StoredEvent>> {
    let after = after.map_or(Ok(i64::MIN), |after| rows::event_no(after.as_bytes()))?;
    let (from, until, event_type) = (from(filter.from), until(filter.until), &filter.event_type);
    let rows = limit(rows);
    if let Some(player) = filter.player.as_ref().map(PlayerId::as_str) {
        let values = params![after, from, until, event_type, rows, player];
        return list(connection, sql!("event/scan_player"), values, rows::stored_event);
    }
    let values = params![after, from, until, event_type, rows];
    list(connection, sql!("event/scan"), values, rows::stored_event)
}

/// The number of the first event that was applied at `time` or later; one more than the last number
/// if there is none. Found by halving, because times of application ascend with the numbers.
pub(crate) fn first_applied_from(connection: &Connection, time: Timestamp) -> Result<i64> {
    let last: Option<i64> = only(connection, sql!("event/last"), (), rows::read)?;
    let Some(last) = last else { return Ok(1) };
    // Numbers begin with 1. Everything below `low` was applied before, everything from `high` on
    // was not.
    let (mut low, mut high) = (1, last + 1);
    while low < high {
        let middle = i64::midpoint(low, high);
        let found: Option<(i64, Timestamp)> =
            first(connection, sql!("event/first_from"), [middle], rows::read)?;
        match found {
            Some((no, applied_at)) if applied_at < time => low = no + 1,
            _ => high = middle,
        }
    }
    Ok(high)
}

//! Storing events with all that follows from them, and listing them.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::fold::Plan;
use scoreline_core::id::PlayerId;
use scoreline_core::limits::RECENT_LOOKED_THROUGH;
use scoreline_core::store::values::limit;
use scoreline_core::store::{
    Applied, Batch, EventFilter, EventStore, Portion, Result, ScanPosition, StoredEvent,
};
use scoreline_core::time::Timestamp;

use crate::apply;
use crate::rows;
use crate::scanned::After;
use crate::session::{Session, sql};
use crate::store::PostgresStore;
use crate::value::{Param, values};
use crate::voided;

#[async_trait]
impl EventStore for PostgresStore {
    async fn apply(&self, plan: Arc<Plan>, batch: Batch, now: Timestamp) -> Result<Applied> {
        self.write(move |database| async move { apply::apply(&database, &plan, &batch, now).await })
            .await
    }

    async fn recent(&self, filter: EventFilter, rows: usize) -> Result<Vec<StoredEvent>> {
        self.read(move |session| async move {
            let (from, until, event_type) = filter.times_and_type();
            let rows = limit(rows);
            let found = if let Some(player) = filter.player.as_ref().map(PlayerId::as_str) {
                let values = values![from, until, event_type, rows, player];
                stored(&session, sql!("event/recent_player"), values).await
            } else {
                let values = values![from, until, event_type, rows, limit(RECENT_LOOKED_THROUGH)];
                stored(&session, sql!("event/recent"), values).await
            };
            Ok(found?.rows)
        })
        .await
    }

    async fn scan(
        &self,
        filter: EventFilter,
        after: Option<ScanPosition>,
        rows: usize,
    ) -> Result<Vec<StoredEvent>> {
        self.read(move |session| async move {
            Ok(scan(&session, &filter, after.as_ref(), rows).await?.rows)
        })
        .await
    }
}

/// Stored events in the order in which they were applied.
pub(crate) async fn scan(
    session: &Session,
    filter: &EventFilter,
    after: Option<&ScanPosition>,
    rows: usize,
) -> Result<Portion<StoredEvent>> {
    let After { applied_at, id, player: after_player } = After::new(after)?;
    let (from, until, event_type) = filter.times_and_type();
    let most = limit(rows);
    let found = if let Some(player) = filter.player.as_ref().map(PlayerId::as_str) {
        let values = values![applied_at, id, after_player, from, until, event_type, most, player];
        stored(session, sql!("event/scan_player"), values).await
    } else {
        let values = values![applied_at, id, after_player, from, until, event_type, most];
        stored(session, sql!("event/scan"), values).await
    };
    Ok(found?.of_at_most(rows))
}

/// The events that a statement answers, as far as their bytes allow, each with when it did not count.
pub(crate) async fn stored(
    session: &Session,
    sql: &str,
    values: &[Param<'_>],
) -> Result<Portion<StoredEvent>> {
    let bytes = |stored: &StoredEvent| stored.event.payload.len();
    let mut stored = session.portion(sql, values, rows::stored_event, bytes).await?;
    voided::attach(session, &mut stored.rows).await?;
    Ok(stored)
}

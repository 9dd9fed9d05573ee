//! Storing events with all that follows from them, and listing them.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::fold::Plan;
use scoreline_core::question_text;
use scoreline_core::store::{
    Applied, Batch, EventFilter, EventStore, Result, ScanPosition, StoredEvent, Text,
};
use scoreline_core::time::Timestamp;

use crate::apply;
use crate::scanning::{scan, stored};
use crate::session::sql;
use crate::store::PostgresStore;
use crate::value::bind;

#[async_trait]
impl EventStore for PostgresStore {
    async fn apply(&self, plan: Arc<Plan>, batch: Batch, now: Timestamp) -> Result<Applied> {
        self.write(move |database| async move { apply::apply(&database, &plan, &batch, now).await })
            .await
    }

    async fn recent(
        &self,
        filter: EventFilter,
        rows: usize,
        text: Text,
    ) -> Result<Vec<StoredEvent>> {
        self.read(move |session| async move {
            let (question, values) = filter.recent(rows, text);
            let values = bind(values);
            Ok(stored(&session, question_text!(question, sql), &values.all()).await?.rows)
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

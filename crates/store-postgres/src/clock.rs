//! The note about the clock.

use async_trait::async_trait;
use scoreline_core::store::{ClockStore, Result};
use scoreline_core::timekeeping::ClockNote;

use crate::session::sql;
use crate::store::PostgresStore;
use crate::value::values;

#[async_trait]
impl ClockStore for PostgresStore {
    async fn note_clock(&self, note: ClockNote) -> Result<()> {
        self.write(move |database| async move {
            let session = database.session().await?;
            let values = values![note.epoch, note.last_at.as_ms(), note.offset_ms];
            session.execute(sql!("clock/write"), values).await.map(drop)
        })
        .await
    }
}

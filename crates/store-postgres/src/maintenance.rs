//! Looking after the database: health and sizes. Backups are the database's own business.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::store::{
    MaintenanceStore, PoolFigures, Progress, Result, StoreError, StoreFigures,
};

use crate::rows;
use crate::session::sql;
use crate::store::PostgresStore;
use crate::value::values;

#[async_trait]
impl MaintenanceStore for PostgresStore {
    async fn backup(
        &self,
        _to: PathBuf,
        _progress: Arc<dyn Fn(Progress) + Send + Sync>,
    ) -> Result<()> {
        Err(StoreError::BackedUpElsewhere(format!(
            "a database on PostgreSQL is backed up by its own tools: pg_dump --schema={} takes a \
             copy while it serves; base backups with archived logs bring back any moment",
            self.database.schema()
        )))
    }

    async fn ping(&self) -> Result<()> {
        let is_writable = self
            .read(|session| async move {
                session.only(sql!("state/is_writable"), values![], rows::read).await
            })
            .await?;
        if is_writable {
            return Ok(());
        }
        Err(StoreError::Unreachable("the server takes no writes: it is a standby".to_owned()))
    }

    fn pool(&self) -> PoolFigures {
        self.database.figures()
    }

    /// Vacuuming is the database's own business.
    async fn give_back(&self, _all: bool) -> Result<u64> {
        Ok(0)
    }

    async fn store_figures(&self) -> Result<StoreFigures> {
        let schema = self.database.schema().to_owned();
        let bytes = self
            .read(|session| async move {
                session.only(sql!("state/sizes"), values![schema], rows::read).await
            })
            .await?;
        // The log is the server's, not ours alone.
        Ok(StoreFigures { bytes, log_bytes: 0 })
    }
}

//! Looking after the database: backup, health, sizes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use scoreline_core::store::{
    MaintenanceStore, PoolFigures, Progress, Result, StoreError, StoreFigures,
};

use crate::statement::{execute, sql};
use crate::store::SqliteStore;
use crate::{backup, open, state, vacuum};

/// Bytes that are written to find out whether a disk that was full still is.
const PROBE_BYTES: i64 = 256 * 1024;

#[async_trait]
impl MaintenanceStore for SqliteStore {
    async fn backup(
        &self,
        to: PathBuf,
        progress: Arc<dyn Fn(Progress) + Send + Sync>,
    ) -> Result<()> {
        self.aside(move |from| backup::back_up(from, &to, &*progress)).await
    }

    async fn ping(&self) -> Result<()> {
        self.read(|connection| state::plan_version(connection)).await?;
        if self.writer.is_none() {
            return Ok(());
        }
        self.check_room()?;
        let disk_is_full = Arc::clone(&self.disk_is_full);
        self.write(move |connection| {
            if disk_is_full.load(Ordering::Relaxed) {
                // A few bytes may still fit on a disk that has no room for events.
                execute(connection, sql!("state/write_probe"), [PROBE_BYTES])?;
                execute(connection, sql!("state/remove_probe"), ())?;
                disk_is_full.store(false, Ordering::Relaxed);
            }
            execute(connection, sql!("state/touch"), ()).map(drop)
        })
        .await
    }

    fn pool(&self) -> PoolFigures {
        self.readers.figures()
    }

    async fn give_back(&self, all: bool) -> Result<u64> {
        let outcome = self.write(move |connection| vacuum::give_back(connection, all)).await;
        match outcome {
            Err(StoreError::DiskFull) if self.reserve.release() => {
                self.write(move |connection| vacuum::give_back(connection, all)).await
            }
            outcome => outcome,
        }
    }

    async fn store_figures(&self) -> Result<StoreFigures> {
        let size = |path: &Path| std::fs::metadata(path).map_or(0, |found| found.len());
        let log_bytes = size(&open::log_path(&self.path));
        Ok(StoreFigures { bytes: size(&self.path) + log_bytes, log_bytes })
    }
}

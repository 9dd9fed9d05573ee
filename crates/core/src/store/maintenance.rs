//! Looking after the database: backup, health, sizes.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

use super::Result;

/// How far a long task has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Events done so far.
    pub done: u64,
    /// Events in all, about.
    pub total: u64,
    /// Whether it is finished.
    pub finished: bool,
}

impl Progress {
    /// After a step of a fill, beyond which there may be `more`. `filled` is how many events all steps have
    /// folded, and how many there are.
    pub fn of_step(filled: (u64, u64), more: bool) -> Self {
        let (done, total) = filled;
        Self { done, total: total.max(done), finished: !more }
    }
}

/// The connections to the database, right now.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PoolFigures {
    /// Open connections.
    pub total: u32,
    /// Those without work.
    pub idle: u32,
    /// Callers waiting for one.
    pub waiting: u32,
    /// The most there may be now.
    pub max: u32,
    /// The most that the settings want. The server may give fewer.
    pub wanted: u32,
    /// How busy the database is, in percent, where that can be told: see
    /// [`crate::slowness::Slowness`].
    pub load_percent: Option<f64>,
}

impl PoolFigures {
    /// That the server gives fewer connections than the settings want, where it does.
    pub fn shortage(self) -> Option<String> {
        let Self { max, wanted, .. } = self;
        (max < wanted).then(|| {
            format!(
                "the server gives {max} of the {wanted} connections that \
                 SCORELINE_DATABASE_CONNECTIONS says; requests wait for those"
            )
        })
    }

    /// The share of the most there may be that is in use, in percent.
    pub fn utilization_percent(self) -> f64 {
        if self.max == 0 {
            return 0.0;
        }
        f64::from(self.total.saturating_sub(self.idle)) * 100.0 / f64::from(self.max)
    }
}

/// The database as a whole, right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoreFigures {
    /// Bytes on disk, all files together.
    pub bytes: u64,
    /// Bytes among them that are not merged into the main file yet (SQLite's write-ahead log).
    pub log_bytes: u64,
}

/// Maintenance.
#[async_trait]
pub trait MaintenanceStore: Send + Sync + 'static {
    /// Writes a consistent copy of the database to a new file while serving. Conflict if the file
    /// exists.
    async fn backup(
        &self,
        to: PathBuf,
        progress: Arc<dyn Fn(Progress) + Send + Sync>,
    ) -> Result<()>;

    /// Answers once the database has answered a trivial query and can be written to.
    async fn ping(&self) -> Result<()>;

    /// The connections, right now.
    fn pool(&self) -> PoolFigures;

    /// Gives space that nothing lies in any more back to the disk, in one short step. Answers how many bytes
    /// that made free; 0 once there is nothing left that is worth it, or with `all`, nothing at all. A
    /// database that looks after this itself answers 0.
    async fn give_back(&self, all: bool) -> Result<u64>;

    /// Sizes, right now.
    async fn store_figures(&self) -> Result<StoreFigures>;
}

//! Looking after the data: retention, verification, backup, health.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

use super::Result;
use crate::fold::Plan;
use crate::time::Timestamp;

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

/// What a step of retention removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Removed {
    /// Raw events removed.
    pub events: u64,
    /// Whether there is nothing left to remove.
    pub finished: bool,
}

/// One difference between derived state and the fold of the raw events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What differs, such as `board global`.
    pub what: String,
    /// The key within it, such as a player's id.
    pub key: String,
    /// What the store holds; empty if the row is missing.
    pub stored: String,
    /// What the raw events say; empty if there should be no row.
    pub recomputed: String,
}

/// What verification found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VerifyReport {
    /// Raw events that were folded.
    pub events: u64,
    /// Derived rows that were compared.
    pub rows: u64,
    /// How many rows differ.
    pub differing: u64,
    /// The first differences, at most as many as asked for.
    pub differences: Vec<Difference>,
    /// Projections that do not hold all of history and were not compared.
    pub incomplete: Vec<String>,
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
    /// The most there may be.
    pub max: u32,
    /// How busy the database is, in percent, where that can be told: see
    /// [`crate::slowness::Slowness`].
    pub load_percent: Option<f64>,
}

impl PoolFigures {
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
    /// Removes raw events that happened and were received before `before`, at most `events`, in one
    /// short transaction that merges their fold into the baselines. Does nothing while a
    /// projection is being filled.
    async fn remove_events(
        &self,
        plan: Arc<Plan>,
        before: Timestamp,
        events: usize,
    ) -> Result<Removed>;

    /// Removes figures that started before `fine` or `coarse` (by grain), dead events and
    /// quarantine entries that were given up before `coarse`, with their baselines.
    async fn remove_figures(&self, fine: Timestamp, coarse: Timestamp) -> Result<()>;

    /// Folds all raw events again, from one consistent view of the data while writes go on, and
    /// compares the result with every complete projection, and the prizes of closed tournaments
    /// with their standings. Lists at most `list` differences. Reports progress as it goes.
    async fn verify(
        &self,
        plan: Arc<Plan>,
        list: usize,
        progress: Arc<dyn Fn(Progress) + Send + Sync>,
    ) -> Result<VerifyReport>;

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

    /// Sizes, right now.
    async fn store_figures(&self) -> Result<StoreFigures>;
}

//! What health and metrics look at: the store, the ways of events, the ranks, the jobs, the nodes.
//!
//! Everything here is cheap at any volume, and nothing waits for long: whoever asks for health must
//! hear of a database that is silent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use scoreline_core::alert::{self, Alert, Thresholds};
use scoreline_core::intake::{Intake, IntakeFigures};
use scoreline_core::operations::{JobFigures, Operations};
use scoreline_core::store::{self, PoolFigures, Store, StoreError, Totals};
use scoreline_core::time::{Clock, Timestamp};
use scoreline_ranking::Ranks;

use crate::connections::Connections;
use crate::metrics::Readings;

/// How long the database may take for an answer.
const ANSWER_LONGEST: Duration = Duration::from_secs(5);

/// What health and metrics look at.
pub(crate) struct Vitals {
    /// The database.
    pub store: Arc<dyn Store>,
    /// Where events go.
    pub intake: Arc<dyn Intake>,
    /// The ranks.
    pub ranks: Arc<Ranks>,
    /// The connections of clients.
    pub connections: Arc<Connections>,
    /// Knows the jobs and the other nodes.
    pub operations: Arc<dyn Operations>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// When figures become alerts.
    pub thresholds: Thresholds,
    /// When the process started.
    pub started_at: Timestamp,
    /// False while the server starts or shuts down.
    pub ready: AtomicBool,
}

impl Vitals {
    /// Whether requests may be sent here.
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }

    /// Whether the database answers, and within how many milliseconds it said so.
    pub async fn ping(&self) -> (store::Result<()>, u64) {
        let asked = self.clock.monotonic();
        let answer = in_time(self.store.ping()).await;
        let waited = self.clock.monotonic() - asked;
        (answer, u64::try_from(waited.as_millis()).unwrap_or(u64::MAX))
    }

    /// What there is of events since the database was made.
    pub async fn totals(&self) -> store::Result<Totals> {
        in_time(self.store.totals()).await
    }

    /// The connections to the database.
    pub fn pool(&self) -> PoolFigures {
        self.store.pool()
    }

    /// Seconds since the process started.
    pub fn uptime_seconds(&self) -> i64 {
        self.clock.now().ms_since(self.started_at).max(0) / 1_000
    }

    /// The jobs that fail: which, how often in a row, and why.
    pub fn failing_jobs(&self) -> Vec<(&'static str, u32, String)> {
        let failing = |job: JobFigures| {
            let (failures, reason) = job.failing?;
            Some((job.name, failures, reason))
        };
        self.operations.jobs().into_iter().filter_map(failing).collect()
    }

    /// The figures that are above their thresholds.
    pub fn alerts(&self, totals: Totals, intake: &IntakeFigures) -> Vec<Alert> {
        let now = self.clock.now();
        let oldest_ms = intake.oldest_waiting.map_or(0, |oldest| now.ms_since(oldest).max(0));
        let pool = self.pool();
        self.thresholds.alerts(&alert::Figures {
            waiting: intake.waiting_by_class.total(),
            capacity_per_second: intake.capacity_per_second,
            failed: totals.dead,
            losses: intake.queue.as_ref().map_or(0, |queue| queue.recent_losses.times),
            queue_is_foreign: intake.queue.as_ref().is_some_and(|queue| queue.foreign),
            clock_is_in_doubt: self.operations.clock_doubt().is_some(),
            worker_utilization_percent: intake.current_load_percent,
            pool_utilization_percent: pool.utilization_percent(),
            database_load_percent: pool.load_percent,
            oldest_waiting_seconds: oldest_ms as f64 / 1_000.0,
        })
    }

    /// How many boards this node holds in memory, and why they are not shown as they are now, if they
    /// are not.
    pub fn boards(&self) -> (usize, Option<String>) {
        let age_ms = self.ranks.age_ms();
        let reason = (age_ms > 0).then(|| {
            let seconds = age_ms.div_euclid(1_000);
            format!("the database was last heard {seconds} s ago, and the boards are as of then")
        });
        (self.ranks.boards().loaded().len(), reason)
    }

    /// What a scrape of metrics shows beside what is counted as it happens.
    pub async fn readings(&self) -> Readings {
        Readings {
            now: self.clock.now(),
            totals: self.store.totals().await.ok(),
            intake: self.intake.figures(),
            store: self.store.store_figures().await.ok(),
            pool: self.pool(),
            jobs: self.operations.jobs(),
            other_nodes: self.operations.other_nodes().len(),
            clock_doubt: self.operations.clock_doubt(),
            clients: self.connections.count(),
        }
    }
}

/// What the database answers, unless it is silent for too long.
pub(crate) async fn in_time<T>(
    question: impl Future<Output = store::Result<T>>,
) -> store::Result<T> {
    let answer = tokio::time::timeout(ANSWER_LONGEST, question).await;
    answer.unwrap_or_else(|_| {
        let reason = format!("it did not answer within {} s", ANSWER_LONGEST.as_secs());
        Err(StoreError::Busy(reason))
    })
}

/// Whether there is no place where events can be put. Where a queue takes them, the database may be
/// away for a while.
pub(crate) fn takes_no_events(intake: &IntakeFigures, database_answers: bool) -> bool {
    let queue_takes_events = intake.queue.as_ref().is_some_and(|queue| queue.away.is_none());
    intake.refusing.is_some() || !(database_answers || queue_takes_events)
}

//! What health and metrics look at: the store, the ways of events, the ranks, the jobs, the nodes.
//!
//! Everything here is cheap at any volume, and nothing waits for long: whoever asks for health must
//! hear of a database that is silent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use scoreline_core::alert::{self, Alert, Level, Thresholds};
use scoreline_core::intake::{Intake, IntakeFigures};
use scoreline_core::nodes::Node;
use scoreline_core::operations::{JobFigures, Operations};
use scoreline_core::store::{self, PoolFigures, Store, StoreError, Totals};
use scoreline_core::time::{Clock, Timestamp};
use scoreline_core::timekeeping::Doubt;
use scoreline_ranking::Ranks;

use crate::connections::Connections;
use crate::limits::{Counting, RateLimits};
use crate::metrics::Readings;

/// How long the database may take for an answer.
const ANSWER_LONGEST: Duration = Duration::from_secs(5);

/// What health and metrics look at.
pub struct Vitals {
    /// The database.
    pub store: Arc<dyn Store>,
    /// Where events go.
    pub intake: Arc<dyn Intake>,
    /// The ranks.
    pub ranks: Arc<Ranks>,
    /// The connections of clients.
    pub(crate) connections: Arc<Connections>,
    /// How often one player or one address may ask.
    pub(crate) limits: Arc<RateLimits>,
    /// Knows the jobs and the other nodes.
    pub operations: Arc<dyn Operations>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// When figures become alerts.
    pub thresholds: Thresholds,
    /// What others can do to the connections to the database on their way, if they can do anything.
    pub database_exposure: Option<&'static str>,
    /// When the process started.
    pub started_at: Timestamp,
    /// False while the server starts or shuts down.
    pub ready: AtomicBool,
}

/// How well a server is, all parts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wellness {
    /// All parts are as they should be.
    Healthy,
    /// It serves, but somebody should look.
    Degraded,
    /// It can put events nowhere.
    Unhealthy,
}

/// The state of a server and its parts at one moment.
pub struct State {
    /// Whether the database answers.
    pub ping: store::Result<()>,
    /// Within how many milliseconds it did, or did not.
    pub ping_ms: u64,
    /// That the database gives fewer connections than the settings want, where it does.
    pub connections_short: Option<String>,
    /// What there is of events; `None` while the database does not say.
    pub totals: Option<Totals>,
    /// The way in.
    pub intake: IntakeFigures,
    /// Boards that this node holds in memory.
    pub boards: usize,
    /// Why they are not shown as they are now, if they are not.
    pub boards_outdated: Option<String>,
    /// The jobs that fail: which, how often in a row, and why.
    pub failing_jobs: Vec<(&'static str, u32, String)>,
    /// Why the time is not trusted, if it is not.
    pub clock_doubt: Option<Doubt>,
    /// How rate limits are counted.
    pub counting: Counting,
    /// The figures above their thresholds, the critical ones first.
    pub alerts: Vec<Alert>,
    /// The other nodes on the same database.
    pub other_nodes: Vec<Node>,
}

impl State {
    /// How well the server is.
    pub fn wellness(&self) -> Wellness {
        if takes_no_events(&self.intake, self.ping.is_ok()) {
            return Wellness::Unhealthy;
        }
        let queue = self.intake.queue.as_ref();
        let queue_is_off = queue.is_some_and(|one| one.away.is_some() || one.held_up.is_some());
        let is_strained = self.ping.is_err()
            || self.connections_short.is_some()
            || queue_is_off
            || self.clock_doubt.is_some()
            || self.boards_outdated.is_some()
            || matches!(self.counting, Counting::Alone { .. })
            || !self.failing_jobs.is_empty()
            || self.alerts.iter().any(|alert| alert.level == Level::Critical);
        if is_strained { Wellness::Degraded } else { Wellness::Healthy }
    }
}

impl Vitals {
    /// The state of the server and its parts now.
    pub async fn state(&self) -> State {
        let (ping, ping_ms) = self.ping().await;
        let totals = match &ping {
            Ok(()) => self.totals().await.ok(),
            Err(_) => None,
        };
        let intake = self.intake.figures();
        let (boards, boards_outdated) = self.boards();
        State {
            alerts: self.alerts(totals.unwrap_or_default(), &intake),
            connections_short: ping.is_ok().then(|| self.pool().shortage()).flatten(),
            ping,
            ping_ms,
            totals,
            intake,
            boards,
            boards_outdated,
            failing_jobs: self.failing_jobs(),
            clock_doubt: self.operations.clock_doubt(),
            counting: self.limits.counting(),
            other_nodes: self.operations.other_nodes(),
        }
    }

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
        self.thresholds.alerts(&self.measured(totals, intake))
    }

    /// The figures that have thresholds.
    pub fn measured(&self, totals: Totals, intake: &IntakeFigures) -> alert::Figures {
        let now = self.clock.now();
        let oldest_ms = intake.oldest_waiting.map_or(0, |oldest| now.ms_since(oldest).max(0));
        let (pool, set_aside) = (self.pool(), self.operations.set_aside());
        alert::Figures {
            waiting: intake.waiting_by_class.total(),
            capacity_per_second: intake.capacity_per_second,
            failed: totals.dead.min(set_aside.dead.alarming),
            losses: intake.queue.as_ref().map_or(0, |queue| queue.recent_losses.times),
            queue_is_foreign: intake.queue.as_ref().is_some_and(|queue| queue.foreign),
            clock_is_in_doubt: self.operations.clock_doubt().is_some(),
            worker_utilization_percent: intake.current_load_percent,
            pool_utilization_percent: pool.utilization_percent(),
            database_load_percent: pool.load_percent,
            oldest_waiting_seconds: oldest_ms as f64 / 1_000.0,
            set_aside_room_percent: set_aside.percent(),
            review_waiting_hours: totals.in_review.age_hours(now),
            erasure_waiting_hours: totals.erasures_asked.age_hours(now),
        }
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
    pub(crate) async fn readings(&self) -> Readings {
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
            set_aside: self.operations.set_aside(),
        }
    }
}

/// What the database answers, unless it is silent for too long.
pub async fn in_time<T>(question: impl Future<Output = store::Result<T>>) -> store::Result<T> {
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

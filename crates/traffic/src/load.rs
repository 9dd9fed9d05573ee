//! The load generator: sends by a schedule that does not wait for answers, or as fast as answers come.
//!
//! In an open loop every request has a moment at which it is meant to be sent, and its latency counts
//! from that moment, whether or not a connection was free: a server that stalls is charged with all
//! that waited meanwhile, as players would experience it. In a closed loop every connection sends its
//! next request with the answer to the last; that finds the throughput and says little of latency.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use hdrhistogram::Histogram;
use scoreline_core::time::Timestamp;
use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::client::{Answer, ClientError, Connection, Target};
use crate::report::Phase;
use crate::workload::{Request, Workload};

/// How finely the pacer hands out what is due.
const TICK: Duration = Duration::from_micros(200);
/// How long what is due may still be sent after the schedule ended, unless told otherwise.
pub const DRAIN: Duration = Duration::from_secs(10);
/// The longest latency that is told apart: 10 minutes.
const LATENCY_US_MAX: u64 = 600_000_000;

/// When requests are sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// A fixed number a second, whatever the server does.
    Open {
        /// Requests a second.
        per_second: f64,
    },
    /// The next one with the answer to the last, on every connection.
    Closed,
}

/// A load to be put on a server.
#[derive(Clone)]
pub struct Load {
    /// What it is called in the report.
    pub name: String,
    /// The server.
    pub target: Target,
    /// When requests are sent.
    pub pace: Pace,
    /// Over how many connections.
    pub connections: usize,
    /// How long requests are sent before anything is measured.
    pub warm_up: Duration,
    /// How long it is measured.
    pub duration: Duration,
    /// How long what is due may still be sent after the schedule of an open loop ended. What is left
    /// then counts as unsent.
    pub drain: Duration,
    /// The most requests, warm-up included.
    pub requests_max: Option<u64>,
    /// The source of the present time.
    pub clock: Arc<dyn scoreline_core::time::Clock>,
}

/// The results, in parts that can be added up.
struct Tally {
    latencies: Histogram<u64>,
    requests: u64,
    accepted: u64,
    rejected: u64,
    duplicates: u64,
    by_status: BTreeMap<u16, u64>,
    broken: u64,
    first_error: Option<String>,
    last_answer: Option<Instant>,
}

/// The parts of an answer to events that are counted.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Receipt {
    accepted: u64,
    duplicates: u64,
    rejected: Vec<serde::de::IgnoredAny>,
}

/// What all connections of a run share.
struct Run {
    workload: Arc<dyn Workload>,
    clock: Arc<dyn scoreline_core::time::Clock>,
    pace: Pace,
    start: Instant,
    measured_from: Instant,
    end: Instant,
    drain: Duration,
    /// How many requests there are at most.
    requests_max: u64,
    /// The number of the next request.
    next: AtomicU64,
    /// Requests that are due and not taken by a connection; unused in a closed loop.
    due: Semaphore,
    stopped: AtomicBool,
}

impl Load {
    /// Puts the load on the server, and stops by itself. Fails only if no connection can be opened.
    pub async fn run(self, workload: Arc<dyn Workload>) -> Result<Phase, ClientError> {
        let mut connections = Vec::new();
        for _ in 0..self.connections.max(1) {
            let mut connection = Connection::new(self.target.clone());
            connection.open().await?;
            connections.push(connection);
        }
        let run = Arc::new(self.start(Arc::clone(&workload)));
        // Ends the pacer and the other connections also if this future is dropped.
        let _stop = StopOnDrop(Arc::clone(&run));
        if let Pace::Open { .. } = run.pace {
            let run = Arc::clone(&run);
            std::thread::spawn(move || run.hand_out());
        }
        let mut tasks = tokio::task::JoinSet::new();
        for connection in connections {
            tasks.spawn(Arc::clone(&run).serve(connection));
        }
        let mut tally = Tally::new();
        while let Some(part) = tasks.join_next().await {
            match part {
                Ok(part) => tally.add(part),
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            }
        }
        Ok(self.phase(&run, tally, workload.events_per_request()))
    }

    fn start(&self, workload: Arc<dyn Workload>) -> Run {
        let start = Instant::now();
        let measured_from = start + self.warm_up;
        let end = measured_from + self.duration;
        let scheduled = match self.pace {
            Pace::Open { per_second } => {
                let seconds = (self.warm_up + self.duration).as_secs_f64();
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "casts saturate, and a negative rate sends nothing"
                )]
                let scheduled = (per_second * seconds) as u64;
                scheduled
            }
            Pace::Closed => u64::MAX,
        };
        Run {
            workload,
            clock: Arc::clone(&self.clock),
            pace: self.pace,
            start,
            measured_from,
            end,
            drain: self.drain,
            requests_max: self.requests_max.unwrap_or(u64::MAX).min(scheduled),
            next: AtomicU64::new(0),
            due: Semaphore::new(0),
            stopped: AtomicBool::new(false),
        }
    }

    fn phase(self, run: &Run, mut tally: Tally, events_per_request: u64) -> Phase {
        let unsent = run.unsent();
        // From the first moment that counts to the last answer, but not less than was scheduled:
        // neither a slow end nor an idle one may make the rate look better.
        let last = tally.last_answer.unwrap_or(run.measured_from);
        let end = if tally.requests + unsent > 0 && self.requests_max.is_none() {
            last.max(run.end)
        } else {
            last
        };
        let seconds = end.saturating_duration_since(run.measured_from).as_secs_f64();
        if unsent > 0 {
            tally.first_error.get_or_insert_with(|| "not sent in time".to_owned());
        }
        let refused: u64 = tally
            .by_status
            .iter()
            .filter(|(status, _)| !(200..300).contains(*status))
            .map(|(_, count)| count)
            .sum();
        Phase {
            name: self.name,
            requests: tally.requests,
            events: (tally.requests - tally.broken - refused) * events_per_request,
            accepted: tally.accepted,
            rejected: tally.rejected,
            duplicates: tally.duplicates,
            unsent,
            seconds,
            per_second: crate::report::rate(tally.requests - tally.broken - refused, seconds),
            events_per_second: crate::report::rate(tally.accepted, seconds),
            p50_us: tally.latencies.value_at_quantile(0.5),
            p90_us: tally.latencies.value_at_quantile(0.9),
            p99_us: tally.latencies.value_at_quantile(0.99),
            p999_us: tally.latencies.value_at_quantile(0.999),
            max_us: tally.latencies.max(),
            errors: tally.broken + refused + unsent,
            by_status: tally.by_status,
            first_error: tally.first_error,
        }
    }
}

impl Run {
    /// When the `n`-th request is meant to be sent.
    fn intended(&self, n: u64) -> Instant {
        match self.pace {
            Pace::Open { per_second } => {
                self.start + Duration::from_secs_f64(n as f64 / per_second)
            }
            Pace::Closed => Instant::now(),
        }
    }

    /// Hands out what is due, tick by tick, until all of the schedule is. A thread of its own wakes
    /// up within a fraction of a millisecond, which the runtime's timers do not.
    fn hand_out(&self) {
        let mut handed_out = 0;
        while handed_out < self.requests_max && !self.stopped.load(Ordering::Relaxed) {
            let now = Instant::now();
            let mut due = 0;
            while handed_out < self.requests_max && self.intended(handed_out) <= now {
                handed_out += 1;
                due += 1;
            }
            if due > 0 {
                self.due.add_permits(due);
            }
            if handed_out < self.requests_max {
                let next = self.intended(handed_out).saturating_duration_since(Instant::now());
                std::thread::sleep(next.max(TICK));
            }
        }
        // Connections find what is left, then the end.
        self.due.close();
    }

    /// The number of the next request for a connection, or `None` when there is no more.
    async fn take(&self) -> Option<u64> {
        match self.pace {
            Pace::Open { .. } => {
                // A closed semaphore lets nobody wait, but what was handed out is still to be sent.
                if let Ok(permit) = self.due.acquire().await {
                    permit.forget();
                }
                if Instant::now() > self.end + self.drain {
                    return None;
                }
            }
            Pace::Closed => {
                if Instant::now() >= self.end {
                    return None;
                }
            }
        }
        if self.stopped.load(Ordering::Relaxed) {
            return None;
        }
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        (n < self.requests_max).then_some(n)
    }

    /// How many requests of the schedule no connection ever came to.
    fn unsent(&self) -> u64 {
        match self.pace {
            Pace::Open { .. } => {
                self.requests_max.saturating_sub(self.next.load(Ordering::Relaxed))
            }
            Pace::Closed => 0,
        }
    }

    /// One connection's part of the run.
    async fn serve(self: Arc<Self>, mut connection: Connection) -> Tally {
        let mut tally = Tally::new();
        while let Some(n) = self.take().await {
            let intended = self.intended(n);
            let request = self.workload.request(n, self.clock.now());
            let is_post = matches!(request, Request::Post { .. });
            let answer = match request {
                Request::Get { path } => connection.get(&path).await,
                Request::Post { path, body } => connection.post(path, body).await,
            };
            let failed = answer.is_err();
            if intended >= self.measured_from {
                tally.note(intended, answer, is_post);
            }
            if failed && connection.open().await.is_err() {
                // A server that is gone is not asked in a busy loop.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        tally
    }
}

impl Tally {
    fn new() -> Self {
        let latencies = Histogram::new_with_bounds(1, LATENCY_US_MAX, 3)
            .expect("the bounds and digits are ones that a histogram takes");
        Self {
            latencies,
            requests: 0,
            accepted: 0,
            rejected: 0,
            duplicates: 0,
            by_status: BTreeMap::new(),
            broken: 0,
            first_error: None,
            last_answer: None,
        }
    }

    fn note(&mut self, intended: Instant, answer: Result<Answer, ClientError>, is_post: bool) {
        let now = Instant::now();
        let latency = now.saturating_duration_since(intended).as_micros();
        self.latencies.saturating_record(u64::try_from(latency).unwrap_or(u64::MAX).max(1));
        self.requests += 1;
        self.last_answer = Some(now);
        match answer {
            Ok(answer) => {
                *self.by_status.entry(answer.status).or_default() += 1;
                if !answer.is_success() {
                    let body = String::from_utf8_lossy(&answer.body);
                    let status = answer.status;
                    let error =
                        || format!("{status}: {}", body.chars().take(200).collect::<String>());
                    self.first_error.get_or_insert_with(error);
                } else if is_post {
                    let receipt: Receipt = answer.json().unwrap_or_default();
                    self.accepted += receipt.accepted;
                    self.duplicates += receipt.duplicates;
                    self.rejected += receipt.rejected.len() as u64;
                }
            }
            Err(error) => {
                self.broken += 1;
                self.first_error.get_or_insert_with(|| error.to_string());
            }
        }
    }

    fn add(&mut self, other: Self) {
        self.latencies.add(&other.latencies).expect("all histograms have the same bounds");
        self.requests += other.requests;
        self.accepted += other.accepted;
        self.rejected += other.rejected;
        self.duplicates += other.duplicates;
        self.broken += other.broken;
        for (status, count) in other.by_status {
            *self.by_status.entry(status).or_default() += count;
        }
        self.first_error = self.first_error.take().or(other.first_error);
        self.last_answer = self.last_answer.max(other.last_answer);
    }
}

/// Stops what a run has started.
struct StopOnDrop(Arc<Run>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stopped.store(true, Ordering::Relaxed);
        self.0.due.close();
    }
}

/// The clock of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl scoreline_core::time::Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the time comes from")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let ms = since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
        Timestamp::EPOCH.plus_ms(ms)
    }

    fn monotonic(&self) -> std::time::Instant {
        Instant::now().into_std()
    }

    fn uptime(&self) -> std::time::Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed()
    }
}

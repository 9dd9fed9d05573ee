//! Metrics for Prometheus; every name stands in this file and in `metrics/parts.rs`.
//!
//! Labels come from enums and from the patterns of routes, so their number is bounded. A scrape reads
//! counters that are kept anyway; it never scans a table.

mod kinds;
mod parts;

use std::collections::BTreeSet;

use parking_lot::Mutex;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use scoreline_core::event::{Flaw, RejectCode};
use scoreline_core::intake::IntakeFigures;
use scoreline_core::latency::Latencies;
use scoreline_core::operations::JobFigures;
use scoreline_core::store::{PoolFigures, SetAsideFigures, StoreFigures, Totals};
use scoreline_core::time::Timestamp;
use scoreline_core::timekeeping::Doubt;

use self::kinds::{Fraction, Gauges, NameLabel, added, set};
use self::parts::{QueueMetrics, SetAsideMetrics, WorkMetrics};
use crate::times::Times;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabel {
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, EncodeLabelSet)]
struct FieldLabel {
    event_type: String,
    field: String,
}

/// How many values of one field were set aside.
pub struct FlawCount {
    /// The type of the events.
    pub event_type: String,
    /// The field.
    pub field: String,
    /// How many.
    pub count: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabel {
    method: &'static str,
    route: String,
    status: u16,
}

/// What fields are counted as that the definition does not have: anybody may invent some.
const UNDECLARED_FIELD: &str = "(undeclared)";
/// The methods that are counted by name; others are counted together.
const METHODS: [&str; 7] = ["GET", "POST", "OPTIONS", "HEAD", "PUT", "PATCH", "DELETE"];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OperationLabel {
    operation: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabel {
    reason: &'static str,
}

/// The metrics of one process.
pub struct Metrics {
    registry: Registry,
    accepted: Counter,
    rejected: Family<CodeLabel, Counter>,
    flaws: Family<FieldLabel, Counter>,
    /// The labels of those, which the family does not list.
    flawed: Mutex<BTreeSet<FieldLabel>>,
    times: Family<NameLabel, Counter>,
    acknowledgement_seconds: Histogram,
    /// The same in finer steps, for quantiles of any span of time.
    acknowledgements: Mutex<Latencies>,
    requests: Family<RequestLabel, Counter>,
    clients: Gauge,
    turned_away: Family<ReasonLabel, Counter>,
    refused_credentials: Family<NameLabel, Counter>,
    operator_acts: Family<OperationLabel, Counter>,
    events: Gauges,
    work: WorkMetrics,
    queue: QueueMetrics,
    store_bytes: Gauges,
    connections: Gauges,
    pool_utilization_percent: Fraction,
    database_load_percent: Fraction,
    job_failures: Gauges,
    other_nodes: Gauge,
    clock_in_doubt: Gauge,
    clock_offset_seconds: Fraction,
    review_waiting_hours: Fraction,
    erasure_waiting_hours: Fraction,
    set_aside: SetAsideMetrics,
}

/// What came in at a node since it started.
#[derive(Debug, Clone)]
pub struct Counted {
    /// Events that were answered as accepted.
    pub accepted: u64,
    /// Events that were put in quarantine, by what is wrong with them.
    pub rejected: [(RejectCode, u64); RejectCode::ALL.len()],
    /// Of the accepted ones, those whose times were not as one expects.
    pub times: Times,
    /// From the receipt of requests with events to their answers.
    pub acknowledgements: Latencies,
}

/// Figures that are read at the moment of a scrape.
pub(crate) struct Readings {
    pub now: Timestamp,
    /// `None` while the database does not answer; the metric keeps its last value.
    pub totals: Option<Totals>,
    pub intake: IntakeFigures,
    pub store: Option<StoreFigures>,
    pub pool: PoolFigures,
    pub jobs: Vec<JobFigures>,
    pub other_nodes: usize,
    pub clock_doubt: Option<Doubt>,
    /// Connections of clients.
    pub clients: usize,
    pub set_aside: SetAsideFigures,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("scoreline");
        let all = &mut registry;
        let acknowledgement_seconds = Histogram::new(exponential_buckets(0.001, 2.0, 14));
        all.register(
            "acknowledgement_seconds",
            "From the receipt of a request with events to its answer",
            acknowledgement_seconds.clone(),
        );
        Self {
            acknowledgement_seconds,
            acknowledgements: Mutex::default(),
            accepted: added(all, "events_accepted", "Events answered as accepted"),
            rejected: added(all, "events_rejected", "Events put in quarantine, by code"),
            flaws: added(
                all,
                "event_flaws",
                "Values of accepted events that were set aside, by type and field",
            ),
            times: added(
                all,
                "event_times",
                "Accepted events whose times were late, corrected or replaced by that of the receipt",
            ),
            flawed: Mutex::default(),
            requests: added(all, "http_requests", "Requests by route and status"),
            clients: added(all, "http_connections", "Connections of clients"),
            turned_away: added(
                all,
                "http_turned_away",
                "Clients that asked for more than their share, by what of",
            ),
            refused_credentials: added(
                all,
                "http_refused_credentials",
                "Tokens, keys and secrets that were shown and not good",
            ),
            operator_acts: added(all, "operator_acts", "What operators did, by operation"),
            events: added(all, "events", "Events by what became of them"),
            work: WorkMetrics::new(all),
            queue: QueueMetrics::new(all),
            store_bytes: added(all, "store_bytes", "Size of the database"),
            connections: added(all, "store_connections", "Connections to the database"),
            pool_utilization_percent: added(
                all,
                "pool_utilization_percent",
                "Share of the connections to the database that are in use",
            ),
            database_load_percent: added(
                all,
                "database_load_percent",
                "How busy the database is, told by how long it lets a trivial question wait",
            ),
            job_failures: added(all, "job_failures", "Failures in a row of a background job"),
            other_nodes: added(all, "other_nodes", "Other nodes on the same database"),
            clock_in_doubt: added(
                all,
                "clock_in_doubt",
                "1 while the clock jumped and nothing proves that it is right",
            ),
            clock_offset_seconds: added(
                all,
                "clock_offset_seconds",
                "How far such a clock is ahead of the time that counts; behind if negative",
            ),
            review_waiting_hours: added(
                all,
                "review_waiting_hours",
                "Age of the oldest event that waits for review",
            ),
            erasure_waiting_hours: added(
                all,
                "erasure_waiting_hours",
                "Age of the oldest request of a player to be erased",
            ),
            set_aside: SetAsideMetrics::new(all),
            registry,
        }
    }

    /// Notes the answer to a request with events.
    pub(crate) fn acknowledged(&self, accepted: usize, seconds: f64) {
        self.accepted.inc_by(accepted as u64);
        self.acknowledgement_seconds.observe(seconds);
        self.acknowledgements.lock().observe(seconds, 1);
    }

    /// Notes how the times of accepted events were.
    pub(crate) fn timed(&self, times: Times) {
        for (name, count) in times.named() {
            self.times.get_or_create(&NameLabel { name }).inc_by(count);
        }
    }

    /// What came in at this node since it started.
    pub fn counted(&self) -> Counted {
        let rejected = RejectCode::ALL.map(|code| {
            let label = CodeLabel { code: code.as_str() };
            (code, self.rejected.get(&label).map_or(0, |counter| counter.get()))
        });
        let acknowledgements = self.acknowledgements.lock().clone();
        let of = |name| self.times.get(&NameLabel { name }).map_or(0, |counter| counter.get());
        let [hour_late, day_late, corrected, replaced] =
            Times::default().named().map(|(name, _)| of(name));
        let times = Times { hour_late, day_late, corrected, replaced };
        Counted { accepted: self.accepted.get(), rejected, times, acknowledgements }
    }

    /// Notes a rejected event.
    pub(crate) fn rejected(&self, code: RejectCode) {
        self.rejected.get_or_create(&CodeLabel { code: code.as_str() }).inc();
    }

    /// Notes a flaw of an accepted event. Types and fields are those of the definition, so that their
    /// number is bounded.
    pub(crate) fn flawed(&self, flaw: &Flaw) {
        let field = flaw.field.as_deref().filter(|_| flaw.declared);
        let label = FieldLabel {
            event_type: flaw.event_type.as_deref().unwrap_or_default().to_owned(),
            field: field.unwrap_or(UNDECLARED_FIELD).to_owned(),
        };
        self.flaws.get_or_create(&label).inc();
        let mut flawed = self.flawed.lock();
        if !flawed.contains(&label) {
            flawed.insert(label);
        }
    }

    /// The flaws since the process started, by type and field: at most `limit` of them, those that came most
    /// often first.
    pub fn flaws(&self, limit: usize) -> Vec<FlawCount> {
        let labels = self.flawed.lock().clone();
        let count = |label: FieldLabel| {
            let count = self.flaws.get_or_create(&label).get();
            FlawCount { event_type: label.event_type, field: label.field, count }
        };
        let mut counts: Vec<FlawCount> = labels.into_iter().map(count).collect();
        // Stable: of equal ones the first by name.
        counts.sort_by_key(|one| std::cmp::Reverse(one.count));
        counts.truncate(limit);
        counts
    }

    /// Notes a request. `route` is the pattern it matched, not its path.
    pub(crate) fn request(&self, method: &str, route: &str, status: u16) {
        // Anybody can invent methods, and each label stays in memory for good.
        let method = METHODS.into_iter().find(|known| *known == method).unwrap_or("other");
        let label = RequestLabel { method, route: route.to_owned(), status };
        self.requests.get_or_create(&label).inc();
    }

    /// Notes clients that were turned away.
    pub(crate) fn turned_away(&self, reason: &'static str, clients: u64) {
        self.turned_away.get_or_create(&ReasonLabel { reason }).inc_by(clients);
    }

    /// Notes credentials that were not good.
    pub(crate) fn refused_credential(&self, name: &'static str, times: u64) {
        self.refused_credentials.get_or_create(&NameLabel { name }).inc_by(times);
    }

    /// Notes an act of an operator. Operations are those of the document, so their number is bounded.
    pub(crate) fn operator_act(&self, operation: &str) {
        let label = OperationLabel { operation: operation.to_owned() };
        self.operator_acts.get_or_create(&label).inc();
    }

    /// All figures as Prometheus reads them.
    pub(crate) fn text(&self, readings: &Readings) -> String {
        let Readings { now, totals, intake, store, pool, jobs, .. } = readings;
        let Readings { other_nodes, clock_doubt, clients, set_aside, .. } = readings;
        self.set_aside.read(set_aside);
        self.clients.set(i64::try_from(*clients).unwrap_or(i64::MAX));
        if let Some(totals) = totals {
            set(&self.events, "applied", totals.applied);
            set(&self.events, "duplicate", totals.duplicates);
            set(&self.events, "dead", totals.dead);
            set(&self.events, "quarantined", totals.quarantined);
            set(&self.events, "in_review", totals.in_review.entries);
            self.review_waiting_hours.set(totals.in_review.age_hours(*now));
            self.erasure_waiting_hours.set(totals.erasures_asked.age_hours(*now));
        }
        if let Some(store) = store {
            set(&self.store_bytes, "database", store.bytes);
            set(&self.store_bytes, "log", store.log_bytes);
        }
        set(&self.connections, "total", u64::from(pool.total));
        set(&self.connections, "idle", u64::from(pool.idle));
        set(&self.connections, "waiting", u64::from(pool.waiting));
        set(&self.connections, "max", u64::from(pool.max));
        set(&self.connections, "wanted", u64::from(pool.wanted));
        self.pool_utilization_percent.set(pool.utilization_percent());
        self.database_load_percent.set(pool.load_percent.unwrap_or(0.0));
        for job in jobs {
            let failures = job.failing.as_ref().map_or(0, |(times, _)| *times);
            set(&self.job_failures, job.name, u64::from(failures));
        }
        self.other_nodes.set(i64::try_from(*other_nodes).unwrap_or(i64::MAX));
        self.clock_in_doubt.set(i64::from(clock_doubt.is_some()));
        let offset_ms = clock_doubt.map_or(0, |doubt| doubt.offset_ms);
        self.clock_offset_seconds.set(offset_ms as f64 / 1_000.0);
        self.work.read(intake, *now);
        if let Some(queue) = &intake.queue {
            self.queue.read(queue);
        }
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a String takes everything");
        text
    }
}

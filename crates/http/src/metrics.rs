//! Figures for Prometheus, every name in this file.
//!
//! Labels come from enums and routed paths, so their number is bounded. A scrape reads counters
//! that are kept anyway; it never walks through tables.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use scoreline_core::event::RejectCode;
use scoreline_core::intake::IntakeFigures;
use scoreline_core::operations::JobFigures;
use scoreline_core::store::{PoolFigures, StoreFigures, Totals};
use scoreline_core::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabel {
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabel {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct NameLabel {
    name: &'static str,
}

/// The methods that are counted by their name.
const METHODS: [&str; 7] = ["GET", "POST", "OPTIONS", "HEAD", "PUT", "PATCH", "DELETE"];

type Gauges = Family<NameLabel, Gauge>;

/// The figures of one process.
pub struct Metrics {
    registry: Registry,
    accepted: Counter,
    rejected: Family<CodeLabel, Counter>,
    acknowledgement_seconds: Histogram,
    requests: Family<RequestLabel, Counter>,
    events: Gauges,
    queue: Gauges,
    oldest_waiting_seconds: Gauge<f64, std::sync::atomic::AtomicU64>,
    load_percent: Gauge<f64, std::sync::atomic::AtomicU64>,
    store_bytes: Gauges,
    connections: Gauges,
    job_failures: Gauges,
}

/// What a scrape shows beside what is counted as it happens.
pub(crate) struct Readings {
    pub now: Timestamp,
    pub totals: Totals,
    pub intake: IntakeFigures,
    pub store: StoreFigures,
    pub pool: PoolFigures,
    pub jobs: Vec<JobFigures>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("scoreline");
        let metrics = Self {
            accepted: Counter::default(),
            rejected: Family::default(),
            acknowledgement_seconds: Histogram::new(exponential_buckets(0.001, 2.0, 14)),
            requests: Family::default(),
            events: Family::default(),
            queue: Family::default(),
            oldest_waiting_seconds: Gauge::default(),
            load_percent: Gauge::default(),
            store_bytes: Family::default(),
            connections: Family::default(),
            job_failures: Family::default(),
            registry: Registry::default(),
        };
        registry.register(
            "events_accepted",
            "Events answered as accepted",
            metrics.accepted.clone(),
        );
        registry.register(
            "events_rejected",
            "Events put in quarantine, by code",
            metrics.rejected.clone(),
        );
        registry.register(
            "acknowledgement_seconds",
            "From the receipt of a request with events to its answer",
            metrics.acknowledgement_seconds.clone(),
        );
        registry.register(
            "http_requests",
            "Requests by route and status",
            metrics.requests.clone(),
        );
        registry.register("events", "Events by what became of them", metrics.events.clone());
        registry.register("queue_events", "Events on their way", metrics.queue.clone());
        registry.register(
            "oldest_waiting_seconds",
            "Age of the oldest event that is not settled",
            metrics.oldest_waiting_seconds.clone(),
        );
        registry.register(
            "worker_load_percent",
            "Share of worker time that was busy",
            metrics.load_percent.clone(),
        );
        registry.register("store_bytes", "Size of the database", metrics.store_bytes.clone());
        registry.register(
            "store_connections",
            "Connections to the database",
            metrics.connections.clone(),
        );
        registry.register(
            "job_failures",
            "Failures in a row of a background job",
            metrics.job_failures.clone(),
        );
        Self { registry, ..metrics }
    }

    /// Notes the answer to a request with events.
    pub(crate) fn acknowledged(&self, accepted: usize, seconds: f64) {
        self.accepted.inc_by(accepted as u64);
        self.acknowledgement_seconds.observe(seconds);
    }

    /// Notes a rejected event.
    pub(crate) fn rejected(&self, code: RejectCode) {
        self.rejected.get_or_create(&CodeLabel { code: code.as_str() }).inc();
    }

    /// Notes a request. `route` is the pattern it matched, not its path.
    pub(crate) fn request(&self, method: &str, route: &str, status: u16) {
        // Anybody may invent methods; each would stay in memory for good.
        let method = METHODS.into_iter().find(|known| *known == method).unwrap_or("other");
        let label = RequestLabel { method, route: route.to_owned(), status };
        self.requests.get_or_create(&label).inc();
    }

    /// All figures as Prometheus reads them.
    pub(crate) fn text(&self, readings: &Readings) -> String {
        let Readings { now, totals, intake, store, pool, jobs } = readings;
        let set = |family: &Gauges, name, value: u64| {
            let value = i64::try_from(value).unwrap_or(i64::MAX);
            family.get_or_create(&NameLabel { name }).set(value);
        };
        set(&self.events, "applied", totals.applied);
        set(&self.events, "duplicate", totals.duplicates);
        set(&self.events, "dead", totals.dead);
        set(&self.events, "quarantined", totals.quarantined);
        set(&self.queue, "waiting", intake.waiting_by_class.iter().sum());
        set(&self.queue, "active", intake.active);
        set(&self.queue, "delayed", intake.delayed);
        set(&self.store_bytes, "database", store.bytes);
        set(&self.store_bytes, "log", store.log_bytes);
        set(&self.connections, "total", u64::from(pool.total));
        set(&self.connections, "idle", u64::from(pool.idle));
        set(&self.connections, "waiting", u64::from(pool.waiting));
        for job in jobs {
            let failures = job.failing.as_ref().map_or(0, |(times, _)| *times);
            set(&self.job_failures, job.name, u64::from(failures));
        }
        let oldest_ms = intake.oldest_waiting.map_or(0, |oldest| now.ms_since(oldest).max(0));
        self.oldest_waiting_seconds.set(oldest_ms as f64 / 1_000.0);
        self.load_percent.set(intake.current_load_percent);
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a String takes everything");
        text
    }
}

//! Metrics that belong together and are read together: what is set aside, events on their way, the queue.

use std::sync::atomic::Ordering;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use scoreline_core::intake::{IntakeFigures, QueueLink};
use scoreline_core::store::SetAsideFigures;
use scoreline_core::time::Timestamp;

use super::kinds::{ClassLabel, Fraction, Gauges, StateLabel, added, set, whole};

/// Events that were set aside.
pub(super) struct SetAsideMetrics {
    bytes: Gauges,
    let_go: Gauges,
    room_percent: Fraction,
    dead_alarming: Gauge,
}

/// Events on their way to the store, however they go.
pub(super) struct WorkMetrics {
    events: Gauges,
    by_class: Family<StateLabel, Gauge>,
    paused: Family<ClassLabel, Gauge>,
    waiting_seconds: Fraction,
    oldest_waiting_seconds: Fraction,
    capacity_per_second: Fraction,
    load_percent: Fraction,
}

/// What happened to the queue; all zero without one.
pub(super) struct QueueMetrics {
    away: Gauge,
    reclaimed: Counter,
    stale: Counter,
    losses: Counter,
    lost_events: Counter,
    recent_losses: Gauge,
    foreign: Gauge,
}

impl SetAsideMetrics {
    pub(super) fn new(all: &mut Registry) -> Self {
        Self {
            bytes: added(
                all,
                "set_aside_bytes",
                "Room that rejected and dead events take, and that either may have",
            ),
            let_go: added(
                all,
                "set_aside_removed",
                "Rejected and dead events that were removed, because they were too many or too old",
            ),
            room_percent: added(
                all,
                "set_aside_room_percent",
                "Share of that room that the one which takes more has taken",
            ),
            dead_alarming: added(all, "dead_alarming", "Dead events, of each player 10 at most"),
        }
    }

    pub(super) fn read(&self, figures: &SetAsideFigures) {
        let SetAsideFigures { quarantine, dead, max } = figures;
        for (name, used) in [("quarantine", quarantine), ("dead", dead)] {
            set(&self.bytes, name, used.size.bytes);
            set(&self.let_go, name, used.let_go);
        }
        set(&self.bytes, "max", max.bytes);
        self.room_percent.set(figures.percent());
        self.dead_alarming.set(whole(dead.alarming));
    }
}

impl WorkMetrics {
    pub(super) fn new(all: &mut Registry) -> Self {
        Self {
            events: added(all, "queue_events", "Events on their way"),
            by_class: added(all, "queue_class_events", "Events on their way, by class and state"),
            paused: added(all, "queue_paused", "1 while an operator has paused the class"),
            waiting_seconds: added(
                all,
                "queue_waiting_seconds",
                "How long what waits takes at the measured capacity; 0 while none was measured",
            ),
            oldest_waiting_seconds: added(
                all,
                "oldest_waiting_seconds",
                "Age of the oldest event that is not settled",
            ),
            capacity_per_second: added(
                all,
                "capacity_events_per_second",
                "Events a second that busy workers manage; 0 while none was measured",
            ),
            load_percent: added(all, "worker_load_percent", "Share of worker time that was busy"),
        }
    }

    pub(super) fn read(&self, intake: &IntakeFigures, now: Timestamp) {
        let waiting: u64 = intake.waiting_by_class.total();
        set(&self.events, "waiting", waiting);
        set(&self.events, "active", intake.active);
        set(&self.events, "delayed", intake.delayed);
        for (class, waiting) in intake.waiting_by_class.iter() {
            self.in_state(class.as_str(), "waiting", *waiting);
            let label = ClassLabel { class: class.as_str() };
            self.paused.get_or_create(&label).set(i64::from(intake.paused[class]));
        }
        // Without a queue, events of all classes are applied together.
        for (class, figures) in intake.queue.iter().flat_map(|queue| queue.by_class.iter()) {
            self.in_state(class.as_str(), "active", figures.active.events);
            self.in_state(class.as_str(), "delayed", figures.delayed.events);
        }
        let capacity = intake.capacity_per_second.unwrap_or_default();
        self.capacity_per_second.set(capacity);
        self.waiting_seconds.set(if capacity > 0.0 { waiting as f64 / capacity } else { 0.0 });
        let oldest_ms = intake.oldest_waiting.map_or(0, |oldest| now.ms_since(oldest).max(0));
        self.oldest_waiting_seconds.set(oldest_ms as f64 / 1_000.0);
        self.load_percent.set(intake.current_load_percent);
    }

    fn in_state(&self, class: &'static str, state: &'static str, events: u64) {
        self.by_class.get_or_create(&StateLabel { class, state }).set(whole(events));
    }
}

impl QueueMetrics {
    pub(super) fn new(all: &mut Registry) -> Self {
        Self {
            away: added(all, "queue_away", "1 while events go around the queue"),
            reclaimed: added(
                all,
                "queue_reclaimed",
                "Entries claimed again because their worker had not settled them in time",
            ),
            stale: added(
                all,
                "queue_stale",
                "Times that a worker came to settle what had gone to another",
            ),
            losses: added(all, "queue_losses", "Times that the queue lost what waited in it"),
            lost_events: added(all, "queue_lost_events", "About how many events that were"),
            recent_losses: added(
                all,
                "queue_recent_losses",
                "Losses that this node noticed within the last day",
            ),
            foreign: added(all, "queue_foreign", "1 while the queue belongs to another database"),
        }
    }

    /// The queue counts for all nodes, and its counters outlive each of them.
    pub(super) fn read(&self, queue: &QueueLink) {
        let show = |counter: &Counter, value| counter.inner().store(value, Ordering::Relaxed);
        self.away.set(i64::from(queue.away.is_some()));
        show(&self.reclaimed, queue.reclaimed);
        show(&self.stale, queue.stale);
        show(&self.losses, queue.losses.times);
        show(&self.lost_events, queue.losses.events);
        self.recent_losses.set(whole(queue.recent_losses.times));
        self.foreign.set(i64::from(queue.foreign));
    }
}

//! Notes once a second how the node does, so that pages have a past to show.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::console::Console;
use crate::history::{Counters, Gauges, Refused};

impl Console {
    /// Notes once a second how the node does, until it is dropped. It asks no database.
    pub async fn sample(self: Arc<Self>) {
        let mut every = interval(Duration::from_secs(1));
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            self.sample_once();
        }
    }

    fn sample_once(&self) {
        let intake = self.intake.figures();
        let now = self.clock.now();
        let oldest_ms = intake.oldest_waiting.map_or(0, |oldest| now.ms_since(oldest).max(0));
        let gauges = Gauges {
            waiting: intake.waiting_by_class.total(),
            oldest_seconds: oldest_ms as f64 / 1_000.0,
            pool_percent: self.vitals.pool().utilization_percent(),
        };
        self.history.lock().note(now, self.since_start(), self.counters(), gauges);
    }

    /// How long the node runs.
    pub(crate) fn since_start(&self) -> Duration {
        self.clock.monotonic().saturating_duration_since(self.started)
    }

    /// What the node has counted since then.
    pub(crate) fn counters(&self) -> Counters {
        let counted = self.metrics.counted();
        let intake = self.intake.figures();
        let mut refused = Refused::default();
        for (code, events) in counted.rejected {
            refused.add(code, events);
        }
        Counters {
            accepted: counted.accepted,
            refused,
            applied: intake.completed.saturating_sub(intake.duplicates),
            duplicates: intake.duplicates,
            acknowledgements: counted.acknowledgements,
            freshness: self.operations.freshness(),
        }
    }
}

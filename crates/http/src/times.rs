//! How the times of accepted events were: what came late, and whose clock was wrong.

use scoreline_core::event::Event;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// A clock that is wrong by less is not: that is how long requests travel.
const WRONG_MS: i64 = 60_000;

/// Counts of accepted events by how their times were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    /// Received more than an hour after they happened, and at most a day.
    pub hour_late: u64,
    /// Received more than a day after they happened.
    pub day_late: u64,
    /// Of a device whose clock was wrong by more than a minute, and was put right.
    pub corrected: u64,
    /// With a time that cannot be: they count at their receipt.
    pub replaced: u64,
}

impl Times {
    /// The counts of these.
    pub(crate) fn of(events: &[Event]) -> Self {
        let mut times = Self::default();
        for event in events {
            match event.received_at.ms_since(event.counted_at) {
                late if late > DAY_MS => times.day_late += 1,
                late if late > HOUR_MS => times.hour_late += 1,
                _ => {}
            }
            if event.time.ms_since(event.counted_at).abs() > WRONG_MS {
                let is_replaced = event.counted_at == event.received_at;
                *if is_replaced { &mut times.replaced } else { &mut times.corrected } += 1;
            }
        }
        times
    }

    /// Each count with its name in metrics.
    pub(crate) fn named(self) -> [(&'static str, u64); 4] {
        [
            ("hour_late", self.hour_late),
            ("day_late", self.day_late),
            ("corrected", self.corrected),
            ("replaced", self.replaced),
        ]
    }
}

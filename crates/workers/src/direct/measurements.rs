//! What the commit loop measures of itself, for figures and metrics.

use std::time::{Duration, Instant};

use scoreline_core::intake::{CommitFigures, Histogram};
use scoreline_core::store::Applied;

use super::window::BusyWindow;

/// Bounds of the events of one transaction.
const EVENTS_BOUNDS: [f64; 8] = [1.0, 8.0, 32.0, 128.0, 512.0, 2_048.0, 8_192.0, f64::INFINITY];
/// Bounds of the seconds of one transaction.
const SECONDS_BOUNDS: [f64; 11] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, f64::INFINITY];

/// Everything measured since the intake was started.
#[derive(Debug)]
pub(super) struct Measurements {
    started: Instant,
    window: BusyWindow,
    commits: CommitFigures,
    /// When the commit under way began, and how many events it has.
    under_way: Option<(Instant, usize)>,
    completed: u64,
    duplicates: u64,
}

impl Measurements {
    pub fn new(started: Instant) -> Self {
        Self {
            started,
            window: BusyWindow::default(),
            commits: CommitFigures {
                events: empty(&EVENTS_BOUNDS),
                seconds: empty(&SECONDS_BOUNDS),
            },
            under_way: None,
            completed: 0,
            duplicates: 0,
        }
    }

    /// A commit begins.
    pub fn begin(&mut self, events: usize, now: Instant) {
        self.under_way = Some((now, events));
    }

    /// The commit under way succeeded. Only those count for speed: a failure says nothing about it.
    pub fn succeed(&mut self, applied: &Applied, now: Instant) {
        let Some((since, events)) = self.end(now, true) else { return };
        self.completed += (applied.applied + applied.duplicates) as u64;
        self.duplicates += applied.duplicates as u64;
        observe(&mut self.commits.events, events as f64);
        observe(&mut self.commits.seconds, (now - since).as_secs_f64());
    }

    /// The commit under way failed.
    pub fn fail(&mut self, now: Instant) {
        self.end(now, false);
    }

    pub fn active(&self) -> usize {
        self.under_way.map_or(0, |(_, events)| events)
    }

    pub fn completed(&self) -> u64 {
        self.completed
    }

    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    pub fn busy_percent(&self, now: Instant) -> f64 {
        let since = self.under_way.map(|(since, _)| self.age(since));
        self.window.busy_percent(self.age(now), since)
    }

    pub fn capacity_per_second(&self, now: Instant) -> Option<f64> {
        self.window.capacity_per_second(self.age(now))
    }

    pub fn commits(&self) -> CommitFigures {
        self.commits.clone()
    }

    fn end(&mut self, now: Instant, counts: bool) -> Option<(Instant, usize)> {
        let (since, events) = self.under_way.take()?;
        let committed = if counts { events } else { 0 };
        self.window.record(self.age(since), self.age(now), committed);
        Some((since, events))
    }

    fn age(&self, at: Instant) -> Duration {
        at.saturating_duration_since(self.started)
    }
}

fn empty(bounds: &[f64]) -> Histogram {
    Histogram { buckets: bounds.iter().map(|bound| (*bound, 0)).collect(), sum: 0.0 }
}

fn observe(histogram: &mut Histogram, value: f64) {
    histogram.sum += value;
    if let Some((_, count)) = histogram.buckets.iter_mut().find(|(bound, _)| value <= *bound) {
        *count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_counts_in_the_first_bucket_that_holds_it() {
        let mut histogram = empty(&[1.0, 10.0, f64::INFINITY]);
        for value in [0.5, 1.0, 1.5, 10.0, 11.0, 5_000.0] {
            observe(&mut histogram, value);
        }
        assert_eq!(histogram.buckets, [(1.0, 2), (10.0, 2), (f64::INFINITY, 2)]);
        assert!((histogram.sum - 5_024.0).abs() < 1e-9);
    }

    #[test]
    fn a_failed_commit_is_busy_time_but_no_event_and_no_observation() {
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        let mut measured = Measurements::new(start);
        measured.begin(10, after(0));
        assert_eq!(measured.active(), 10);
        measured.fail(after(500));
        measured.begin(20, after(500));
        let applied = Applied { applied: 14, duplicates: 5, ..Applied::default() };
        measured.succeed(&applied, after(1_000));
        assert_eq!((measured.active(), measured.completed(), measured.duplicates()), (0, 19, 5));
        assert!(measured.busy_percent(after(1_000)) > 99.0);
        assert_eq!(measured.commits().seconds.buckets.iter().map(|(_, n)| n).sum::<u64>(), 1);
        // 20 events in one busy second: the failed half of it counts too.
        assert_eq!(measured.capacity_per_second(after(1_000)).map(f64::round), Some(20.0));
    }
}

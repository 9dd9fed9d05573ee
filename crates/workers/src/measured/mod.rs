//! How many events are committed and how long that takes, for figures and metrics.

mod window;

use std::time::{Duration, Instant};

use scoreline_core::intake::{CommitFigures, Histogram};
use scoreline_core::store::Applied;

use window::BusyWindow;

/// Bounds of the events of one transaction.
const EVENTS_BOUNDS: [f64; 8] = [1.0, 8.0, 32.0, 128.0, 512.0, 2_048.0, 8_192.0, f64::INFINITY];
/// Bounds of the seconds of one transaction.
const SECONDS_BOUNDS: [f64; 11] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, f64::INFINITY];

/// Everything measured since the process started.
#[derive(Debug)]
pub(crate) struct Measurements {
    started: Instant,
    /// How many commits may be under way at once.
    workers: u32,
    window: BusyWindow,
    commits: CommitFigures,
    under_way: Vec<UnderWay>,
    begun: u64,
    completed: u64,
    duplicates: u64,
}

/// A commit that has not ended.
#[derive(Debug)]
struct UnderWay {
    no: CommitNo,
    since: Instant,
    events: usize,
}

/// Which commit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CommitNo(u64);

impl Measurements {
    /// Measurements of `workers`, each of which has at most one commit under way.
    pub fn new(started: Instant, workers: u32) -> Self {
        Self {
            started,
            workers,
            window: BusyWindow::default(),
            commits: CommitFigures {
                events: empty(&EVENTS_BOUNDS),
                seconds: empty(&SECONDS_BOUNDS),
            },
            under_way: Vec::new(),
            begun: 0,
            completed: 0,
            duplicates: 0,
        }
    }

    /// A commit begins.
    pub fn begin(&mut self, events: usize, now: Instant) -> CommitNo {
        self.begun += 1;
        let no = CommitNo(self.begun);
        self.under_way.push(UnderWay { no, since: now, events });
        no
    }

    /// A commit succeeded. `more_waits` tells whether more was waiting for it to end: only such commits
    /// tell how much there could be.
    pub fn succeed(&mut self, commit: CommitNo, applied: &Applied, more_waits: bool, now: Instant) {
        let Some(UnderWay { since, events, .. }) = self.end(commit, now, more_waits) else {
            return;
        };
        self.completed += (applied.applied + applied.duplicates) as u64;
        self.duplicates += applied.duplicates as u64;
        observe(&mut self.commits.events, events as f64);
        observe(&mut self.commits.seconds, (now - since).as_secs_f64());
    }

    /// A commit failed.
    pub fn fail(&mut self, commit: CommitNo, now: Instant) {
        self.end(commit, now, false);
    }

    /// Events of the commits under way.
    pub fn active(&self) -> usize {
        self.under_way.iter().map(|commit| commit.events).sum()
    }

    pub fn workers(&self) -> u32 {
        self.workers
    }

    pub fn completed(&self) -> u64 {
        self.completed
    }

    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// The share of the workers' time that was busy over the last minute, in percent.
    pub fn busy_percent(&self, now: Instant) -> f64 {
        let since = self.under_way.iter().map(|commit| self.age(commit.since));
        self.window.busy_percent(self.age(now), self.workers, since)
    }

    /// Events per second that all workers together manage at full load; `None` if there was none over the
    /// last minute.
    pub fn capacity_per_second(&self, now: Instant) -> Option<f64> {
        let of_one = self.window.capacity_per_second(self.age(now))?;
        Some(of_one * f64::from(self.workers))
    }

    pub fn commits(&self) -> CommitFigures {
        self.commits.clone()
    }

    fn end(&mut self, commit: CommitNo, now: Instant, at_full_load: bool) -> Option<UnderWay> {
        let place = self.under_way.iter().position(|one| one.no == commit)?;
        let ended = self.under_way.swap_remove(place);
        let committed = at_full_load.then_some(ended.events);
        self.window.record(self.age(ended.since), self.age(now), committed);
        Some(ended)
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
#[expect(clippy::disallowed_methods, reason = "any moment will do to count from")]
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
        let mut measured = Measurements::new(start, 1);
        let failing = measured.begin(10, after(0));
        assert_eq!(measured.active(), 10);
        measured.fail(failing, after(500));
        let succeeding = measured.begin(20, after(500));
        let applied = Applied { applied: 14, duplicates: 5, ..Applied::default() };
        measured.succeed(succeeding, &applied, true, after(1_000));
        assert_eq!((measured.active(), measured.completed(), measured.duplicates()), (0, 19, 5));
        assert!(measured.busy_percent(after(1_000)) > 99.0);
        assert_eq!(measured.commits().seconds.buckets.iter().map(|(_, n)| n).sum::<u64>(), 1);
        // 20 events in half a second; what failed says nothing about speed.
        assert_eq!(measured.capacity_per_second(after(1_000)).map(f64::round), Some(40.0));
    }

    #[test]
    fn workers_that_are_all_busy_add_up() {
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        let mut measured = Measurements::new(start, 2);
        let commits = [measured.begin(30, after(0)), measured.begin(50, after(0))];
        assert_eq!(measured.active(), 80);
        assert!((measured.busy_percent(after(1_000)) - 100.0).abs() < 1e-6);
        let applied = |applied| Applied { applied, ..Applied::default() };
        measured.succeed(commits[0], &applied(30), true, after(1_000));
        assert!((measured.busy_percent(after(1_000)) - 100.0).abs() < 1e-6);
        measured.succeed(commits[1], &applied(50), true, after(1_000));
        assert_eq!(measured.capacity_per_second(after(1_000)).map(f64::round), Some(80.0));
    }
}

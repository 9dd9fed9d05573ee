//! How busy the workers were over the last minute, and how much they got done while they were.
//!
//! Time is cut into seconds, counted from the start of the process; each keeps how long of it was
//! busy and how many events were committed in it. Pure: times come in as arguments.

use std::time::Duration;

/// The seconds of a minute.
const SECONDS: usize = 60;
/// A second that was busy for less tells little about speed.
const BUSY_ENOUGH_S: f64 = 0.02;

/// The last minute, second by second.
#[derive(Debug)]
pub(super) struct BusyWindow {
    seconds: [Second; SECONDS],
}

#[derive(Debug, Clone, Copy, Default)]
struct Second {
    /// Which second since the process started.
    no: u64,
    busy_s: f64,
    /// Commits at full load: when one ended, more was waiting.
    full: Full,
}

/// What was done at full load.
#[derive(Debug, Clone, Copy, Default)]
struct Full {
    busy_s: f64,
    events: f64,
}

impl Default for BusyWindow {
    fn default() -> Self {
        Self { seconds: [Second::default(); SECONDS] }
    }
}

impl BusyWindow {
    /// Takes in a commit between two times since the process started, and the events that it committed at
    /// full load; `None` if nothing else was waiting when it ended.
    pub fn record(&mut self, from: Duration, until: Duration, at_full_load: Option<usize>) {
        let (from_s, until_s) = (from.as_secs_f64(), until.as_secs_f64());
        let length_s = (until_s - from_s).max(f64::EPSILON);
        let first = until.as_secs().saturating_sub(SECONDS as u64 - 1).max(from.as_secs());
        for no in first..=until.as_secs() {
            let busy_s = until_s.min(no as f64 + 1.0) - from_s.max(no as f64);
            let second = self.second(no);
            second.busy_s += busy_s.max(0.0);
            if let Some(events) = at_full_load {
                second.full.busy_s += busy_s.max(0.0);
                second.full.events += events as f64 * busy_s.max(0.0) / length_s;
            }
        }
    }

    /// The share of the workers' last minute that was busy, in percent; of the time since the
    /// process started, if that is shorter. `busy_since` is when work that is under way began.
    pub fn busy_percent(
        &self,
        now: Duration,
        workers: u32,
        busy_since: impl IntoIterator<Item = Duration>,
    ) -> f64 {
        let minute_s = (SECONDS as f64).min(now.as_secs_f64());
        if minute_s <= 0.0 {
            return 0.0;
        }
        let under_way_s: f64 = busy_since
            .into_iter()
            .map(|since| now.saturating_sub(since).as_secs_f64().min(minute_s))
            .sum();
        let busy_s = self.recent(now).map(|second| second.busy_s).sum::<f64>() + under_way_s;
        (100.0 * busy_s / (minute_s * f64::from(workers))).min(100.0)
    }

    /// Events per busy second of one worker at full load, in the best second of the last minute. `None` if
    /// there was no full load: a commit of what trickles in says nothing about how much there could be.
    pub fn capacity_per_second(&self, now: Duration) -> Option<f64> {
        self.recent(now)
            .map(|second| second.full)
            .filter(|full| full.busy_s >= BUSY_ENOUGH_S && full.events > 0.0)
            .map(|full| full.events / full.busy_s)
            .max_by(f64::total_cmp)
    }

    fn second(&mut self, no: u64) -> &mut Second {
        #[expect(clippy::cast_possible_truncation, reason = "smaller than the array's length")]
        let second = &mut self.seconds[(no % SECONDS as u64) as usize];
        if second.no != no {
            *second = Second { no, ..Second::default() };
        }
        second
    }

    fn recent(&self, now: Duration) -> impl Iterator<Item = &Second> {
        let now = now.as_secs();
        self.seconds
            .iter()
            .filter(move |second| second.no <= now && now - second.no < SECONDS as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-6
    }

    #[test]
    fn a_commit_across_seconds_counts_in_each_by_its_share() {
        let mut window = BusyWindow::default();
        window.record(s(99.5), s(101.5), Some(4_000));
        assert!(close(window.busy_percent(s(101.5), 1, []), 100.0 * 2.0 / 60.0));
        assert_eq!(window.capacity_per_second(s(101.5)).map(f64::round), Some(2_000.0));
    }

    #[test]
    fn what_is_older_than_a_minute_is_forgotten() {
        let mut window = BusyWindow::default();
        window.record(s(10.0), s(10.9), Some(9_000));
        assert!(window.busy_percent(s(69.0), 1, []) > 1.0);
        assert!(close(window.busy_percent(s(70.0), 1, []), 0.0));
        assert_eq!(window.capacity_per_second(s(70.0)), None);
        window.record(s(70.1), s(70.2), Some(50));
        assert_eq!(window.capacity_per_second(s(70.5)).map(f64::round), Some(500.0));
    }

    #[test]
    fn a_commit_that_hangs_counts_as_busy_while_it_hangs() {
        let window = BusyWindow::default();
        assert!(close(window.busy_percent(s(120.0), 1, [s(90.0)]), 50.0));
        assert!(close(window.busy_percent(s(500.0), 1, [s(90.0)]), 100.0));
    }

    #[test]
    fn the_best_second_at_full_load_is_the_capacity_and_what_trickles_in_is_none() {
        let mut window = BusyWindow::default();
        for n in 0..200 {
            window.record(s(0.005 * f64::from(n)), s(0.005 * f64::from(n + 1)), None);
        }
        assert!(window.busy_percent(s(1.0), 1, []) > 99.0, "one sender that waits for each answer");
        assert_eq!(window.capacity_per_second(s(1.0)), None);
        window.record(s(5.0), s(5.5), Some(40_000));
        window.record(s(6.0), s(6.9), Some(9_000));
        for n in 0..20 {
            window.record(s(10.0 + f64::from(n)), s(10.005 + f64::from(n)), None);
        }
        assert_eq!(window.capacity_per_second(s(31.0)).map(f64::round), Some(80_000.0));
    }

    #[test]
    fn a_process_that_just_started_is_measured_by_its_own_age() {
        let mut window = BusyWindow::default();
        window.record(s(0.0), s(1.0), None);
        assert!(close(window.busy_percent(s(2.0), 1, []), 50.0));
        assert!(close(window.busy_percent(s(0.0), 1, []), 0.0));
    }
}

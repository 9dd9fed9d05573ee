//! How busy a server is, told by how long it lets a trivial question wait.
//!
//! When it is idle, a question takes as long as the way there and back. What it takes beyond that it
//! spent waiting, and where askers come at random, the share of the time spent waiting is how busy the
//! server is: a server that is busy four fifths of the time takes five times as long. Pure.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How far back answers count.
const WINDOW: Duration = Duration::from_secs(30);
/// Answers within the window that it takes to tell anything.
const ANSWERS_LEAST: usize = 5;
/// Quicker answers count as if they had taken this long: below it, the asker's own machine would be
/// measured.
const QUICKEST: Duration = Duration::from_millis(5);

/// What was seen of a server.
#[derive(Debug, Default)]
pub struct Slowness {
    /// The quickest answer ever: the way there and back.
    quickest: Option<Duration>,
    recent: VecDeque<(Instant, Duration)>,
}

impl Slowness {
    /// Notes how long an answer took, or how long it was waited for in vain.
    pub fn note(&mut self, took: Duration, now: Instant) {
        self.quickest = Some(self.quickest.map_or(took, |quickest| quickest.min(took)));
        self.recent.push_back((now, took));
        self.forget(now);
    }

    /// How busy the server is, in percent; `None` while not enough was seen lately.
    pub fn percent(&mut self, now: Instant) -> Option<f64> {
        self.forget(now);
        if self.recent.len() < ANSWERS_LEAST {
            return None;
        }
        // The median: one slow answer is no busy server.
        let mut times: Vec<Duration> = self.recent.iter().map(|(_, took)| *took).collect();
        let middle = times.len() / 2;
        let (_, usual, _) = times.select_nth_unstable(middle);
        let usual = (*usual).max(QUICKEST);
        let waited = usual.saturating_sub(self.quickest.unwrap_or_default().max(QUICKEST));
        Some(waited.as_secs_f64() * 100.0 / usual.as_secs_f64())
    }

    fn forget(&mut self, now: Instant) {
        while let Some((at, _)) = self.recent.front()
            && now.saturating_duration_since(*at) > WINDOW
        {
            self.recent.pop_front();
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "any moment will do to count from")]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// The load after answers that came half a second apart and took these milliseconds.
    fn percent(answers: &[u64]) -> Option<f64> {
        let (mut slowness, mut now) = (Slowness::default(), Instant::now());
        for took in answers {
            now += ms(500);
            slowness.note(ms(*took), now);
        }
        slowness.percent(now).map(f64::round)
    }

    #[test]
    fn nothing_is_told_of_a_server_that_was_hardly_asked() {
        assert_eq!(percent(&[1, 1, 1, 1]), None);
    }

    #[test]
    fn a_server_that_answers_as_quickly_as_it_can_is_idle_however_far_away_it_is() {
        assert_eq!(percent(&[1; 10]), Some(0.0));
        assert_eq!(percent(&[40; 10]), Some(0.0));
        assert_eq!(percent(&[1, 4, 1, 4, 4, 4]), Some(0.0), "too little to tell");
    }

    #[test]
    fn a_server_that_takes_five_times_as_long_is_busy_four_fifths_of_the_time() {
        assert_eq!(percent(&[20, 100, 100, 100, 100]), Some(80.0));
        assert_eq!(percent(&[1, 10, 10, 10, 10]), Some(50.0));
        assert_eq!(percent(&[1, 200, 200, 200, 200]), Some(98.0));
    }

    #[test]
    fn one_slow_answer_is_no_busy_server_and_what_is_long_ago_does_not_count() {
        assert_eq!(percent(&[1, 1, 5_000, 1, 1, 1]), Some(0.0));
        let mut long_ago = vec![500; 20];
        long_ago.extend([1; 60]);
        assert_eq!(percent(&long_ago), Some(0.0));
        let mut slowness = Slowness::default();
        let now = Instant::now();
        for _ in 0..10 {
            slowness.note(ms(500), now);
        }
        assert_eq!(slowness.percent(now + ms(31_000)), None);
    }
}

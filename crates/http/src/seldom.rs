//! A line for the log that thousands of requests a second may be worth: it is written once a second,
//! with how many times it was not.

use parking_lot::Mutex;
use scoreline_core::time::Timestamp;

/// How long the log is silent after such a line: 1 s.
const SILENCE_MS: i64 = 1_000;

/// When such a line was written last.
#[derive(Default)]
pub(crate) struct Seldom {
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    at: Option<Timestamp>,
    /// What happened since then.
    passed_over: u64,
}

impl Seldom {
    /// Notes what happened at `now`. If the log is to hear of it, answers how many times it did not.
    pub fn note(&self, now: Timestamp) -> Option<u64> {
        let mut told = self.told.lock();
        // A clock that was turned back must not silence the log.
        let quiet = 0..SILENCE_MS;
        if told.at.is_some_and(|at| quiet.contains(&now.ms_since(at))) {
            told.passed_over += 1;
            return None;
        }
        told.at = Some(now);
        Some(std::mem::take(&mut told.passed_over))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_hears_once_a_second_and_of_how_many_times_it_did_not() {
        let told = Seldom::default();
        let note = |ms| told.note(Timestamp::from_ms(ms).expect("in range"));
        assert_eq!(note(5_000), Some(0));
        assert_eq!((note(5_000), note(5_999)), (None, None));
        assert_eq!(note(6_000), Some(2));
        assert_eq!((note(6_001), note(3_000)), (None, Some(1)), "the clock was turned back");
    }
}

//! Requests that are not served, told in the log without flooding it: while something is away, each
//! of thousands a second is one. Metrics count them all.

use parking_lot::Mutex;
use scoreline_core::time::Timestamp;

/// How long the log is silent after it told of one: 1 s.
const SILENCE_MS: i64 = 1_000;

/// What the log was told last.
#[derive(Default)]
pub(crate) struct Unserved {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    told_at: Option<Timestamp>,
    /// Requests since then.
    passed_over: u64,
}

impl Unserved {
    /// Takes in a request that was not served. If it is to be told, answers how many before it were
    /// not.
    pub fn note(&self, now: Timestamp) -> Option<u64> {
        let mut state = self.state.lock();
        // A clock that was turned back must not silence the log.
        let quiet = 0..SILENCE_MS;
        if state.told_at.is_some_and(|told_at| quiet.contains(&now.ms_since(told_at))) {
            state.passed_over += 1;
            return None;
        }
        state.told_at = Some(now);
        Some(std::mem::take(&mut state.passed_over))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_a_second_is_told_with_how_many_were_not() {
        let unserved = Unserved::default();
        let note = |ms| unserved.note(Timestamp::from_ms(ms).expect("in range"));
        assert_eq!(note(5_000), Some(0));
        assert_eq!((note(5_000), note(5_999)), (None, None));
        assert_eq!(note(6_000), Some(2));
        assert_eq!((note(6_001), note(3_000)), (None, Some(1)), "the clock was turned back");
    }
}

//! When something that is done at intervals is due. Pure: the time comes in as an argument.

use scoreline_core::time::Timestamp;

/// Something done at intervals, first of all at once.
#[derive(Debug)]
pub(super) struct Due {
    every_ms: i64,
    last: Option<Timestamp>,
}

impl Due {
    pub fn every(every_ms: i64) -> Self {
        Self { every_ms, last: None }
    }

    /// Whether it is due; if so, it counts as done. A clock that was turned back makes it due, so
    /// that nothing waits for the time to come round again.
    pub fn take(&mut self, now: Timestamp) -> bool {
        let due = self.last.is_none_or(|last| {
            let elapsed_ms = now.ms_since(last);
            elapsed_ms < 0 || elapsed_ms >= self.every_ms
        });
        if due {
            self.last = Some(now);
        }
        due
    }

    /// What was done has failed: it is due again `after_ms` from `now`, not a whole interval later.
    pub fn retry(&mut self, now: Timestamp, after_ms: i64) {
        self.last = Some(now.plus_ms(after_ms - self.every_ms));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_due_at_once_then_after_every_interval_and_after_the_clock_was_turned_back() {
        let at = Timestamp::from_stored_ms;
        let mut due = Due::every(100);
        let answers: Vec<bool> =
            [1_000, 1_050, 1_100, 1_150, 900, 950].map(|ms| due.take(at(ms))).into();
        assert_eq!(answers, [true, false, true, false, true, false]);
        due.retry(at(950), 10);
        assert!(!due.take(at(955)));
        assert!(due.take(at(960)));
    }
}

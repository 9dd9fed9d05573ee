//! A clock that stands still until a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use scoreline_core::time::{Clock, Timestamp};

/// A clock moved by hand; only its monotonic time goes by itself. Share it in an `Arc`.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `now`.
    pub fn new(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.as_ms()))
    }

    /// Moves the clock to `now`, back or forth.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.as_ms(), Ordering::SeqCst);
    }

    /// Moves the clock by `ms`, back if negative, and answers what it shows then.
    pub fn advance(&self, ms: i64) -> Timestamp {
        Timestamp::from_stored_ms(self.0.fetch_add(ms, Ordering::SeqCst) + ms)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_stored_ms(self.0.load(Ordering::SeqCst))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "waiting and measuring take real time in tests too"
    )]
    fn monotonic(&self) -> Instant {
        Instant::now()
    }
}

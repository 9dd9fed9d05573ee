//! A clock that stands still until a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use scoreline_core::time::{Clock, Timestamp};

/// A clock moved by hand; only its monotonic time goes by itself. Share it in an `Arc`.
///
/// When it is moved forward, that much time goes by. [`ManualClock::jump`] sets it without that.
#[derive(Debug)]
pub struct ManualClock {
    shown_ms: AtomicI64,
    uptime_ms: AtomicI64,
}

impl ManualClock {
    /// A clock that shows `now`.
    pub fn new(now: Timestamp) -> Self {
        Self { shown_ms: AtomicI64::new(now.as_ms()), uptime_ms: AtomicI64::new(0) }
    }

    /// Moves the clock to `now`, back or forth.
    pub fn set(&self, now: Timestamp) {
        let before_ms = self.shown_ms.swap(now.as_ms(), Ordering::SeqCst);
        self.go_by(now.as_ms() - before_ms);
    }

    /// Moves the clock by `ms`, back if negative, and answers what it shows then.
    pub fn advance(&self, ms: i64) -> Timestamp {
        self.go_by(ms);
        self.jump(ms)
    }

    /// Sets the clock off by `ms`, back if negative, while no time goes by; answers what it shows then.
    pub fn jump(&self, ms: i64) -> Timestamp {
        Timestamp::from_stored_ms(self.shown_ms.fetch_add(ms, Ordering::SeqCst) + ms)
    }

    fn go_by(&self, ms: i64) {
        self.uptime_ms.fetch_add(ms.max(0), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_stored_ms(self.shown_ms.load(Ordering::SeqCst))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "waiting and measuring take real time in tests too"
    )]
    fn monotonic(&self) -> Instant {
        Instant::now()
    }

    fn uptime(&self) -> Duration {
        Duration::from_millis(self.uptime_ms.load(Ordering::SeqCst).unsigned_abs())
    }
}

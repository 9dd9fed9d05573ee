//! The system's clock: the only place where the server reads the time.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use scoreline_core::time::{Clock, Timestamp};

/// The time as the operating system tells it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the time comes from")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let ms = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_ms(ms).unwrap_or(Timestamp::MAX)
    }

    #[expect(clippy::disallowed_methods, reason = "this is where the time comes from")]
    fn monotonic(&self) -> Instant {
        Instant::now()
    }
}

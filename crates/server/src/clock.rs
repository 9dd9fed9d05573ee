//! The system's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use scoreline_core::time::{Clock, Timestamp};

/// The time as the operating system tells it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let ms = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_ms(ms).unwrap_or(Timestamp::MAX)
    }
}

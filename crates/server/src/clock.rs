//! The system's clock: the only place where the server reads the time.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

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

    fn uptime(&self) -> Duration {
        uptime()
    }
}

/// Since the machine was started, with the time that it slept.
#[cfg(target_os = "linux")]
fn uptime() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::try_from(now).unwrap_or_default()
}

/// Since the first question. Whether it counts the time that the machine slept depends on the system; where
/// it does not, waking up looks like a jump of the clock, which proves itself by holding.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::disallowed_methods, reason = "this is where the time comes from")]
fn uptime() -> Duration {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    START.elapsed()
}

//! Points in time, to the millisecond, and how they are read and written.
//!
//! A [`Timestamp`] is what the store keeps and what rules compare. Reading is lenient because game
//! clients write times in many ways; writing is one way only: RFC 3339, UTC, milliseconds.

use std::fmt;
use std::time::Instant;

use jiff::civil;

/// Milliseconds since 1970-01-01T00:00:00Z, between the years −9999 and 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

/// The source of the present time. The server's reads the system clock, tests move theirs by hand.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// A time that only goes forward, for measuring and for waiting. Nothing that is stored depends
    /// on it.
    fn monotonic(&self) -> Instant;
}

impl Timestamp {
    /// The start of 1970, UTC.
    pub const EPOCH: Self = Self(0);
    /// The earliest time that can be written as text, in the year −9999.
    pub const MIN: Self = Self(-377_705_023_201_000);
    /// The latest time that can be written as text, in the year 9999.
    pub const MAX: Self = Self(253_402_207_200_000);

    /// The time `ms` milliseconds after the epoch, or `None` where the calendar ends.
    pub fn from_ms(ms: i64) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0).contains(&ms).then_some(Self(ms))
    }

    /// Takes a number that came out of the store, where only checked times are written.
    pub const fn from_stored_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the epoch.
    pub fn as_ms(self) -> i64 {
        self.0
    }

    /// The time `ms` milliseconds later (earlier if negative), held at the ends of the calendar.
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms).clamp(Self::MIN.0, Self::MAX.0))
    }

    /// Milliseconds from `earlier` to this time; negative if this one is earlier.
    pub fn ms_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// The latest multiple of `step_ms` that is not after this time.
    pub fn floor_to(self, step_ms: i64) -> Self {
        Self(self.0.div_euclid(step_ms) * step_ms)
    }

    /// Reads what game clients send: ISO 8601 with or without fraction, seconds or offset (no zone
    /// means UTC), with `T` or a space, a date only, or epoch milliseconds as digits.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(ms) = text.parse::<i64>() {
            // Four to eight digits could be a year or a compact date; nobody means 1970 by them.
            return if text.len() > 8 || ms == 0 { Self::from_ms(ms) } else { None };
        }
        if let Ok(at) = text.parse::<jiff::Timestamp>() {
            return Self::from_ms(at.as_millisecond());
        }
        let at: civil::DateTime = text.parse().ok()?;
        let at = at.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Self::from_ms(at.timestamp().as_millisecond())
    }

    /// The same time for calendar arithmetic.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0)
            .expect("a Timestamp lies within the calendar by construction")
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(at: jiff::Timestamp) -> Self {
        Self(at.as_millisecond().clamp(Self::MIN.0, Self::MAX.0))
    }
}

/// RFC 3339, UTC, always three digits of fraction: `2026-11-23T10:00:00.000Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.to_jiff())
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_one_moment_is_the_same_time() {
        let expected = Timestamp::from_ms(1_795_428_000_000).expect("in range");
        for text in [
            "2026-11-23T10:00:00.000Z",
            "2026-11-23T10:00:00Z",
            "2026-11-23T10:00:00",
            "2026-11-23 10:00:00",
            "2026-11-23T12:00:00+02:00",
            "2026-11-23T10:00Z",
            "2026-11-23T10:00",
            "1795428000000",
        ] {
            assert_eq!(Timestamp::parse(text), Some(expected), "{text}");
        }
        assert_eq!(Timestamp::parse("2026-11-23"), Some(expected.plus_ms(-10 * 3_600_000)));
        assert_eq!(expected.to_string(), "2026-11-23T10:00:00.000Z");
    }

    #[test]
    fn nonsense_is_no_time() {
        for text in ["", "yesterday", "2026-13-01", "2026", "20261", "99999999999999999", "NaN"] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_ends_of_the_calendar_can_be_written() {
        assert!(Timestamp::MIN.to_string().starts_with("-009999-01-02"));
        assert_eq!(Timestamp::MAX.to_string(), "9999-12-30T22:00:00.000Z");
        assert_eq!(Timestamp::from(jiff::Timestamp::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::from(jiff::Timestamp::MIN), Timestamp::MIN);
        assert_eq!(Timestamp::EPOCH.plus_ms(i64::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::EPOCH.plus_ms(i64::MIN), Timestamp::MIN);
    }
}

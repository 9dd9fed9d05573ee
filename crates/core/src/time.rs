//! Points in time, to the millisecond, and how they are read and written.
//!
//! A [`Timestamp`] is what the store keeps and what rules compare. Reading is lenient because game
//! clients write times in many ways; writing is one way only: RFC 3339, UTC, milliseconds.

mod device;

use std::fmt;
use std::time::{Duration, Instant};

use jiff::civil;
use jiff::tz::TimeZone;

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

    /// How long the machine has run, its sleep included where the system can tell. Nobody sets it, so
    /// what [`Clock::now`] does beside it is a jump.
    fn uptime(&self) -> Duration;

    /// How long the machine has run, and the time at that same moment. Who compares the two asks for both
    /// at once, where a clock can be set between two questions.
    fn moment(&self) -> (Duration, Timestamp) {
        (self.uptime(), self.now())
    }

    /// Grows when the time was set to another one on purpose: times before and after do not compare.
    fn epoch(&self) -> i64 {
        0
    }
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
    /// means UTC), with `T` or a space, a date only, seconds or milliseconds since 1970 as digits, and
    /// what devices make of a time in other languages and calendars.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(number) = text.parse::<i64>() {
            return Self::from_digits(text.len(), number);
        }
        let at = Self::parse_iso(text);
        // A year of another calendar looks like one that is far away.
        if let Some(at) = at
            && device::gregorian(at.to_jiff().to_zoned(TimeZone::UTC).year()).is_none()
        {
            return Some(at);
        }
        device::read(text).or(at)
    }

    /// Four to eight digits could be a year or a compact date; nobody means 1970 by them.
    fn from_digits(length: usize, number: i64) -> Option<Self> {
        if length > 8 || number == 0 { Self::from_number(number) } else { None }
    }

    fn parse_iso(text: &str) -> Option<Self> {
        if let Ok(at) = text.parse::<jiff::Timestamp>() {
            return Self::from_ms(at.as_millisecond());
        }
        let at: civil::DateTime = text.parse().ok()?;
        let at = at.to_zoned(TimeZone::UTC).ok()?;
        Self::from_ms(at.timestamp().as_millisecond())
    }

    /// The time that a client means by a number: of ten digits seconds since 1970, of sixteen
    /// microseconds, of nineteen nanoseconds, otherwise milliseconds.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::from_ms(match number {
            1_000_000_000..=9_999_999_999 => number * 1_000,
            1_000_000_000_000_000..=9_999_999_999_999_999 => number / 1_000,
            1_000_000_000_000_000_000.. => number / 1_000_000,
            _ => number,
        })
    }

    /// The same for a number with a fraction or an exponent.
    pub fn from_fraction(number: f64) -> Option<Self> {
        let ms = if (1e9..1e10).contains(&number) { number * 1_000.0 } else { number };
        #[expect(clippy::cast_possible_truncation, reason = "casts saturate, from_ms refuses")]
        Self::from_ms(ms.floor() as i64)
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
    fn the_unit_of_a_number_is_told_by_its_digits() {
        let expected = Timestamp::from_ms(1_795_428_000_000);
        for text in [
            "1795428000",
            "1795428000000",
            "1795428000000000",
            "1795428000000000000",
            "1795428000.0",
        ] {
            assert_eq!(Timestamp::parse(text), expected, "{text}");
        }
        assert_eq!(Timestamp::from_fraction(1_795_428_000.5), expected.map(|at| at.plus_ms(500)));
        assert_eq!(Timestamp::from_fraction(1.795_428e12), expected);
        assert_eq!(Timestamp::from_number(-5), Timestamp::from_ms(-5));
        assert_eq!(Timestamp::from_number(99_999_999_999_999_999), None);
    }

    #[test]
    fn years_of_other_calendars_are_those_of_ours() {
        let expected = Timestamp::parse("2026-11-23T10:00:00Z");
        for text in ["2569-11-23T10:00:00Z", "0008-11-23T10:00", "0115-11-23 10:00:00Z"] {
            assert_eq!(Timestamp::parse(text), expected, "{text}");
        }
        assert_eq!(Timestamp::parse("2569-11-23"), Timestamp::parse("2026-11-23"));
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

//! Calendar days in the game's time zone.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::time::Timestamp;

/// The day that days are counted from.
const EPOCH: Date = Date::constant(1970, 1, 1);

/// A calendar day, by the days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(pub i32);

/// Days from one to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayRange {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub until: Day,
}

impl Day {
    /// Reads `2026-11-29`, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let date: Date = text.parse().ok()?;
        let day = Self::of_date(date);
        // Other spellings of ISO 8601 are refused, so that one day has one address.
        (day.to_string() == text).then_some(day)
    }

    /// The day this many days later.
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// How many days this one comes after `earlier`.
    pub fn days_since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }

    fn of_date(date: Date) -> Self {
        Self((date - EPOCH).get_days())
    }
}

/// `2026-11-29`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match EPOCH.checked_add(jiff::Span::new().try_days(self.0).unwrap_or_default()) {
            Ok(date) => write!(f, "{date}"),
            Err(_) => write!(f, "day {}", self.0),
        }
    }
}

impl serde::Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl DayRange {
    /// How many days.
    pub fn len(self) -> i32 {
        self.until.days_since(self.from).saturating_add(1).max(0)
    }

    /// Whether it holds none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// All of them.
    pub fn days(self) -> impl Iterator<Item = Day> {
        (self.from.0..=self.until.0).map(Day)
    }
}

/// Which day a moment lies in. Remembers the days that it was asked for: a batch has few.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    /// By their starts, the days asked for, with their ends.
    known: RefCell<BTreeMap<Timestamp, (Timestamp, Day)>>,
}

impl Calendar {
    /// The calendar of a time zone.
    pub fn new(zone: TimeZone) -> Self {
        Self { zone, known: RefCell::default() }
    }

    /// The day of a moment.
    pub fn day(&self, at: Timestamp) -> Day {
        let mut known = self.known.borrow_mut();
        let found = known.range(..=at).next_back();
        if let Some((_, (_, day))) = found.filter(|(_, (end, _))| at < *end) {
            return *day;
        }
        let date = at.to_jiff().to_zoned(self.zone.clone()).date();
        let day = Day::of_date(date);
        if let Some((start, end)) = self.bounds(date)
            && start <= at
            && at < end
        {
            known.insert(start, (end, day));
        }
        day
    }

    /// When a day begins. None at the ends of the calendar.
    pub fn start(&self, day: Day) -> Option<Timestamp> {
        let date = EPOCH.checked_add(jiff::Span::new().try_days(day.0).ok()?).ok()?;
        self.bounds(date).map(|(start, _)| start)
    }

    /// When a date begins and ends. None at the ends of the calendar.
    fn bounds(&self, date: Date) -> Option<(Timestamp, Timestamp)> {
        let start = |date: Date| {
            let at = date.to_zoned(self.zone.clone()).ok()?.start_of_day().ok()?;
            Some(Timestamp::from(at.timestamp()))
        };
        Some((start(date)?, start(date.tomorrow().ok()?)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time")
    }

    #[test]
    fn a_day_is_read_as_it_is_written() {
        for text in ["1970-01-01", "2026-11-29", "2024-02-29", "1969-12-31"] {
            assert_eq!(Day::parse(text).expect(text).to_string(), text);
        }
        assert_eq!(Day::parse("1970-01-02"), Some(Day(1)));
        for wrong in ["", "2026-11", "20261129", "2026-13-01", "2025-02-29", "2026-11-29T00:00"] {
            assert_eq!(Day::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_day_is_that_of_the_zone_and_may_have_23_hours() {
        let berlin = Calendar::new(TimeZone::get("Europe/Berlin").expect("a zone"));
        let day = |text: &str| berlin.day(at(text)).to_string();
        assert_eq!(day("2026-11-28T22:59:59.999Z"), "2026-11-28");
        assert_eq!(day("2026-11-28T23:00:00Z"), "2026-11-29");
        // The clocks go forward: this day ends an hour earlier.
        assert_eq!(day("2026-03-28T23:00:00Z"), "2026-03-29");
        assert_eq!(day("2026-03-29T21:59:59Z"), "2026-03-29");
        assert_eq!(day("2026-03-29T22:00:00Z"), "2026-03-30");
        let start = |day: &str| berlin.start(Day::parse(day)?).map(|at| at.to_string());
        assert_eq!(start("2026-03-29").as_deref(), Some("2026-03-28T23:00:00.000Z"));
        assert_eq!(start("2026-03-30").as_deref(), Some("2026-03-29T22:00:00.000Z"));
        // Asked again, out of what it remembers.
        assert_eq!(day("2026-03-29T12:00:00Z"), "2026-03-29");
    }

    #[test]
    fn the_ends_of_time_have_days_too() {
        let utc = Calendar::new(TimeZone::UTC);
        assert!(utc.day(Timestamp::MIN) < utc.day(Timestamp::EPOCH));
        assert!(utc.day(Timestamp::MAX) > utc.day(Timestamp::EPOCH));
        assert_eq!((utc.start(Day(i32::MAX)), utc.start(Day(0))), (None, Some(Timestamp::EPOCH)));
    }
}

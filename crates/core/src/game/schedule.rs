//! When a board starts over and when a tournament begins: a cron pattern in a time zone.
//!
//! A schedule cuts time into periods that touch: each lasts from one occurrence of the pattern to
//! the next. Where a time zone skips or repeats an hour, a time of day does as cron does: a skipped
//! one happens at the first moment after the gap, a repeated one happens once. A pattern of several
//! times a day (`0 * * * *`) happens whenever a clock on the wall would show one of them, so that
//! every hour that passes is an hour.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use croner::Cron;
use jiff::tz::TimeZone;

use crate::time::Timestamp;

const SECOND_MS: i64 = 1_000;
/// Characters of a pattern. One that names every hour and every day has half of it.
const PATTERN_CHARS_MAX: usize = 200;
/// Where occurrences are looked for: the years 1000 to 3999. Both directions of the search end at
/// the same places, so that the periods at the ends touch their neighbours like all others.
const CALENDAR: RangeInclusive<Timestamp> = RangeInclusive::new(
    Timestamp::from_stored_ms(-30_610_224_000_000),
    Timestamp::from_stored_ms(64_060_588_800_000),
);

/// A cron pattern of five fields (minute, hour, day, month, weekday) in a time zone.
#[derive(Debug, Clone)]
pub struct Schedule {
    pattern: String,
    zone_name: String,
    cron: Cron,
    zone: TimeZone,
}

/// The time between two occurrences: `start` belongs to it, `end` to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first moment.
    pub start: Timestamp,
    /// The first moment after it.
    pub end: Timestamp,
}

impl Period {
    /// Whether `at` lies in this period.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.start <= at && at < self.end
    }
}

/// Why a schedule cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// The pattern is not a cron pattern of five fields.
    #[error(
        "{pattern:?} is not a cron pattern of five fields (minute hour day month weekday): {reason}"
    )]
    Pattern {
        /// What was written.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The pattern never happens, such as 30 February.
    #[error("{pattern:?} never happens")]
    Never {
        /// What was written.
        pattern: String,
    },
    /// The time zone is not in the IANA database.
    #[error("{zone:?} is no time zone; write an IANA name such as \"UTC\" or \"Europe/Berlin\"")]
    Zone {
        /// What was written.
        zone: String,
    },
}

impl Schedule {
    /// Reads a pattern such as `0 0 * * 1` and a zone such as `UTC`.
    pub fn new(pattern: &str, zone_name: &str) -> Result<Self, ScheduleError> {
        let fields: Vec<&str> = pattern.split_whitespace().collect();
        let wrong = |reason: &str| ScheduleError::Pattern {
            pattern: pattern.chars().take(PATTERN_CHARS_MAX).collect(),
            reason: reason.to_owned(),
        };
        if pattern.len() > PATTERN_CHARS_MAX {
            return Err(wrong("it is too long"));
        }
        if fields.len() != 5 {
            return Err(wrong("it does not have five fields"));
        }
        // Written with single spaces, so that spacing makes no other schedule of it.
        let pattern = fields.join(" ");
        let cron = Cron::from_str(&pattern).map_err(|error| wrong(&error.to_string()))?;
        let zone = TimeZone::get(zone_name)
            .map_err(|_| ScheduleError::Zone { zone: zone_name.chars().take(100).collect() })?;
        let zone_name = zone.iana_name().unwrap_or(zone_name).to_owned();
        let schedule = Self { pattern, zone_name, cron, zone };
        // 2000 to 2028 holds every weekday of every date, so a pattern silent there never happens.
        if schedule.next_after(Timestamp::EPOCH).is_none() {
            return Err(ScheduleError::Never { pattern: schedule.pattern });
        }
        Ok(schedule)
    }

    /// The period that `at` lies in. Costs microseconds: callers that ask for many times in a row
    /// keep the answer while [`Period::contains`] holds.
    ///
    /// Before the first occurrence and after the last one of the calendar, the period is open
    /// towards [`Timestamp::MIN`] or [`Timestamp::MAX`].
    pub fn period_at(&self, at: Timestamp) -> Period {
        let start = self.latest_until(at).unwrap_or(Timestamp::MIN);
        let end = self.next_after(at).unwrap_or(Timestamp::MAX);
        Period { start, end }
    }

    /// The first occurrence after `at`.
    pub fn next_after(&self, at: Timestamp) -> Option<Timestamp> {
        let from = at.max(CALENDAR.start().plus_ms(-SECOND_MS));
        let next = self.cron.find_next_occurrence(&self.local(from), false).ok()?;
        Some(Timestamp::from(next.timestamp())).filter(|next| CALENDAR.contains(next))
    }

    /// The last occurrence that is not after `at`.
    fn latest_until(&self, at: Timestamp) -> Option<Timestamp> {
        let until = at.min(*CALENDAR.end());
        let latest = self.cron.find_previous_occurrence(&self.local(until), true).ok()?;
        Some(Timestamp::from(latest.timestamp())).filter(|latest| CALENDAR.contains(latest))
    }

    /// The time in the schedule's zone, in whole seconds: a pattern knows no smaller ones.
    fn local(&self, at: Timestamp) -> jiff::Zoned {
        at.floor_to(SECOND_MS).to_jiff().to_zoned(self.zone.clone())
    }

    /// Its pattern, with single spaces.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// The name of its zone.
    pub fn zone_name(&self) -> &str {
        &self.zone_name
    }

    /// The zone its pattern is read in.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Self) -> bool {
        self.pattern == other.pattern && self.zone_name == other.zone_name
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" in {}", self.pattern, self.zone_name)
    }
}

#[cfg(test)]
mod tests;

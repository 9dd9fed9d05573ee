//! Ids and names of tournaments as patterns of the time at which one starts.

use jiff::Zoned;
use jiff::tz::TimeZone;

use super::TournamentSeries;
use crate::time::Timestamp;

/// What may stand in braces.
pub(super) const PLACEHOLDERS: [&str; 7] =
    ["year", "month", "day", "hour", "minute", "week", "week_year"];

/// The longest text of any placeholder: a year before the common era.
const PLACEHOLDER_CHARS_MAX: usize = 5;

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PatternError {
    /// A brace is not part of a pair.
    Brace,
    /// A placeholder of this name does not exist.
    Unknown(String),
}

/// One part of a pattern.
enum Part<'p> {
    Text(&'p str),
    Placeholder(&'p str),
}

/// The parts of a pattern. What is not a pair of braces is text.
fn parts(pattern: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = pattern;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.find('{').unwrap_or(rest.len());
        if end > 0 {
            let text = &rest[..end];
            rest = &rest[end..];
            return Some(Part::Text(text));
        }
        let Some(end) = rest.find('}') else {
            return Some(Part::Text(std::mem::take(&mut rest)));
        };
        let name = &rest[1..end];
        rest = &rest[end + 1..];
        Some(Part::Placeholder(name))
    })
}

/// Whether every brace belongs to a placeholder that exists.
pub(super) fn check(pattern: &str) -> Result<(), PatternError> {
    for part in parts(pattern) {
        match part {
            Part::Text(text) if text.contains(['{', '}']) => return Err(PatternError::Brace),
            Part::Placeholder(name) if name.contains('{') => return Err(PatternError::Brace),
            Part::Placeholder(name) if !PLACEHOLDERS.contains(&name) => {
                return Err(PatternError::Unknown(name.to_owned()));
            }
            Part::Text(_) | Part::Placeholder(_) => {}
        }
    }
    Ok(())
}

/// The most characters that a pattern can give.
pub(super) fn chars_max(pattern: &str) -> usize {
    parts(pattern)
        .map(|part| match part {
            Part::Text(text) => text.chars().count(),
            Part::Placeholder(_) => PLACEHOLDER_CHARS_MAX,
        })
        .sum()
}

/// The text that a pattern gives for a tournament that starts at `start`.
pub(super) fn render(pattern: &str, start: Timestamp, zone: &TimeZone) -> String {
    let start = start.to_jiff().to_zoned(zone.clone());
    parts(pattern)
        .map(|part| match part {
            Part::Text(text) => text.to_owned(),
            Part::Placeholder(name) => placeholder(name, &start),
        })
        .collect()
}

fn placeholder(name: &str, start: &Zoned) -> String {
    match name {
        "year" => start.year().to_string(),
        "month" => format!("{:02}", start.month()),
        "day" => format!("{:02}", start.day()),
        "hour" => format!("{:02}", start.hour()),
        "minute" => format!("{:02}", start.minute()),
        "week" => format!("{:02}", start.date().iso_week_date().week()),
        "week_year" => start.date().iso_week_date().year().to_string(),
        unknown => format!("{{{unknown}}}"),
    }
}

impl TournamentSeries {
    /// The id of the tournament that starts at `start`.
    pub fn id_at(&self, start: Timestamp) -> String {
        render(&self.id_pattern, start, self.schedule.zone())
    }

    /// The name of the tournament that starts at `start`.
    pub fn name_at(&self, start: Timestamp) -> String {
        render(&self.name_pattern, start, self.schedule.zone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(pattern: &str, start: &str, zone: &str) -> String {
        let start = Timestamp::parse(start).expect("a time");
        render(pattern, start, &TimeZone::get(zone).expect("a zone"))
    }

    #[test]
    fn placeholders_are_the_start_in_the_zone_of_the_schedule() {
        let pattern = "x_{year}-{month}-{day}_{hour}{minute}_{week_year}w{week}";
        let start = "2026-01-04T23:05:00Z";
        assert_eq!(rendered(pattern, start, "UTC"), "x_2026-01-04_2305_2026w01");
        assert_eq!(rendered(pattern, start, "Europe/Berlin"), "x_2026-01-05_0005_2026w02");
    }

    #[test]
    fn a_week_belongs_to_the_year_that_has_most_of_it() {
        let week = |start| rendered("{year} {week_year}w{week}", start, "UTC");
        assert_eq!(week("2024-12-30T00:00:00Z"), "2024 2025w01");
        assert_eq!(week("2027-01-01T00:00:00Z"), "2027 2026w53");
    }

    #[test]
    fn braces_that_are_no_placeholder_are_found() {
        assert_eq!(check("weekly_{week_year}_w{week}"), Ok(()));
        assert_eq!(check("w{weak}"), Err(PatternError::Unknown("weak".to_owned())));
        assert_eq!(check("w{}"), Err(PatternError::Unknown(String::new())));
        for broken in ["{", "}", "w{week", "w}week{", "{{week}}", "{we{ek}"] {
            assert_eq!(check(broken), Err(PatternError::Brace), "{broken}");
        }
    }

    #[test]
    fn no_text_is_longer_than_foreseen() {
        let all = PLACEHOLDERS.map(|name| format!("{{{name}}}")).concat();
        for start in [Timestamp::MIN, Timestamp::EPOCH, Timestamp::MAX] {
            let text = render(&all, start, &TimeZone::UTC);
            assert!(text.chars().count() <= chars_max(&all), "{text}");
        }
    }
}

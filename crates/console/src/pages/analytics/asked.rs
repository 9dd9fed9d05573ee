//! What the address of the page says: which days, and what of them.

use scoreline_core::analytics::{Day, DayRange, Dimension};
use scoreline_http::Problem;
use serde::Deserialize;

use crate::charts::Choice;
use crate::words;

/// How many days are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub(super) enum Range {
    /// A week.
    #[serde(rename = "7")]
    Week,
    /// A month.
    #[default]
    #[serde(rename = "30")]
    Month,
    /// A quarter.
    #[serde(rename = "90")]
    Quarter,
}

impl Range {
    pub const ALL: [Self; 3] = [Self::Week, Self::Month, Self::Quarter];

    pub fn days(self) -> i32 {
        match self {
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
        }
    }
}

/// What is drawn of active players.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Measure {
    /// Of the day.
    #[default]
    Dau,
    /// Of the week.
    Wau,
    /// Of the month.
    Mau,
    /// Of the day by those of the month.
    Stickiness,
}

impl Measure {
    pub const ALL: [(Self, &str, &str); 4] = [
        (Self::Dau, "dau", "DAU"),
        (Self::Wau, "wau", "WAU"),
        (Self::Mau, "mau", "MAU"),
        (Self::Stickiness, "stickiness", "Stickiness"),
    ];

    pub fn title(self) -> &'static str {
        Self::ALL.iter().find(|(one, ..)| *one == self).map_or("", |(_, _, title)| title)
    }
}

/// How retention is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Retention {
    /// In per cent of the cohort.
    #[default]
    Share,
    /// In players.
    Players,
}

/// What a day is split by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Split {
    /// The platform of the device.
    #[default]
    Platform,
    /// The version of the app.
    AppVersion,
    /// The country.
    Country,
}

impl Split {
    pub const ALL: [(Self, &str, &str); 3] = [
        (Self::Platform, "platform", "Platform"),
        (Self::AppVersion, "app_version", "Version"),
        (Self::Country, "country", "Country"),
    ];

    pub fn dimension(self) -> Dimension {
        match self {
            Self::Platform => Dimension::Platform,
            Self::AppVersion => Dimension::AppVersion,
            Self::Country => Dimension::Country,
        }
    }

    pub fn title(self) -> &'static str {
        Self::ALL.iter().find(|(one, ..)| *one == self).map_or("", |(_, _, title)| title)
    }
}

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    day: String,
    #[serde(default)]
    pub(super) range: Range,
    #[serde(default)]
    pub(super) active: Measure,
    #[serde(default)]
    pub(super) retention: Retention,
    #[serde(default)]
    pub(super) funnel: String,
    #[serde(default)]
    pub(super) currency: String,
    #[serde(default)]
    pub(super) by: Split,
}

/// The same as days.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub asked: Asked,
    /// The days that are shown.
    pub days: DayRange,
    /// The day that is not over.
    pub today: Day,
}

impl Ask {
    /// What is asked for while it is the day `today`. No day after it has figures.
    pub fn of(asked: Asked, today: Day) -> Result<Self, Problem> {
        let named = asked.day.trim();
        let until = if named.is_empty() {
            today
        } else {
            let day = Day::parse(named);
            day.ok_or_else(|| Problem::field("day", "must be a day such as 2026-11-29".to_owned()))?
                .min(today)
        };
        let days = DayRange { from: until.plus(1 - asked.range.days()), until };
        Ok(Self { asked, days, today })
    }

    /// Whether the last day is not over.
    pub fn is_open(&self) -> bool {
        self.days.until == self.today
    }

    /// The last day that is over.
    pub fn whole_day(&self) -> Day {
        if self.is_open() { self.today.plus(-1) } else { self.days.until }
    }

    /// As many days before them.
    pub fn before(&self) -> DayRange {
        let days = self.days.len();
        DayRange { from: self.days.from.plus(-days), until: self.days.until.plus(-days) }
    }

    /// All days that are needed: those shown, as many before, and a week before yesterday.
    pub fn wide(&self) -> DayRange {
        let from = self.before().from.min(self.days.until.plus(-8));
        DayRange { from, until: self.days.until }
    }

    /// What the address says after its path, with one thing changed.
    fn query(&self, changed: &str, value: &str) -> String {
        let Asked { day, range, active, retention, funnel, currency, by } = &self.asked;
        let range = range.days().to_string();
        let active = Measure::ALL.iter().find(|(one, ..)| one == active).map_or("", |one| one.1);
        let by = Split::ALL.iter().find(|(one, ..)| one == by).map_or("", |one| one.1);
        let retention = if *retention == Retention::Share { "share" } else { "players" };
        let all = [
            ("day", day.trim()),
            ("range", &range),
            ("active", active),
            ("retention", retention),
            ("funnel", funnel),
            ("currency", currency),
            ("by", by),
        ];
        let pairs = all.map(|(name, told)| (name, if name == changed { value } else { told }));
        let told = pairs.iter().filter(|(_, value)| !value.is_empty());
        let told = told.map(|(name, value)| format!("{name}={}", words::in_address(value)));
        told.collect::<Vec<_>>().join("&")
    }

    /// Where data of the page is.
    pub fn data(&self, name: &str) -> String {
        format!("/console/analytics/{name}.csv?{}", self.query("", ""))
    }

    /// The page with one thing changed, at one of its places.
    pub fn choice(&self, what: &str, value: &str, name: &str, is_here: bool, at: &str) -> Choice {
        let path = format!("/console/analytics?{}#{at}", self.query(what, value));
        Choice { name: name.to_owned(), path, is_here }
    }

    /// What a form keeps that changes other things.
    pub fn kept(&self) -> Vec<(&'static str, String)> {
        let Asked { funnel, currency, .. } = &self.asked;
        let kept = [("funnel", funnel), ("currency", currency)];
        let kept = kept.into_iter().filter(|(_, value)| !value.is_empty());
        kept.map(|(name, value)| (name, value.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_end_with_the_one_that_is_asked_for_and_none_is_to_come() {
        let today = Day(100);
        let ask = |day: &str| {
            let asked = Asked { day: day.to_owned(), ..Asked::default() };
            Ask::of(asked, today)
        };
        let now = ask("").expect("no day is today");
        assert_eq!((now.days, now.is_open()), (DayRange { from: Day(71), until: Day(100) }, true));
        assert_eq!(now.before(), DayRange { from: Day(41), until: Day(70) });
        let then = ask("1970-01-11").expect("a day");
        assert_eq!((then.whole_day(), then.is_open()), (Day(10), false));
        assert_eq!(ask("2999-01-01").expect("a day").days.until, today);
        assert!(ask("yesterday").is_err());
    }

    #[test]
    fn the_address_keeps_all_that_was_chosen() {
        let asked = Asked { currency: "a&b".to_owned(), ..Asked::default() };
        let ask = Ask::of(asked, Day(100)).expect("no day is today");
        let choice = ask.choice("active", "wau", "WAU", false, "active");
        let query = "range=30&active=wau&retention=share&currency=a%26b&by=platform";
        assert_eq!(choice.path, format!("/console/analytics?{query}#active"));
    }
}

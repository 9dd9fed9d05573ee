//! Active players, new ones, and those of a day by platform, version or country.

use scoreline_core::analytics::figures::{ACTIVE, ActiveDay, SESSIONS, SessionDay};
use scoreline_core::analytics::{Day, DayRange};

use super::asked::{Ask, Measure, Split};
use super::days::{chart, series};
use super::found::{Found, Part};
use crate::charts::{Cell, Chart, Choice, Kind, Sheet, bar};
use crate::html::{Html, id, inert};
use crate::words;

/// Values of a dimension that are shown; the CSV has all.
const PARTS_MAX: usize = 12;

/// The section.
pub(super) struct Active {
    pub course: Chart,
    pub new: Chart,
    pub sessions: Chart,
    pub now: Vec<(&'static str, String, String)>,
    pub splits: Vec<Choice>,
    pub split_by: &'static str,
    pub split_day: String,
    pub parts: Vec<PartRow>,
    pub parts_csv: String,
    pub parts_json: String,
    pub parts_left_out: usize,
    pub split: Sheet,
    pub definitions: [&'static str; 2],
}

/// A value of a dimension.
pub(super) struct PartRow {
    pub value: Html,
    pub players: String,
    pub new: String,
    pub sessions: String,
    pub bar: Html,
}

/// The section.
pub(super) fn section(ask: &Ask, found: &Found) -> Active {
    let scale = found.meaning.revenue.as_ref().map_or(1, |revenue| revenue.scale);
    let all = found.active.get(&ask.whole_day()).map_or(1, |one| one.dau).max(1) as f64;
    let part = |part: &Part| PartRow {
        value: if part.value.is_empty() { inert("none") } else { id(&part.value, "w18") },
        players: words::signed(part.players),
        new: words::signed(part.new),
        sessions: words::signed(part.sessions),
        bar: bar(part.players as f64 / all, "f-s1"),
    };
    let split = |(one, name, title): (Split, &str, &str)| {
        ask.choice("by", name, title, one == ask.asked.by, "split")
    };
    let csv = ask.data("split");
    Active {
        course: course(ask, found),
        new: new(ask, found),
        sessions: sessions(ask, found),
        now: now(ask, found),
        splits: Split::ALL.map(split).into(),
        split_by: ask.asked.by.title(),
        split_day: words::weekday(ask.whole_day()),
        parts: found.split.iter().take(PARTS_MAX).map(part).collect(),
        parts_json: csv.replacen(".csv", ".json", 1),
        parts_csv: csv,
        parts_left_out: found.split.len().saturating_sub(PARTS_MAX),
        split: sheet(ask, &found.split, scale),
        definitions: [ACTIVE, SESSIONS],
    }
}

fn value(measure: Measure, day: &ActiveDay) -> Option<f64> {
    match measure {
        Measure::Dau => Some(day.dau as f64),
        Measure::Wau => Some(day.wau as f64),
        Measure::Mau => Some(day.mau as f64),
        Measure::Stickiness => day.stickiness.map(|share| (share * 1_000.0).round() / 10.0),
    }
}

fn course(ask: &Ask, found: &Found) -> Chart {
    let measure = ask.asked.active;
    let of = |days: DayRange| {
        days.days().map(|day| found.active.get(&day).and_then(|day| value(measure, day)))
    };
    let choice = |(one, name, title): (Measure, &str, &str)| {
        ask.choice("active", name, title, one == measure, "active")
    };
    let (about, unit) = match measure {
        Measure::Dau => ("DAU: different players with an event on that calendar day.", "players"),
        Measure::Wau => ("WAU: different players in the 7 days that end with the day.", "players"),
        Measure::Mau => ("MAU: different players in the 30 days that end with the day.", "players"),
        Measure::Stickiness => ("Stickiness: DAU ÷ MAU.", "%"),
    };
    let before = format!("{} {} days before", measure.title(), ask.days.len());
    let mut all =
        vec![series(measure.title(), "a", of(ask.days)), series(before, "c", of(ask.before()))];
    // Of a game that is younger there is nothing to compare with.
    all.retain(|one| one.class == "a" || one.values.iter().flatten().any(|value| *value > 0.0));
    Chart {
        about: about.to_owned(),
        unit: unit.into(),
        series: all,
        choices: ("Measure", Measure::ALL.map(choice).into()),
        ..chart(ask, "active", "Active players")
    }
}

fn new(ask: &Ask, found: &Found) -> Chart {
    let of = |value: fn(&ActiveDay) -> i64| {
        ask.days.days().map(move |day| found.active.get(&day).map(|one| value(one) as f64))
    };
    Chart {
        about:
            "New: the day is the player’s first. Returning: all others. A late event that moves a \
                first day back moves the player with it."
                .to_owned(),
        unit: "players".into(),
        kind: Kind::Bars,
        series: vec![
            series("new", "f-s1", of(|one| one.new)),
            series("returning", "f-s2", of(|one| one.returning)),
        ],
        ..chart(ask, "new", "New and returning players")
    }
}

fn sessions(ask: &Ask, found: &Found) -> Chart {
    let of = |value: fn(&SessionDay) -> Option<f64>| {
        ask.days.days().map(move |day| found.sessions.get(&day).and_then(value))
    };
    Chart {
        about:
            "A run of events with never more than 30 minutes between two, within one day, from its \
                first event to its last. Lengths are right to 3.2 %."
                .to_owned(),
        unit: "minutes".into(),
        series: vec![
            series("nine of ten last at most", "a", of(|one| minutes(one.length_seconds.p90?))),
            series("half last at most", "d", of(|one| minutes(one.length_seconds.p50?))),
        ],
        ..chart(ask, "sessions", "How long sessions last")
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the series wants an option")]
fn minutes(seconds: f64) -> Option<f64> {
    Some((seconds / 6.0).round() / 10.0)
}

/// The last whole day in figures.
fn now(ask: &Ask, found: &Found) -> Vec<(&'static str, String, String)> {
    let day = ask.whole_day();
    let span = |days: i32| {
        format!("{} to {}", words::calendar_day(day.plus(1 - days)), words::calendar_day(day))
    };
    let (Some(active), sessions) = (found.active.get(&day), found.sessions.get(&day)) else {
        return Vec::new();
    };
    let share =
        active.stickiness.map_or_else(none, |share| words::percent(one_digit(share * 100.0)));
    let of = |value: fn(&SessionDay) -> Option<f64>, write: fn(f64) -> String| {
        sessions.and_then(value).map_or_else(none, write)
    };
    let half = of(|one| one.length_seconds.p50, words::seconds);
    vec![
        ("DAU", words::signed(active.dau), words::weekday(day)),
        ("WAU", words::signed(active.wau), span(7)),
        ("MAU", words::signed(active.mau), span(30)),
        ("Stickiness", share, "DAU ÷ MAU".to_owned()),
        (
            "Sessions a player",
            of(|one| one.per_player, |value| words::number((value * 100.0).round() / 100.0)),
            "sessions ÷ DAU".to_owned(),
        ),
        ("A session", half, "half last at most".to_owned()),
    ]
}

fn none() -> String {
    "–".to_owned()
}

fn one_digit(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn sheet(ask: &Ask, parts: &[Part], scale: i64) -> Sheet {
    let row = |part: &Part| -> Vec<Cell> {
        let revenue = Cell::Number(part.revenue as f64 / scale as f64);
        let counts = [part.players, part.new, part.sessions, part.payers].map(Cell::from);
        let day: Day = ask.whole_day();
        let key = [Cell::from(&*day.to_string()), Cell::from(&*part.value)];
        key.into_iter().chain(counts).chain([revenue]).collect()
    };
    let columns = ["day", "value", "players", "new", "sessions", "payers", "revenue"];
    Sheet {
        name: format!("Players by {}", ask.asked.by.title().to_lowercase()),
        about: ACTIVE.to_owned(),
        columns: columns.map(str::to_owned).into(),
        rows: parts.iter().map(row).collect(),
    }
}

impl Active {
    /// The charts of the section.
    pub fn charts(&self) -> Vec<&Chart> {
        vec![&self.course, &self.new, &self.sessions]
    }
}

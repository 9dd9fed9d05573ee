//! The charts of the overview: the last hour out of this node's memory, the last day and week out of the
//! figures that the store keeps by hours.

use askama::Template;
use scoreline_core::fold::COARSE_GRAIN_MS;
use scoreline_core::time::Timestamp;
use scoreline_http::parts::{Summary, Timeframe, TypeSummary, in_time};
use serde::Deserialize;

use crate::charts::{Cell, Chart, Kind, Mark, Point, Series, Sheet, bar};
use crate::console::Console;
use crate::history::Slot;
use crate::html::{Html, id};
use crate::words;

/// A span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub(crate) enum Range {
    /// The last hour.
    #[default]
    #[serde(rename = "1h")]
    Hour,
    /// The last 24 hours.
    #[serde(rename = "24h")]
    Day,
    /// The last 7 days.
    #[serde(rename = "7d")]
    Week,
}

impl Range {
    const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Week];

    /// The range as an address writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
        }
    }

    fn short(self) -> &'static str {
        match self {
            Self::Hour => "1 h",
            Self::Day => "24 h",
            Self::Week => "7 d",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Hour => "The last hour",
            Self::Day => "The last 24 hours",
            Self::Week => "The last 7 days",
        }
    }
}

#[derive(Template)]
#[template(path = "charts.html")]
struct Fragment {
    title: &'static str,
    range: &'static str,
    ranges: Vec<(&'static str, &'static str, bool)>,
    charts: Vec<Html>,
    types: Vec<TypeRow>,
    is_away: bool,
}

/// How often a type came.
struct TypeRow {
    name: Html,
    events: String,
    players: String,
    bar: Html,
}

/// The fragment of the charts.
pub(super) async fn html(console: &Console, range: Range) -> Html {
    let (charts, types, is_away) = match drawn(console, range).await {
        Some((charts, types)) => (charts, types, false),
        None => (Vec::new(), Vec::new(), true),
    };
    let most = types.iter().map(|one| one.events).max().unwrap_or(1).max(1) as f64;
    let row = |one: &TypeSummary| TypeRow {
        name: id(&one.event_type, "w36"),
        events: words::signed(one.events),
        players: words::count(one.unique_users),
        bar: bar(one.events as f64 / most, "f-s1"),
    };
    Html::of(&Fragment {
        title: range.title(),
        range: range.name(),
        ranges: Range::ALL.map(|one| (one.name(), one.short(), one == range)).into(),
        charts: charts.iter().map(Chart::html).collect(),
        types: types.iter().map(row).collect(),
        is_away,
    })
}

/// The data of a chart or a table of a range; `None` if there is none of this name.
pub(super) async fn sheet(console: &Console, range: Range, name: &str) -> Option<Sheet> {
    let (charts, types) = drawn(console, range).await?;
    if name == "types" && range != Range::Hour {
        let row = |one: &TypeSummary| {
            let players = Cell::Number(one.unique_users as f64);
            vec![one.event_type.as_str().into(), one.events.into(), players]
        };
        return Some(Sheet {
            name: "Events by type".to_owned(),
            columns: ["Type", "events", "players"].map(str::to_owned).into(),
            rows: types.iter().map(row).collect(),
            ..Sheet::default()
        });
    }
    charts.iter().find(|chart| chart.id == name).map(Chart::sheet)
}

/// The charts and the types of a range; `None` while the database does not say.
async fn drawn(console: &Console, range: Range) -> Option<(Vec<Chart>, Vec<TypeSummary>)> {
    let timeframe = match range {
        Range::Hour => {
            let slots = console.history.lock().slots();
            return Some((of_hour(&slots, console), Vec::new()));
        }
        Range::Day => Timeframe::Day,
        Range::Week => Timeframe::Week,
    };
    let now = console.clock.now();
    let summary = in_time(console.figures.summary(timeframe)).await.ok()?;
    Some((of_hours(&summary, range, now), summary.types.clone()))
}

fn chart(id: &'static str, heading: &str, range: Range) -> Chart {
    Chart {
        csv: format!("/console/charts/{id}.csv?range={}", range.name()),
        empty: "Nothing was measured yet. This node notes how it does once a second, and shows it from the \
                second half minute on.",
        ..Chart::new(id, heading)
    }
}

fn series(name: &str, class: &'static str, values: impl Iterator<Item = Option<f64>>) -> Series {
    Series { name: name.to_owned(), class, values: values.collect() }
}

fn of_hour(slots: &[Slot], console: &Console) -> Vec<Chart> {
    let every = (slots.len() / 5).max(1);
    let mut last_label = String::new();
    let point = |(n, slot): (usize, &Slot)| {
        let short = words::clock_short(slot.start);
        let is_labelled = n % every == every / 2 && short != last_label;
        let label = is_labelled.then(|| short.clone());
        if is_labelled {
            last_label = short;
        }
        Point { label, name: words::clock(slot.start) }
    };
    let points: Vec<Point> = slots.iter().enumerate().map(point).collect();
    let one_digit = |value: f64| (value * 10.0).round() / 10.0;
    let of = |value: fn(&Slot) -> Option<f64>| slots.iter().map(value);
    let oldest = console.vitals.thresholds.oldest_waiting_seconds;
    let range = Range::Hour;
    let events = Chart {
        unit: "events/s".into(),
        about: "Accepted and applied by this node, a second.".to_owned(),
        series: vec![
            series("accepted", "a", slots.iter().map(|slot| Some(one_digit(slot.accepted)))),
            series("applied", "c", slots.iter().map(|slot| Some(one_digit(slot.applied)))),
        ],
        points: points.clone(),
        ..chart("events", "Events per second", range)
    };
    let answers = Chart {
        unit: "ms".into(),
        about: "From the receipt of a request with events to its answer.".to_owned(),
        series: vec![
            series("p99", "a", of(|slot| Some(rounded_ms(slot.answer_p99?)))),
            series("p50", "d", of(|slot| Some(rounded_ms(slot.answer_p50?)))),
        ],
        points: points.clone(),
        ..chart("answers", "Time until a device has its answer", range)
    };
    let waiting = Chart {
        unit: "s".into(),
        about: "The greatest of each half minute.".to_owned(),
        series: vec![series(
            "oldest",
            "a",
            of(|slot| Some((slot.most.oldest_seconds * 1_000.0).round() / 1_000.0)),
        )],
        points: points.clone(),
        marks: vec![
            mark("warn", oldest.warning, "warning"),
            mark("crit", oldest.critical, "critical"),
        ],
        ..chart("oldest", "Age of the oldest waiting event", range)
    };
    let refused = Chart {
        unit: "events".into(),
        kind: Kind::Bars,
        about: "Events that the definition does not allow, in half a minute.".to_owned(),
        series: vec![
            series("unknown type", "f-s1", of(|slot| Some(slot.refused.unknown_type as f64))),
            series("value not allowed", "f-n2", of(|slot| Some(slot.refused.values as f64))),
            series("other", "f-n4", of(|slot| Some(slot.refused.other as f64))),
        ],
        points,
        ..chart("refused", "Refused events", range)
    };
    vec![events, answers, waiting, refused]
}

fn mark(class: &'static str, value: f64, word: &str) -> Mark {
    Mark { class, value, words: format!("{word} {}", words::seconds(value)) }
}

fn rounded_ms(seconds: f64) -> f64 {
    (seconds * 10_000.0).round() / 10.0
}

fn of_hours(summary: &Summary, range: Range, now: Timestamp) -> Vec<Chart> {
    let hours: i64 = if range == Range::Day { 24 } else { 7 * 24 };
    let starts: Vec<Timestamp> = (0..hours)
        .rev()
        .map(|back| now.floor_to(COARSE_GRAIN_MS).plus_ms(-back * COARSE_GRAIN_MS))
        .collect();
    let label = |at: Timestamp| {
        let hour = at.as_ms().div_euclid(COARSE_GRAIN_MS).rem_euclid(24);
        match range {
            Range::Week => (hour == 12).then(|| words::day_short(at)),
            _ => (hour % 6 == 0).then(|| words::clock_short(at)),
        }
    };
    let points = starts.iter().map(|at| Point {
        name: format!("{}, {}", words::day_short(*at), words::clock_short(*at)),
        label: label(*at),
    });
    let counts: std::collections::BTreeMap<Timestamp, i64> =
        summary.hours.iter().copied().collect();
    let value = |at: &Timestamp| Some(counts.get(at).copied().unwrap_or(0) as f64);
    let events = Chart {
        unit: "events".into(),
        kind: Kind::Bars,
        about: "By the time of the event, all nodes together. The last hour is not over."
            .to_owned(),
        series: vec![series("events", "f-s1", starts.iter().map(value))],
        points: points.collect(),
        empty: "No event of this time is known.",
        ..chart("hours", "Events per hour", range)
    };
    vec![events]
}

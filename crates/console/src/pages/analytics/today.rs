//! The day against the day before and against the same day of the week before.

use scoreline_core::analytics::Day;

use super::asked::Ask;
use super::found::Found;
use crate::charts::{Chart, Point};
use crate::compare::{Fact, delta_on, facts, plain};
use crate::console::Console;
use crate::hours::Three;
use crate::html::Html;
use crate::words;

/// The day, drawn.
pub(super) struct Today {
    /// What is said above the figures, and the figures.
    pub rows: Vec<(String, String, Html)>,
    /// Its hours, where the figures still have them.
    pub hours: Option<Chart>,
    /// The same hours of the three days compared.
    pub until_now: Vec<Html>,
}

/// The section.
pub(super) async fn section(console: &Console, ask: &Ask, found: &Found) -> Today {
    let day = ask.days.until;
    let mut rows = Vec::new();
    if ask.is_open() {
        let clock = found.as_of.to_jiff().to_zoned(found.meaning.zone.clone()).strftime("%H:%M");
        let title = format!("Today until {clock}");
        let about = format!(
            "beside the whole of {} and {}",
            words::weekday(day.plus(-1)),
            words::weekday(day.plus(-7))
        );
        rows.push((title, about, facts(&so_far(found, day))));
    }
    let whole = ask.whole_day();
    let title = if ask.is_open() { "Yesterday".to_owned() } else { words::weekday(whole) };
    let about = format!(
        "a whole day, against {} and {}",
        words::weekday(whole.plus(-1)),
        words::weekday(whole.plus(-7))
    );
    rows.push((title, about, facts(&compared(found, whole))));
    let hours = if ask.is_open() { hours(console, ask, found).await } else { None };
    let (hours, until_now) = hours.map_or((None, Vec::new()), |(chart, said)| (Some(chart), said));
    Today { rows, hours, until_now }
}

/// One figure of a day.
struct Figure {
    name: &'static str,
    unit: String,
    value: fn(&Found, Day) -> f64,
    write: fn(f64) -> String,
}

fn figures(found: &Found) -> Vec<Figure> {
    fn active(found: &Found, day: Day) -> f64 {
        found.active.get(&day).map_or(0.0, |one| one.dau as f64)
    }
    fn new(found: &Found, day: Day) -> f64 {
        found.active.get(&day).map_or(0.0, |one| one.new as f64)
    }
    fn sessions(found: &Found, day: Day) -> f64 {
        found.sessions.get(&day).map_or(0.0, |one| one.sessions as f64)
    }
    fn length(found: &Found, day: Day) -> f64 {
        let day = found.sessions.get(&day).filter(|one| one.sessions > 0);
        day.map_or(0.0, |one| one.length_seconds.sum / one.sessions as f64)
    }
    fn revenue(found: &Found, day: Day) -> f64 {
        found.revenue.get(&day).map_or(0.0, |one| one.revenue)
    }
    let count = |name, value| Figure { name, unit: String::new(), value, write: words::number };
    let mut all = vec![
        count("Active players", active as fn(&Found, Day) -> f64),
        count("New players", new),
        count("Sessions", sessions),
        Figure { write: words::seconds, ..count("A session lasts", length) },
    ];
    if let Some(revenue_in) = &found.meaning.revenue {
        let unit = revenue_in.currency.clone();
        all.push(Figure { name: "Revenue", unit, value: revenue, write: words::money });
    }
    all
}

/// A day that is not over, with the whole days that it is heading for.
fn so_far(found: &Found, day: Day) -> Vec<Fact> {
    let fact = |figure: Figure| {
        let of = |day: Day| (figure.write)((figure.value)(found, day));
        let lines = [("yesterday", day.plus(-1)), ("a week ago", day.plus(-7))];
        let lines = lines.map(|(what, day)| plain(format!("{what} {}", of(day))));
        Fact { name: figure.name.into(), value: of(day), unit: figure.unit, lines: lines.into() }
    };
    figures(found).into_iter().map(fact).collect()
}

/// A day that is over, against two others.
fn compared(found: &Found, day: Day) -> Vec<Fact> {
    let fact = |figure: Figure| {
        let of = |day: Day| (figure.value)(found, day);
        let lines = vec![
            delta_on(of(day), of(day.plus(-1)), &words::weekday(day.plus(-1))),
            delta_on(of(day), of(day.plus(-7)), &words::weekday(day.plus(-7))),
        ];
        Fact { name: figure.name.into(), value: (figure.write)(of(day)), unit: figure.unit, lines }
    };
    figures(found).into_iter().map(fact).collect()
}

/// The hours of today beside those of yesterday and a week ago.
async fn hours(console: &Console, ask: &Ask, found: &Found) -> Option<(Chart, Vec<Html>)> {
    let three = Three::read(console, &found.meaning, found.as_of).await?;
    let said = three.until_now().into_iter().map(|(what, value, lines)| {
        let lines: Vec<&str> = lines.iter().map(Html::as_str).collect();
        plain(format!("{what} <b>{value}</b>: {}", lines.join(", ")))
    });
    Some((chart(ask, &three), said.collect()))
}

fn chart(ask: &Ask, three: &Three) -> Chart {
    let week_ago = words::weekday_name(ask.days.until.plus(-7));
    let names = [("today", "a"), ("yesterday", "c"), (&*format!("last {week_ago}"), "d")];
    let series = names.into_iter().zip(&three.days).enumerate().map(|(n, ((name, class), day))| {
        let last = if n == 0 { three.begun } else { usize::MAX };
        let values = day.players.iter().enumerate();
        let values = values.map(|(hour, players)| (hour <= last).then(|| players.len() as f64));
        super::days::series(name, class, values)
    });
    let point = |hour: usize| Point {
        name: format!("{hour:02}:00"),
        label: hour.is_multiple_of(6).then(|| format!("{hour:02}:00")),
    };
    Chart {
        about: "About how many different players had an event within the hour, by the event’s own time: \
                exact up to 640, to 1.6 % beyond. Late events still move past hours."
            .to_owned(),
        unit: "players".into(),
        of: "Hour",
        series: series.collect(),
        points: (0..three.days[0].events.len()).map(point).collect(),
        is_open: true,
        csv: ask.data("hours"),
        empty: "No event of today is known yet.",
        ..Chart::new("hours", "Active players by hour")
    }
}

impl Today {
    /// The charts of the section.
    pub fn charts(&self) -> Vec<&Chart> {
        self.hours.iter().collect()
    }
}

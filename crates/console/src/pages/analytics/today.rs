//! The day against the day before and against the same day of the week before.

use scoreline_core::analytics::Day;
use scoreline_core::fold::{COARSE_GRAIN_MS, Sketch};
use scoreline_core::time::Timestamp;
use scoreline_http::parts::{Hour, in_time};

use super::asked::Ask;
use super::compare::{Fact, delta_on, facts, plain};
use super::found::Found;
use crate::charts::{Chart, Point};
use crate::console::Console;
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
        Fact { name: figure.name, value: of(day), unit: figure.unit, lines: lines.into() }
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
        Fact { name: figure.name, value: (figure.write)(of(day)), unit: figure.unit, lines }
    };
    figures(found).into_iter().map(fact).collect()
}

/// The hours of a day: events and players of each.
struct Hours {
    events: Vec<i64>,
    players: Vec<Sketch>,
}

impl Hours {
    /// Those of a day that begins and ends there.
    fn of(hours: &[Hour], start: Timestamp, end: Timestamp) -> Self {
        let place = |at: Timestamp| at.ms_since(start).div_euclid(COARSE_GRAIN_MS);
        let count = usize::try_from(place(end.plus_ms(COARSE_GRAIN_MS - 1))).unwrap_or_default();
        let mut day = Self { events: vec![0; count], players: vec![Sketch::default(); count] };
        // Where days do not begin with an hour, the hour that began before belongs to the first one.
        for hour in hours {
            let place = place(hour.start.plus_ms(COARSE_GRAIN_MS / 2));
            let Some(place) = usize::try_from(place).ok().filter(|place| *place < count) else {
                continue;
            };
            day.events[place] += hour.events;
            day.players[place].merge(&hour.players);
        }
        day
    }

    /// About how many players there were in the first hours.
    fn players_until(&self, hours: usize) -> u64 {
        let mut all = Sketch::default();
        for players in self.players.iter().take(hours) {
            all.merge(players);
        }
        all.len()
    }

    fn events_until(&self, hours: usize) -> i64 {
        self.events.iter().take(hours).sum()
    }
}

/// The hours of today beside those of yesterday and a week ago.
async fn hours(console: &Console, ask: &Ask, found: &Found) -> Option<(Chart, Vec<Html>)> {
    let (calendar, today) = (found.meaning.calendar(), ask.days.until);
    let week_ago = today.plus(-7);
    let known = in_time(console.figures.hours(calendar.start(week_ago)?)).await.ok()?;
    let of = |day: Day| Some(Hours::of(&known, calendar.start(day)?, calendar.start(day.plus(1))?));
    let days = [of(today)?, of(today.plus(-1))?, of(week_ago)?];
    let begun = found.as_of.ms_since(calendar.start(today)?).div_euclid(COARSE_GRAIN_MS);
    let begun = usize::try_from(begun).unwrap_or_default();
    Some((chart(ask, &days, begun), until_now(ask, &days, begun)))
}

fn chart(ask: &Ask, days: &[Hours; 3], begun: usize) -> Chart {
    let week_ago = words::weekday_name(ask.days.until.plus(-7));
    let names = [("today", "a"), ("yesterday", "c"), (&*format!("last {week_ago}"), "d")];
    let series = names.into_iter().zip(days).enumerate().map(|(n, ((name, class), day))| {
        let last = if n == 0 { begun } else { usize::MAX };
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
        points: (0..days[0].events.len()).map(point).collect(),
        is_open: true,
        csv: ask.data("hours"),
        empty: "No event of today is known yet.",
        ..Chart::new("hours", "Active players by hour")
    }
}

/// What the three days had until the last whole hour of today.
fn until_now(ask: &Ask, days: &[Hours; 3], begun: usize) -> Vec<Html> {
    if begun == 0 {
        return Vec::new();
    }
    let week_ago = format!("last {}", words::weekday_name(ask.days.until.plus(-7)));
    let line = |what: &str, of: &dyn Fn(&Hours) -> f64| {
        let [today, yesterday, week] = days.each_ref().map(of);
        plain(format!(
            "<b>{}</b> {what} until {begun:02}:00: {}, {}",
            words::number(today),
            delta_on(today, yesterday, "yesterday"),
            delta_on(today, week, &week_ago)
        ))
    };
    vec![
        line("players (about)", &|day| day.players_until(begun) as f64),
        line("events", &|day| day.events_until(begun) as f64),
    ]
}

impl Today {
    /// The charts of the section.
    pub fn charts(&self) -> Vec<&Chart> {
        self.hours.iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_lie_in_the_day_of_the_zone_even_where_it_begins_half_past() {
        let start = Timestamp::parse("2026-11-28T18:30:00Z").expect("a time");
        let hour = |text: &str, events| Hour {
            start: Timestamp::parse(text).expect("a time"),
            events,
            players: Sketch::default(),
        };
        let known = [
            hour("2026-11-28T17:00:00Z", 1),
            hour("2026-11-28T18:00:00Z", 2),
            hour("2026-11-28T19:00:00Z", 4),
            hour("2026-11-29T18:00:00Z", 8),
        ];
        let day = Hours::of(&known, start, start.plus_ms(24 * COARSE_GRAIN_MS));
        assert_eq!((day.events.len(), day.events_until(24)), (24, 6));
        assert_eq!(day.events_until(1), 2);
    }
}

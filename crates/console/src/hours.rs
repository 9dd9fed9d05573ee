//! Today, hour by hour, beside yesterday and the same day a week ago: what the figures of hours say of
//! days that are not over.

use scoreline_core::analytics::{Analytics as Meaning, Day};
use scoreline_core::fold::{COARSE_GRAIN_MS, Sketch};
use scoreline_core::time::Timestamp;
use scoreline_http::parts::{Hour, in_time};

use crate::compare::delta_on;
use crate::console::Console;
use crate::html::Html;
use crate::words;

/// The hours of a day: events and players of each.
pub(crate) struct Hours {
    pub events: Vec<i64>,
    pub players: Vec<Sketch>,
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

/// Today, yesterday, and the day a week ago.
pub(crate) struct Three {
    pub days: [Hours; 3],
    /// How many hours of today are over.
    pub begun: usize,
    today: Day,
}

impl Three {
    /// The hours as they are now; `None` while the database does not say.
    pub async fn read(console: &Console, meaning: &Meaning, now: Timestamp) -> Option<Self> {
        let calendar = meaning.calendar();
        let today = calendar.day(now);
        let week_ago = today.plus(-7);
        let known = in_time(console.figures.hours(calendar.start(week_ago)?)).await.ok()?;
        let of =
            |day: Day| Some(Hours::of(&known, calendar.start(day)?, calendar.start(day.plus(1))?));
        let days = [of(today)?, of(today.plus(-1))?, of(week_ago)?];
        let begun = now.ms_since(calendar.start(today)?).div_euclid(COARSE_GRAIN_MS);
        Some(Self { days, begun: usize::try_from(begun).unwrap_or_default(), today })
    }

    /// What the three days had until the last whole hour of today: of what, how much, and against the
    /// other two. Nothing in the first hour.
    pub fn until_now(&self) -> Vec<(String, String, [Html; 2])> {
        if self.begun == 0 {
            return Vec::new();
        }
        let week_ago = format!("last {}", words::weekday_name(self.today.plus(-7)));
        let line = |what: &str, of: &dyn Fn(&Hours) -> f64| {
            let [today, yesterday, week] = self.days.each_ref().map(of);
            let lines = [delta_on(today, yesterday, "yesterday"), delta_on(today, week, &week_ago)];
            (format!("{what} until {:02}:00", self.begun), words::number(today), lines)
        };
        vec![
            line("Players, about,", &|day| day.players_until(self.begun) as f64),
            line("Events", &|day| day.events_until(self.begun) as f64),
        ]
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

//! Who was there on which day, as sets of players: what active players and retention are counted from.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Players by day.
#[derive(Debug, Clone)]
pub(crate) struct Days {
    zone: TimeZone,
    by_day: BTreeMap<Date, Players>,
    /// The day that was looked up last, as the milliseconds that it lasts.
    known: Option<(i64, i64, Date)>,
}

/// A set of players, a bit for each.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Players(Vec<u64>);

impl Players {
    fn add(&mut self, player: u32) {
        let place = player as usize / 64;
        if self.0.len() <= place {
            self.0.resize(place + 1, 0);
        }
        self.0[place] |= 1 << (player % 64);
    }

    /// How many.
    pub fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Those of both.
    pub fn both(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(one, another)| one & another).collect())
    }

    /// Those of this set only.
    pub fn without(&self, other: &Self) -> Self {
        let others = other.0.iter().copied().chain(std::iter::repeat(0));
        Self(self.0.iter().zip(others).map(|(one, another)| one & !another).collect())
    }

    /// Takes in those of another set.
    pub fn join(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(one, more)| *one |= more);
    }
}

impl Days {
    /// Nobody was there.
    pub fn new(zone: TimeZone) -> Self {
        Self { zone, by_day: BTreeMap::new(), known: None }
    }

    /// Notes that a player was there at a time.
    pub fn note(&mut self, at_ms: i64, player: u32) {
        let day = self.day(at_ms);
        self.by_day.entry(day).or_default().add(player);
    }

    /// The day of a time.
    pub fn day(&mut self, at_ms: i64) -> Date {
        if let Some((from, until, day)) = self.known
            && (from..until).contains(&at_ms)
        {
            return day;
        }
        let at = jiff::Timestamp::from_millisecond(at_ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let day = at.to_zoned(self.zone.clone()).date();
        let start = |day: Date| day.to_zoned(self.zone.clone()).map(|at| at.timestamp());
        if let (Ok(from), Ok(until)) = (start(day), day.tomorrow().and_then(start)) {
            self.known = Some((from.as_millisecond(), until.as_millisecond(), day));
        }
        day
    }

    /// Takes in what others know.
    pub fn join(&mut self, other: &Self) {
        for (day, players) in &other.by_day {
            self.by_day.entry(*day).or_default().join(players);
        }
    }

    /// The first and the last day on which anybody was there.
    pub fn span(&self) -> Option<(Date, Date)> {
        Some((*self.by_day.first_key_value()?.0, *self.by_day.last_key_value()?.0))
    }

    /// Who was there on a day.
    pub fn on(&self, day: Date) -> Players {
        self.by_day.get(&day).cloned().unwrap_or_default()
    }

    /// Who was there on any of these days.
    pub fn within(&self, from: Date, until: Date) -> Players {
        let mut all = Players::default();
        self.by_day.range(from..=until).for_each(|(_, players)| all.join(players));
        all
    }

    /// Who was there on a day and never before.
    pub fn new_on(&self, day: Date) -> Players {
        let mut before = Players::default();
        self.by_day.range(..day).for_each(|(_, players)| before.join(players));
        self.on(day).without(&before)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn players_are_counted_by_the_days_of_the_zone() {
        let zone = TimeZone::get("America/New_York").expect("a zone");
        let mut days = Days::new(zone);
        let ms = |text: &str| text.parse::<jiff::Timestamp>().expect("a time").as_millisecond();
        days.note(ms("2026-11-02T04:59:59Z"), 70);
        days.note(ms("2026-11-02T05:00:00Z"), 3);
        days.note(ms("2026-11-02T15:00:00Z"), 70);
        let (first, second) = (date(2026, 11, 1), date(2026, 11, 2));
        assert_eq!(days.span(), Some((first, second)));
        assert_eq!((days.on(first).count(), days.on(second).count()), (1, 2));
        assert_eq!(days.new_on(second).count(), 1);
        assert_eq!(days.within(first, second).count(), 2);
        assert_eq!(days.new_on(first).both(&days.on(second)).count(), 1);
    }
}

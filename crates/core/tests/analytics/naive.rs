//! Counting again, the simple way: over all events, figure by figure, without a state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::tz::TimeZone;
use scoreline_core::analytics::{By, COARSE, CounterKey, Day, Dimension, FINE, Item, MeasureName};
use scoreline_core::event::Event;
use scoreline_core::time::Timestamp;
use serde_json::Value;

/// The counters by key, and how many players were active in the trailing windows.
#[derive(Default)]
pub struct Counted {
    pub counters: BTreeMap<CounterKey, i64>,
    pub windows: BTreeMap<(i32, By, String, Day), i64>,
}

struct Told {
    player: String,
    day: Day,
    at: Timestamp,
    kind: String,
    payload: Value,
}

impl Told {
    fn of(event: &Event) -> Self {
        let zone = TimeZone::get("Europe/Berlin").expect("a zone");
        let date = event.counted_at.to_jiff().to_zoned(zone).date().to_string();
        Self {
            player: event.player.to_string(),
            day: Day::parse(&date).expect("a day"),
            at: event.counted_at,
            kind: event.event_type.to_string(),
            payload: serde_json::from_str(&event.payload).expect("JSON"),
        }
    }

    fn text(&self, field: &str) -> Option<&str> {
        self.payload[field].as_str()
    }

    /// All players, and what this event was sent from.
    fn splits(&self) -> Vec<(By, String)> {
        let mut splits = vec![(By::All, String::new())];
        for dimension in Dimension::ALL {
            // What was shared says a platform of its own.
            if self.kind == "shared" && dimension == Dimension::Platform {
                continue;
            }
            if let Some(value) = self.text(dimension.as_str()) {
                splits.push((By::Dimension(dimension), value.to_owned()));
            }
        }
        splits
    }

    fn price(&self) -> Option<i64> {
        let cents = (self.payload["price"].as_f64()? * 100.0).round();
        let counts = self.kind == "bought" && (1.0..1e12).contains(&cents);
        // Through a text, which holds whatever number it is.
        if counts { format!("{cents}").parse().ok() } else { None }
    }
}

impl Counted {
    fn add(&mut self, measure: MeasureName, by: &(By, String), day: Day, item: Item, more: i64) {
        let value = (by.0 != By::All).then(|| Arc::from(by.1.as_str()));
        let key = CounterKey { measure, by: by.0, value, day, item };
        *self.counters.entry(key).or_default() += more;
    }
}

pub fn count(events: &[Event]) -> Counted {
    let told: Vec<Told> = events.iter().map(Told::of).collect();
    let mut counted = Counted::default();
    count_days(&told, &mut counted);
    count_sessions(&told, &mut counted);
    count_money(&told, &mut counted);
    count_funnels(&told, &mut counted);
    counted.counters.retain(|_, count| *count != 0);
    counted
}

type Active = BTreeMap<(By, String), BTreeMap<String, BTreeSet<Day>>>;

fn days_of(told: &[Told], counts: impl Fn(&Told) -> bool) -> Active {
    let mut active = Active::new();
    for one in told.iter().filter(|one| counts(one)) {
        for split in one.splits() {
            active.entry(split).or_default().entry(one.player.clone()).or_default().insert(one.day);
        }
    }
    active
}

fn count_days(told: &[Told], counted: &mut Counted) {
    for (counts, each, first_ever) in [
        ((|_| true) as fn(&Told) -> bool, MeasureName::Active, MeasureName::New),
        (|one: &Told| one.price().is_some(), MeasureName::Payers, MeasureName::FirstPurchases),
    ] {
        let active = days_of(told, counts);
        let Some(all) = active.get(&(By::All, String::new())).cloned() else { continue };
        for (split, players) in &active {
            for (player, days) in players {
                let first = all[player].first().copied().expect("active");
                for day in days {
                    counted.add(each, split, *day, Item::None, 1);
                    if *day == first {
                        counted.add(first_ever, split, *day, Item::None, 1);
                    }
                }
            }
        }
        if each != MeasureName::Active {
            continue;
        }
        for days in all.values() {
            let first = *days.first().expect("active");
            for after in [1_u32, 3, 7, 14, 30] {
                if days.contains(&first.plus(after.cast_signed())) {
                    let split = (By::All, String::new());
                    counted.add(MeasureName::Returned, &split, first, Item::Number(after), 1);
                }
            }
        }
        for (split, players) in &active {
            for width in [7, 30] {
                for day in (20_745..20_880).map(Day) {
                    let within = |days: &&BTreeSet<Day>| {
                        days.range(day.plus(1 - width)..=day).next().is_some()
                    };
                    let there = players.values().filter(within).count();
                    let there = i64::try_from(there).expect("few");
                    counted.windows.insert((width, split.0, split.1.clone(), day), there);
                }
            }
        }
    }
}

fn count_sessions(told: &[Told], counted: &mut Counted) {
    let mut of_id: BTreeMap<(&str, Day, &str), Vec<&Told>> = BTreeMap::new();
    for one in told {
        let id = one.text("session_id").unwrap_or_default();
        of_id.entry((&one.player, one.day, id)).or_default().push(one);
    }
    for ((_, day, _), mut events) in of_id {
        let context = |one: &Told| {
            let values = one.splits();
            let of =
                |by| values.iter().find(|split| split.0 == By::Dimension(by)).map(|s| s.1.clone());
            Dimension::ALL.map(of)
        };
        events.sort_by_key(|one| (one.at, context(one)));
        let mut sessions: Vec<Vec<&Told>> = Vec::new();
        for one in events {
            match sessions.last_mut() {
                Some(last) if one.at.ms_since(last[last.len() - 1].at) <= 30 * 60_000 => {
                    last.push(one);
                }
                _ => sessions.push(vec![one]),
            }
        }
        for session in sessions {
            let ms = session[session.len() - 1].at.ms_since(session[0].at);
            for split in session[0].splits() {
                let lengths = if split.0 == By::All { FINE } else { COARSE };
                counted.add(MeasureName::Sessions, &split, day, Item::None, 1);
                counted.add(MeasureName::SessionMs, &split, day, Item::None, ms);
                let class = Item::Number(lengths.class(ms));
                counted.add(MeasureName::SessionLength, &split, day, class, 1);
            }
        }
    }
}

fn count_money(told: &[Told], counted: &mut Counted) {
    for one in told {
        if let Some(cents) = one.price() {
            for split in one.splits() {
                counted.add(MeasureName::Revenue, &split, one.day, Item::None, cents);
                counted.add(MeasureName::Purchases, &split, one.day, Item::None, 1);
            }
        }
        let coins = one.payload["coins"].as_i64().filter(|coins| *coins <= 1_000_000_000_000);
        let Some(coins) = coins else { continue };
        let flow = match one.kind.as_str() {
            "gained" => (MeasureName::Earned, "coins", one.text("from").expect("a source")),
            "lost" => (MeasureName::Spent, one.text("kind").expect("a currency"), "lost"),
            _ => continue,
        };
        let (measure, currency, item) = flow;
        let split = (By::Currency, currency.to_owned());
        counted.add(measure, &split, one.day, Item::Text(Arc::from(item)), coins);
    }
}

/// Whether an event reaches a step.
type Reaches = Box<dyn Fn(&Told) -> bool>;

fn count_funnels(told: &[Told], counted: &mut Counted) {
    let players: BTreeSet<&str> = told.iter().map(|one| &*one.player).collect();
    let level = |one: &Told| one.payload["no"].as_i64().filter(|_| one.kind == "level");
    let of_level = |wanted: i64| -> Reaches { Box::new(move |one| level(one) == Some(wanted)) };
    let start: Vec<Reaches> = vec![
        Box::new(|one| one.kind == "opened"),
        Box::new(move |one| level(one).is_some_and(|no| no >= 2)),
        Box::new(|one| one.kind == "bought"),
    ];
    let levels: Vec<Reaches> = vec![of_level(1), of_level(2), of_level(3)];
    for (name, steps) in [("start", start), ("levels", levels)] {
        for player in &players {
            let first_time = |reaches: &Reaches| {
                let mine = told.iter().filter(|one| one.player == *player && reaches(one));
                mine.min_by_key(|one| one.at)
            };
            let Some(first) = first_time(&steps[0]) else { continue };
            let split = (By::Funnel, name.to_owned());
            counted.add(MeasureName::Funnel, &split, first.day, Item::Number(1), 1);
            let mut before = first.at;
            for (number, reaches) in (2..).zip(&steps[1..]) {
                let Some(at) = first_time(reaches).map(|one| one.at).filter(|at| *at >= before)
                else {
                    break;
                };
                let class = FINE.class(at.ms_since(before));
                counted.add(MeasureName::Funnel, &split, first.day, Item::Number(number), 1);
                let time = Item::Pair(number, class);
                counted.add(MeasureName::FunnelTime, &split, first.day, time, 1);
                before = at;
            }
        }
    }
}

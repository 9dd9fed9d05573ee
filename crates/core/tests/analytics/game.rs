//! A game with funnels, purchases, sources and sinks, and random events of it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use proptest::prelude::*;
use scoreline_core::event::{ContentHash, Event};
use scoreline_core::fold::{Plan, Projection};
use scoreline_core::game::Definition;
use scoreline_core::id::{EventKey, PlayerId, ProjectionNo, Slot};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

const GAME: &str = r#"
[game]
name = "Counted"
platforms = ["ios", "android"]
zone = "Europe/Berlin"
[events.opened]
[events.level]
[events.level.fields]
no = { type = "integer" }
[events.bought.fields]
price = { type = "number" }
[events.gained.fields]
coins = { type = "integer" }
from = { type = "string" }
[events.lost.fields]
coins = { type = "integer" }
kind = { type = "string" }
[events.shared.fields]
platform = { type = "string" }
[leaderboards.levels]
event = "level"
operator = "count"
[funnels.start]
steps = [{ event = "opened" }, { event = "level", where = { no = { at_least = 2 } } }, { event = "bought" }]
[funnels.levels]
event = "level"
level = "no"
levels = 3
[revenue]
currency = "EUR"
purchases = [{ event = "bought", amount = "price" }]
[economy]
sources = [{ event = "gained", amount = "coins", currency = "coins", by = "from" }]
sinks = [{ event = "lost", amount = "coins", currency_field = "kind" }]
"#;

pub fn definition() -> Definition {
    Definition::parse(GAME).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

pub fn plan() -> Plan {
    let definition = Arc::new(definition());
    let projections: Vec<Projection> = (1..)
        .zip(definition.wanted_projections())
        .map(|(no, wanted)| wanted.made(ProjectionNo(no), Slot(100 + no), true))
        .collect();
    Plan::new(1, definition, projections, Vec::new())
}

/// When the days of these tests begin: shortly before the clocks of the zone go back.
pub const START: &str = "2026-10-20T00:00:00Z";

pub fn at(minutes: i64) -> Timestamp {
    Timestamp::parse(START).expect("a time").plus_ms(minutes * 60_000)
}

pub fn event(player: &str, id: u128, minutes: i64, event_type: &str, payload: &str) -> Event {
    let time = at(minutes);
    Event::from_stored(
        EventKey { player: PlayerId::new(player).expect("an id"), id: Uuid::from_u128(id) },
        time,
        Arc::from(event_type),
        time.plus_ms(5_000),
        time,
        ContentHash(0),
        Box::from(payload),
    )
}

/// Random events: few players, days at all distances that matter, minutes around midnight and around
/// the pause that ends a session.
fn any_event() -> impl Strategy<Value = Event> {
    const DAY: i64 = 24 * 60;
    const DAYS: [i64; 18] = [0, 0, 1, 2, 3, 6, 7, 8, 13, 14, 29, 30, 31, 37, 60, 61, 64, 90];
    let moment = (
        prop::sample::select(&DAYS[..]),
        prop::sample::select(&[0, 29, 30, 31, 60, 61, 1_310, 1_319, 1_320, 1_339, 1_350][..]),
    );
    let what = prop_oneof![
        4 => Just(("opened", "1")),
        3 => prop::sample::select(&["1", "2", "3", "4", "0", "null"][..]).prop_map(|no| ("level", no)),
        2 => prop::sample::select(&["0.99", "12.5", "-3", "0", "1e300"][..]).prop_map(|price| ("bought", price)),
        1 => prop::sample::select(&["5", "7", "2000000000000"][..]).prop_map(|coins| ("gained", coins)),
        1 => prop::sample::select(&["3", "4"][..]).prop_map(|coins| ("lost", coins)),
        1 => Just(("shared", "1")),
        1 => Just(("unheard_of", "1")),
    ];
    let text = |values: &'static [&'static str]| prop::sample::select(values);
    (
        text(&["a", "b", "ç"]),
        any::<u64>(),
        moment,
        what,
        text(&["", "s1", "s1", "s2"]),
        text(&["ios", "ios", "android"]),
        text(&["1.0", "1.1"]),
        text(&["", "DE"]),
    )
        .prop_map(
            |(player, id, (day, minute), (kind, number), session, platform, version, country)| {
                let mut payload = format!(r#"{{"platform":"{platform}","app_version":"{version}""#);
                for (field, value) in [("session_id", session), ("country", country)] {
                    if !value.is_empty() {
                        write!(payload, r#","{field}":"{value}""#).expect("a text grows");
                    }
                }
                let own = match kind {
                    "level" => format!(r#","no":{number}"#),
                    "bought" => format!(r#","price":{number}"#),
                    "gained" => format!(r#","coins":{number},"from":"{version}""#),
                    "lost" => format!(r#","coins":{number},"kind":"{platform}""#),
                    _ => String::new(),
                };
                payload.push_str(&own);
                payload.push('}');
                event(player, u128::from(id), day * DAY + minute, kind, &payload)
            },
        )
}

/// Random events of distinct keys.
pub fn any_events(most: usize) -> impl Strategy<Value = Vec<Event>> {
    prop::collection::vec(any_event(), 0..most).prop_map(|events| {
        let mut keys = BTreeSet::new();
        events.into_iter().filter(|event| keys.insert(event.key())).collect()
    })
}

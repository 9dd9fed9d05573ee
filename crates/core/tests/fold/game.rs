//! A game with a board of every operator and order, and random events of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use scoreline_core::analytics::Analytics;
use scoreline_core::event::{ContentHash, Event};
use scoreline_core::fold::{Filling, Meaning, Plan, Projection, ProjectionKind, WantedProjection};
use scoreline_core::game::{
    Beside, Board, Condition, Definition, Filter, FilterTest, Game, Literal, Measure, OldEvents,
    Operator, Order, Schedule, Statistic,
};
use scoreline_core::id::{EventKey, PlayerId, ProjectionNo, Slot};
use scoreline_core::nickname::Nicknames;
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::Tournament;
use uuid::Uuid;

/// Monday 00:00 UTC: weekly boards start over and the tournament of these tests ends.
pub const MONDAY: &str = "2026-11-23T00:00:00Z";

pub fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

fn measure(operator: Operator, field: Option<&str>, scale: i64) -> Measure {
    let endless = FilterTest {
        field: Arc::from("mode"),
        condition: Condition::OneOf(vec![Literal::Text(Arc::from("endless"))]),
    };
    Measure {
        event: Arc::from("ended"),
        filter: Filter { tests: vec![endless] },
        operator,
        field: field.map(Arc::from),
        scale,
    }
}

fn board(name: &str, measure: Measure, order: Order, reset: Option<Schedule>) -> Board {
    let beside = ["coins", "gems"]
        .map(|field| Beside { name: Arc::from(field), field: Arc::from(field) })
        .to_vec();
    Board { name: Arc::from(name), title: name.to_owned(), measure, order, reset, beside }
}

pub fn definition() -> Definition {
    use Operator::{Best, Count, Latest, Sum};
    use Order::{Ascending, Descending};
    let weekly = Schedule::new("0 0 * * 1", "UTC").expect("a schedule");
    let boards = [
        board("best", measure(Best, Some("score"), 1), Descending, None),
        board("fastest", measure(Best, Some("seconds"), 1_000), Ascending, None),
        board("latest", measure(Latest, Some("score"), 1), Descending, None),
        board("total", measure(Sum, Some("score"), 1), Descending, None),
        board("least", measure(Sum, Some("score"), 1), Ascending, None),
        board("games", measure(Count, None, 1), Descending, None),
        board("weekly", measure(Best, Some("score"), 1), Descending, Some(weekly)),
    ];
    let statistics = [
        ("played", measure(Count, None, 1)),
        ("coins", measure(Sum, Some("coins"), 1)),
        ("record", measure(Best, Some("score"), 1)),
    ]
    .map(|(name, measure)| Statistic { name: Arc::from(name), measure });
    Definition {
        game: Game {
            name: "Test".into(),
            default_nickname: "Pilot".into(),
            platforms: BTreeSet::new(),
            main_board: Arc::from("best"),
            nobody_ids: BTreeSet::new(),
            old_events: OldEvents::Reject,
            nicknames: Nicknames::default(),
        },
        events: [].into_iter().collect(),
        boards: boards.into_iter().map(|board| (Arc::clone(&board.name), board)).collect(),
        tournaments: [].into_iter().collect(),
        statistics: statistics.into_iter().map(|one| (Arc::clone(&one.name), one)).collect(),
        analytics: Analytics::default(),
        tickets: None,
        source: Arc::from(""),
    }
}

/// A tournament of the week before [`MONDAY`], on the best board.
fn tournament(projection: ProjectionNo, slot: Slot, sealed_at: Option<Timestamp>) -> Tournament {
    Tournament {
        id: Arc::from("cup"),
        series: None,
        name: "Cup".into(),
        board: Arc::new(definition().boards["best"].without_resets()),
        starts_at: at("2026-11-16T00:00:00Z"),
        ends_at: at(MONDAY),
        prizes: Vec::new(),
        projection,
        slot,
        cancelled_at: None,
        sealed_at,
        closed_at: None,
        participants: None,
    }
}

/// The plan of a store that keeps all projections; `fillings` are under way.
pub fn plan_with(
    sealed_at: Option<Timestamp>,
    fillings: &[(ProjectionKind, &str, Filling)],
) -> Plan {
    let definition = Arc::new(definition());
    let cup = WantedProjection {
        kind: ProjectionKind::Tournament,
        name: Arc::from("cup"),
        meaning: Meaning::Board(Arc::new(definition.boards["best"].without_resets())),
    };
    let mut projections: Vec<Projection> = definition
        .wanted_projections()
        .into_iter()
        .chain([cup])
        .zip(1..)
        .map(|(wanted, no)| wanted.made(ProjectionNo(no), Slot(100 + no), true))
        .collect();
    for (kind, name, filling) in fillings {
        let filled = projections.iter_mut().find(|one| one.kind == *kind && *one.name == **name);
        filled.expect("a projection").filling = Some(*filling);
    }
    let cup = projections.last().expect("the cup's");
    let tournaments = vec![tournament(cup.no, cup.slot, sealed_at)];
    Plan::new(1, definition, projections, tournaments)
}

pub fn plan() -> Plan {
    plan_with(None, &[])
}

pub fn slot(plan: &Plan, kind: ProjectionKind, name: &str) -> Slot {
    plan.projection(kind, name).expect("a projection").slot
}

pub fn board_slot(plan: &Plan, name: &str) -> Slot {
    slot(plan, ProjectionKind::Board, name)
}

/// An event of these parts. Times are in milliseconds relative to [`MONDAY`].
pub fn event(
    player: &str,
    id: u128,
    (time_ms, received_ms): (i64, i64),
    event_type: &str,
    payload: &str,
) -> Event {
    let time = at(MONDAY).plus_ms(time_ms);
    Event::from_stored(
        EventKey { player: PlayerId::new(player).expect("an id"), id: Uuid::from_u128(id) },
        time,
        Arc::from(event_type),
        at(MONDAY).plus_ms(received_ms),
        time,
        ContentHash(0),
        Box::from(payload),
    )
}

/// A game of this player and score, played and received `ms` after [`MONDAY`].
pub fn played(player: &str, id: u128, ms: i64, score: i64) -> Event {
    let payload = format!(r#"{{"mode":"endless","score":{score},"coins":1}}"#);
    event(player, id, (ms, ms), "ended", &payload)
}

/// Random events in which everything that can tie does: few players, few scores, few moments
/// around the turn of the week, and keys that share their id or their player.
pub fn any_event() -> impl Strategy<Value = Event> {
    let player = prop::sample::select(&["a", "b", "ç"][..]);
    let moment = prop::sample::select(&[-700_000, -2, -1, 0, 1, 400_000, 4_000_000][..]);
    let wrong_clock = prop::option::weighted(0.2, Just(0_i64));
    let event_type = prop::sample::select(&["ended", "ended", "ended", "paused"][..]);
    let payload = (
        prop::sample::select(&["endless", "endless", "story"][..]),
        prop::sample::select(&["0", "5", "5", "9", "-3", "null", "1e999", "\"5\""][..]),
        prop::sample::select(&["0.0005", "12.25", "12.25", "3"][..]),
        0..3_i64,
    )
        .prop_map(|(mode, score, seconds, coins)| {
            format!(
                r#"{{"mode":"{mode}","score":{score},"seconds":{seconds},"coins":{coins},"x":[1]}}"#
            )
        });
    (player, 0..6_u128, moment.clone(), moment, wrong_clock, event_type, payload).prop_map(
        |(player, id, time, received, wrong_clock, event_type, payload)| {
            let event = event(player, id, (time, received), event_type, &payload);
            let counted_at = wrong_clock.map_or(event.time, |ms| at(MONDAY).plus_ms(ms));
            Event::from_stored(
                event.key(),
                event.time,
                event.event_type,
                event.received_at,
                counted_at,
                event.content,
                event.payload,
            )
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

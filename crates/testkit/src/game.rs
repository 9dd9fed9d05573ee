//! A game with a board of every operator and order, and events of it.
//!
//! Times are given in milliseconds relative to [`monday`], when the weekly board starts over.

use std::collections::BTreeSet;
use std::sync::Arc;

use scoreline_core::analytics::{
    Analytics, Currency, Direction, Flow, Funnel, FunnelSteps, Purchases,
};
use scoreline_core::event::{ContentHash, Event, RejectCode, Rejected};
use scoreline_core::game::{
    Beside, Board, Condition, Definition, Filter, FilterTest, Game, Literal, Measure, OldEvents,
    Operator, Order, PrizeTier, Schedule, Statistic,
};
use scoreline_core::id::{EventKey, PlayerId};
use scoreline_core::nickname::Nicknames;
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::NewTournament;
use uuid::Uuid;

/// Milliseconds of a day.
pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// The event type that boards and statistics count.
pub const ENDED: &str = "ended";

/// A Monday, 00:00 UTC.
pub fn monday() -> Timestamp {
    Timestamp::parse("2026-11-23T00:00:00Z").expect("a time")
}

/// `ms` milliseconds after [`monday`].
pub fn at(ms: i64) -> Timestamp {
    monday().plus_ms(ms)
}

/// A player's id.
pub fn player(id: &str) -> PlayerId {
    PlayerId::new(id).expect("an id")
}

fn measure(operator: Operator, field: Option<&str>, scale: i64) -> Measure {
    let endless = FilterTest {
        field: Arc::from("mode"),
        condition: Condition::OneOf(vec![Literal::Text(Arc::from("endless"))]),
    };
    Measure {
        event: Arc::from(ENDED),
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

/// The game: boards `best`, `fastest`, `latest`, `total`, `least`, `games` and `weekly`,
/// statistics `played`, `coins` and `record`.
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
    named(Definition {
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
        analytics: analytics(),
        tickets: None,
        source: Arc::from(""),
    })
}

/// Everything that analytics can count, of the events that boards count as well.
fn analytics() -> Analytics {
    let (score, coins) =
        (measure(Operator::Sum, Some("score"), 1), measure(Operator::Sum, Some("coins"), 1));
    Analytics {
        funnels: vec![Funnel {
            name: Arc::from("levels"),
            title: "Levels".to_owned(),
            steps: FunnelSteps::Levels { measure: coins.clone(), levels: 5 },
        }],
        revenue: Some(Purchases { currency: "USD".to_owned(), scale: 100, measures: vec![score] }),
        flows: vec![Flow {
            direction: Direction::Earned,
            measure: coins,
            currency: Currency::Named(Arc::from("coins")),
            by: Some(Arc::from("mode")),
        }],
        ..Analytics::default()
    }
}

/// The game with one more board, of the sum of `field` times `scale`.
pub fn with_board(mut definition: Definition, name: &str, field: &str, scale: i64) -> Definition {
    let more = board(name, measure(Operator::Sum, Some(field), scale), Order::Descending, None);
    definition.boards.insert(Arc::from(name), more);
    named(definition)
}

/// The game with one more statistic, of the sum of `field`.
pub fn with_statistic(mut definition: Definition, name: &str, field: &str) -> Definition {
    let measure = measure(Operator::Sum, Some(field), 1);
    definition.statistics.insert(Arc::from(name), Statistic { name: Arc::from(name), measure });
    named(definition)
}

/// The game without some of its boards.
pub fn without_boards(mut definition: Definition, names: &[&str]) -> Definition {
    definition.boards.retain(|name, _| !names.contains(&&**name));
    named(definition)
}

/// Gives a definition the source text that a file of the same meaning would have: two definitions
/// have the same text if they ask for the same.
fn named(mut definition: Definition) -> Definition {
    let lines: Vec<String> = definition
        .wanted_projections()
        .iter()
        .map(|wanted| {
            format!("{} {}: {}", wanted.kind.as_str(), wanted.name, wanted.meaning.fingerprint())
        })
        .collect();
    definition.source = Arc::from(lines.join("\n"));
    definition
}

/// An event of these parts.
pub fn event(player_id: &str, id: u128, ms: i64, event_type: &str, payload: &str) -> Event {
    received_at(player_id, id, (ms, ms), event_type, payload)
}

/// An event that happened and was received at different times.
pub fn received_at(
    player_id: &str,
    id: u128,
    (time_ms, received_ms): (i64, i64),
    event_type: &str,
    payload: &str,
) -> Event {
    let (time, key) =
        (at(time_ms), EventKey { player: player(player_id), id: Uuid::from_u128(id) });
    let content = content(event_type, payload);
    let (event_type, payload) = (Arc::from(event_type), Box::from(payload));
    Event::from_stored(key, time, event_type, at(received_ms), time, content, payload)
}

/// A number that is the same for events that say the same.
fn content(event_type: &str, payload: &str) -> ContentHash {
    let bytes = event_type.bytes().chain([0]).chain(payload.bytes());
    let mixed = bytes.fold(0, |sum: u64, byte| Random(sum ^ u64::from(byte)).next());
    ContentHash(mixed.cast_signed())
}

/// The same event as its device would send it again, stamped and received at another time.
pub fn restamped(event: &Event, time_ms: i64, received_ms: i64) -> Event {
    let time = at(time_ms);
    let (event_type, payload) = (Arc::clone(&event.event_type), event.payload.clone());
    let received_at = at(received_ms);
    Event::from_stored(event.key(), time, event_type, received_at, time, event.content, payload)
}

/// The same event with an id that holds this time, as those of version 7 do.
pub fn with_timed_id(event: &Event, ms: i64) -> Event {
    let ms = u128::from(at(ms).as_ms().unsigned_abs());
    let rest = event.id.as_u128() & 0xffff_ffff_ffff_ffff;
    let id = Uuid::from_u128(ms << 80 | 7 << 76 | 2 << 62 | (rest & (u128::MAX >> 66)));
    let key = EventKey { player: event.player.clone(), id };
    let (event_type, payload) = (Arc::clone(&event.event_type), event.payload.clone());
    let Event { time, received_at, counted_at, content, .. } = *event;
    Event::from_stored(key, time, event_type, received_at, counted_at, content, payload)
}

/// The same event, counted as of its receipt because its own time is absurd.
pub fn with_absurd_time(event: Event, time: Timestamp) -> Event {
    let (key, received_at) = (event.key(), event.received_at);
    let Event { event_type, content, payload, .. } = event;
    Event::from_stored(key, time, event_type, received_at, received_at, content, payload)
}

/// A game that counts, by this player and with this score: one coin, played and received at `ms`.
pub fn played(player_id: &str, id: u128, ms: i64, score: i64) -> Event {
    let payload = format!(r#"{{"mode":"endless","score":{score},"seconds":{ms}.5,"coins":1}}"#);
    event(player_id, id, ms, ENDED, &payload)
}

/// Events in which everything that can tie does: few players, scores and moments around the turn
/// of the week, ids that come again stamped anew, and some that say something else then. The same
/// `seed` gives the same events.
pub fn assorted(count: usize, seed: u64) -> Vec<Event> {
    let mut random = Random(seed);
    (0..count).map(|_| any(&mut random)).collect()
}

/// The players of [`assorted`].
pub const ASSORTED_PLAYERS: [&str; 4] = ["ann", "bob", "çelik", "\u{1f680}"];
/// Ids that [`assorted`] draws from.
const ASSORTED_IDS: u64 = 120;

fn any(random: &mut Random) -> Event {
    const MOMENTS_MS: [i64; 9] =
        [-8 * DAY_MS, -700_000, -2, -1, 0, 1, 400_000, 4_000_000, 2 * DAY_MS];
    let player_id = random.pick(&ASSORTED_PLAYERS);
    let (time_ms, received_ms) = (random.pick(&MOMENTS_MS), random.pick(&MOMENTS_MS));
    let id = random.next() % ASSORTED_IDS;
    // What an id stands for, whoever sends it and whenever; one in sixteen says something else.
    let mut said =
        if random.next().is_multiple_of(16) { Random(random.next()) } else { Random(id) };
    let event_type = said.pick(&[ENDED, ENDED, ENDED, "paused"]);
    let payload = format!(
        r#"{{"mode":"{}","score":{},"seconds":{},"coins":{},"x":[1]}}"#,
        said.pick(&["endless", "endless", "story"]),
        said.pick(&["0", "5", "5", "9", "-3", "null", "\"5\""]),
        said.pick(&["0.0005", "12.25", "12.25", "3"]),
        said.pick(&[0, 1, 2]),
    );
    let event =
        received_at(player_id, u128::from(id), (time_ms, received_ms), event_type, &payload);
    // Some ids hold a time, of a day in the midst or of an absurd one.
    let event = match id % 4 {
        0 => with_timed_id(&event, 1_000 * (id.cast_signed() % 9)),
        1 => with_timed_id(&event, 40_000 * DAY_MS),
        _ => event,
    };
    if random.next().is_multiple_of(8) {
        with_absurd_time(event, at(99_000 * DAY_MS))
    } else {
        event
    }
}

/// Splitmix64: enough to mix test data, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        let place = self.next() % among.len() as u64;
        among[usize::try_from(place).expect("smaller than a length")]
    }
}

/// An event that the definition does not allow. `id` stands for its content.
pub fn rejected(player_id: Option<&str>, id: u128, ms: i64, code: RejectCode) -> Rejected {
    Rejected {
        index: 7,
        event_type: Some(ENDED.to_owned()),
        player: player_id.map(player),
        event_id: Some(Uuid::from_u128(id).to_string()),
        code,
        field: Some("score".to_owned()),
        message: "must be at most 1000, but is 9999".to_owned(),
        received_at: at(ms),
        sent_at: Some(at(ms - 5)),
        occurrence: 2,
        digest: Uuid::from_u128(id),
        raw: Box::from(r#"{"event_type":"ended","score":9999}"#),
        sent_by: Some(Arc::from("key:server key")),
    }
}

/// A tournament on a board of [`definition`] with three winning ranks: 100, 50 and 50 coins.
pub fn cup(id: &str, board: &str, starts_ms: i64, ends_ms: i64) -> NewTournament {
    NewTournament {
        id: Arc::from(id),
        series: Some(Arc::from("cups")),
        name: format!("Cup {id}"),
        board: Arc::new(definition().boards[board].without_resets()),
        starts_at: at(starts_ms),
        ends_at: at(ends_ms),
        prizes: vec![
            PrizeTier { first_rank: 1, last_rank: 1, coins: 100, gems: 10 },
            PrizeTier { first_rank: 2, last_rank: 3, coins: 50, gems: 0 },
        ],
    }
}

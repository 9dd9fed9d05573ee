//! What each operator makes of events, by example, and that merging commutes.

use proptest::prelude::*;
use scoreline_core::event::Event;
use scoreline_core::fold::{
    BoardChange, COARSE_GRAIN_MS, FINE_GRAIN_MS, FIRST_SEEN, FigureKey, FoldOverflow, LAST_SEEN,
    Layer, Plan, ProjectionKind, State, StatisticChange,
};
use scoreline_core::game::Operator;
use scoreline_core::id::{BoardKey, PlayerId, Slot};
use scoreline_core::limits::INTEGER_MAX;
use scoreline_core::time::Timestamp;
use uuid::Uuid;

use crate::game::{MONDAY, at, board_slot, event, plan, plan_with, played, slot};

fn state(plan: &Plan, events: &[Event]) -> State {
    let mut state = State::default();
    let applied = events.iter().map(|event| (event, event.received_at.plus_ms(3)));
    state.absorb(&plan.fold(applied, Layer::Live).expect("no overflow")).expect("no overflow");
    state
}

fn entry(state: &State, slot: Slot, player: &str) -> Option<BoardChange> {
    let player = PlayerId::new(player).expect("an id");
    state.boards.get(&(BoardKey { slot, period: Timestamp::EPOCH }, player)).copied()
}

fn on_board(name: &str, events: &[Event]) -> BoardChange {
    let plan = plan();
    entry(&state(&plan, events), board_slot(&plan, name), "a").expect("an entry")
}

fn monday(ms: i64) -> Timestamp {
    at(MONDAY).plus_ms(ms)
}

#[test]
fn best_keeps_the_greatest_score_and_when_it_was_first_reached() {
    let entry = on_board(
        "best",
        &[
            played("a", 1, 30, 7),
            played("a", 2, 10, 5),
            played("a", 3, 20, 7),
            played("a", 4, 40, 6),
        ],
    );
    assert_eq!((entry.points, entry.reached_at), (7, monday(20)));
    assert_eq!((entry.attempts, entry.last_at, entry.sums), (4, monday(40), [4, 0, 0, 0]));
}

#[test]
fn an_ascending_board_keeps_the_smallest_score_as_negative_points() {
    let seconds = |id, ms, seconds: &str| {
        event("a", id, (ms, ms), "ended", &format!(r#"{{"mode":"endless","seconds":{seconds}}}"#))
    };
    let entry = on_board(
        "fastest",
        &[seconds(1, 10, "12.5"), seconds(2, 20, "9.2504"), seconds(3, 30, "11")],
    );
    assert_eq!((entry.points, entry.reached_at), (-9_250, monday(20)));
}

#[test]
fn latest_goes_by_event_time_not_by_arrival() {
    let late = event("a", 1, (10, 500), "ended", r#"{"mode":"endless","score":1}"#);
    let early = event("a", 2, (20, 100), "ended", r#"{"mode":"endless","score":2}"#);
    for events in [[late.clone(), early.clone()], [early, late]] {
        let entry = on_board("latest", &events);
        assert_eq!((entry.points, entry.reached_at), (2, monday(100)));
        assert_eq!(entry.last_id, Some(Uuid::from_u128(2)));
    }
}

#[test]
fn sum_and_count_add_up_whatever_the_order() {
    let events = [played("a", 1, 10, 7), played("a", 2, 20, -3), played("a", 3, 5, 0)];
    let total = on_board("total", &events);
    assert_eq!((total.points, total.reached_at), (4, monday(20)));
    assert_eq!(on_board("least", &events).points, -4);
    assert_eq!(on_board("games", &events).points, 3);
}

#[test]
fn events_that_fail_the_filter_or_lack_the_field_do_not_count() {
    let plan = plan();
    let state = state(
        &plan,
        &[
            event("a", 1, (0, 0), "ended", r#"{"mode":"story","score":9}"#),
            event("a", 2, (0, 0), "ended", r#"{"score":9}"#),
            event("a", 3, (0, 0), "ended", r#"{"mode":"endless"}"#),
            event("a", 4, (0, 0), "paused", r#"{"mode":"endless","score":9}"#),
        ],
    );
    assert_eq!(entry(&state, board_slot(&plan, "best"), "a"), None);
    let games = entry(&state, board_slot(&plan, "games"), "a").expect("one counts");
    assert_eq!(games.points, 1, "counting needs no field");
}

#[test]
fn a_board_that_resets_counts_by_receipt() {
    let plan = plan();
    let slot = board_slot(&plan, "weekly");
    // Played before the turn of the week; received just before and just after it.
    let state = state(
        &plan,
        &[
            event("a", 1, (-9_000, -1), "ended", r#"{"mode":"endless","score":1}"#),
            event("a", 2, (-9_000, 0), "ended", r#"{"mode":"endless","score":2}"#),
            event("a", 3, (-9_000, 604_800_000), "ended", r#"{"mode":"endless","score":3}"#),
        ],
    );
    let periods: Vec<(Timestamp, i128)> = state
        .boards
        .iter()
        .filter(|((board, _), _)| board.slot == slot)
        .map(|((board, _), change)| (board.period, change.points))
        .collect();
    assert_eq!(
        periods,
        [
            (at("2026-11-16T00:00:00Z"), 1),
            (at("2026-11-23T00:00:00Z"), 2),
            (at("2026-11-30T00:00:00Z"), 3),
        ]
    );
}

#[test]
fn a_tournament_counts_what_was_received_within_it_and_applied_before_it_was_sealed() {
    let sealed_at = monday(5_000);
    let plan = plan_with(Some(sealed_at), &[]);
    let cup = slot(&plan, ProjectionKind::Tournament, "cup");
    let counts = |received_ms: i64, applied_ms: i64| {
        let event = event("a", 1, (0, received_ms), "ended", r#"{"mode":"endless","score":1}"#);
        let changes = plan.fold([(&event, monday(applied_ms))], Layer::Live).expect("no overflow");
        changes.boards.iter().any(|(board, _, _)| board.slot == cup)
    };
    assert!(counts(-1, 4_999), "the last game before the end");
    assert!(!counts(0, 4_999), "the end itself is outside");
    assert!(!counts(-1, 5_000), "sealed");
    assert!(counts(-604_800_000, 0), "the start itself is inside");
    assert!(!counts(-604_800_001, 0));
}

#[test]
fn a_tournament_counts_on_by_its_own_measure_when_its_board_changes_or_goes() {
    let before = plan();
    let cup = slot(&before, ProjectionKind::Tournament, "cup");
    let mut definition = crate::game::definition();
    definition.boards.shift_remove("best");
    let mut projections = before.projections.clone();
    projections.retain(|one| one.kind != ProjectionKind::Board || &*one.name != "best");
    let definition = std::sync::Arc::new(definition);
    let after = Plan::new(2, definition, projections, before.tournaments.clone());
    for plan in [&before, &after] {
        let event = event("a", 1, (-5, -5), "ended", r#"{"mode":"endless","score":1}"#);
        let changes = plan.fold([(&event, monday(0))], Layer::Recompute).expect("no overflow");
        let of_cup = changes.boards.iter().find(|(board, _, _)| board.slot == cup);
        assert_eq!(of_cup.map(|(_, _, change)| change.points), Some(1));
    }
}

#[test]
fn statistics_count_for_each_player() {
    let plan = plan();
    let events = [played("a", 1, 10, 7), played("a", 2, 20, 3), played("b", 3, 30, 1)];
    let state = state(&plan, &events);
    let value = |player: &str, name: &str| {
        let slot = slot(&plan, ProjectionKind::Statistic, name);
        state.statistics.get(&(PlayerId::new(player).expect("an id"), slot)).copied()
    };
    assert_eq!(value("a", "played"), Some(2));
    assert_eq!(value("a", "coins"), Some(2));
    assert_eq!(value("a", "record"), Some(7));
    assert_eq!(value("b", "played"), Some(1));
    assert_eq!(value("a", FIRST_SEEN), Some(i128::from(-monday(10).as_ms())));
    assert_eq!(value("a", LAST_SEEN), Some(monday(20).as_ms().into()));
}

#[test]
fn figures_count_fine_and_coarse_by_type_and_in_all() {
    let plan = plan();
    let state = state(
        &plan,
        &[
            played("a", 1, 10, 7),
            played("b", 2, FINE_GRAIN_MS, 3),
            event("a", 3, (20, 20), "paused", "{}"),
        ],
    );
    let slot = slot(&plan, ProjectionKind::Figures, "figures");
    let figure = |grain_ms, start, event_type: &str| {
        let key = FigureKey { slot, grain_ms, start, event_type: event_type.into() };
        state.figures.get(&key).map(|figure| (figure.events, figure.players.len()))
    };
    assert_eq!(figure(FINE_GRAIN_MS, monday(0), "ended"), Some((1, 1)));
    assert_eq!(figure(FINE_GRAIN_MS, monday(0), ""), Some((2, 1)));
    assert_eq!(figure(FINE_GRAIN_MS, monday(FINE_GRAIN_MS), ""), Some((1, 1)));
    assert_eq!(figure(COARSE_GRAIN_MS, monday(0), "ended"), Some((2, 2)));
    assert_eq!(figure(COARSE_GRAIN_MS, monday(0), ""), Some((3, 2)));
    let key =
        FigureKey { slot, grain_ms: COARSE_GRAIN_MS, start: monday(0), event_type: "".into() };
    let all = &state.figures[&key];
    assert_eq!(all.processing_ms, 9);
    assert_eq!((all.first_at, all.last_at), (monday(10), monday(FINE_GRAIN_MS)));
}

#[test]
fn a_sum_beyond_64_bits_is_exact_in_one_fold_and_across_folds() {
    let plan = plan();
    for (sign, event_count) in [(1, 1_025), (-1, 3_000)] {
        let events: Vec<Event> =
            (0..event_count).map(|n| played("a", n, 0, sign * INTEGER_MAX)).collect();
        let applied: Vec<_> = events.iter().map(|event| (event, monday(0))).collect();
        let (mut whole, mut parts) = (State::default(), State::default());
        let fold = |part: &[(&Event, Timestamp)]| {
            plan.fold(part.iter().copied(), Layer::Live).expect("sums have room")
        };
        whole.absorb(&fold(&applied)).expect("sums have room");
        for part in applied.chunks(100) {
            parts.absorb(&fold(part)).expect("sums have room");
        }
        assert_eq!(whole.boards, parts.boards);
        let slot = board_slot(&plan, "total");
        let total = entry(&whole, slot, "a").expect("an entry").points;
        let count = i128::try_from(event_count).expect("small");
        assert_eq!(total, count * i128::from(sign * INTEGER_MAX));
    }
}

#[test]
fn sums_go_beyond_64_bits_and_come_back() {
    let most = i128::from(i64::MAX);
    let mut change = BoardChange { points: most, ..on_board("total", &[played("a", 1, 0, 1)]) };
    for (more, sum) in [(most, 2 * most), (1, 2 * most + 1), (-2 * most, 1)] {
        change.merge(&BoardChange { points: more, ..change }).expect("there is room");
        assert_eq!(change.points, sum);
    }
    let mut change = StatisticChange::Add(most);
    change.merge(StatisticChange::Add(most)).expect("there is room");
    assert_eq!(change.onto(-most), Ok(most));
    assert_eq!(StatisticChange::Add(1).onto(i128::MAX), Err(FoldOverflow));
}

fn any_change(operator: Operator) -> impl Strategy<Value = BoardChange> {
    let moment = || (0..3_i64).prop_map(monday);
    (-2..3_i64, moment(), moment(), 0..3_u128, 0..3_i64).prop_map(
        move |(points, reached_at, last_at, id, sum)| BoardChange {
            operator,
            points: if operator == Operator::Count { 1 } else { points.into() },
            reached_at,
            attempts: 1,
            last_at,
            last_id: (operator == Operator::Latest).then(|| Uuid::from_u128(id)),
            sums: [sum, 0, 1, -sum].map(i128::from),
        },
    )
}

fn any_changes() -> impl Strategy<Value = [BoardChange; 3]> {
    use Operator::{Best, Count, Latest, Sum};
    prop::sample::select(&[Best, Latest, Sum, Count][..]).prop_flat_map(|operator| {
        [any_change(operator), any_change(operator), any_change(operator)]
    })
}

fn merged(mut first: BoardChange, second: &BoardChange) -> BoardChange {
    first.merge(second).expect("no overflow");
    first
}

proptest! {
    #[test]
    fn merging_commutes_and_is_associative([a, b, c] in any_changes()) {
        prop_assert_eq!(merged(a, &b), merged(b, &a));
        prop_assert_eq!(merged(merged(a, &b), &c), merged(a, &merged(b, &c)));
    }
}

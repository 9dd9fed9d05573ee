//! The counters depend on the set of events and on nothing else, and are what counting again gives.

use std::collections::BTreeMap;

use proptest::prelude::*;
use scoreline_core::analytics::{
    By, CounterKey, Counters, Day, Item, MeasureName, Part, PlayerDay, PlayerLife, merge_day,
    merge_life,
};
use scoreline_core::event::Event;
use scoreline_core::fold::{Layer, Plan, State};
use scoreline_core::id::PlayerId;

use crate::game::{any_events, definition, event, plan};
use crate::naive;

fn fold(state: &mut State, plan: &Plan, events: &[Event]) {
    let changes = plan
        .fold(events.iter().map(|event| (event, event.received_at)), Layer::Live)
        .expect("no overflow");
    state.absorb(&changes).expect("no overflow");
}

fn counters(state: &State) -> BTreeMap<CounterKey, i64> {
    state.counters.iter().map(|((_, key), count)| (key.clone(), *count)).collect()
}

/// What the window counters say of each day: they keep changes from day to day.
fn windows(counters: &BTreeMap<CounterKey, i64>, counted: &naive::Counted) {
    for (width, measure) in [(7, MeasureName::Week), (30, MeasureName::Month)] {
        for ((of, by, value, day), there) in &counted.windows {
            if *of != width {
                continue;
            }
            let until = |key: &CounterKey| {
                (key.measure, key.by, key.value_text()) == (measure, *by, value.as_str())
                    && key.day <= *day
            };
            let sum: i64 =
                counters.iter().filter(|(key, _)| until(key)).map(|(_, count)| count).sum();
            assert_eq!(sum, *there, "{measure:?} {by:?} {value:?} {day}");
        }
    }
}

fn without_windows(counters: &BTreeMap<CounterKey, i64>) -> BTreeMap<CounterKey, i64> {
    let is_window =
        |key: &CounterKey| matches!(key.measure, MeasureName::Week | MeasureName::Month);
    counters.iter().filter(|(key, _)| !is_window(key)).map(|(k, n)| (k.clone(), *n)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn counters_are_what_counting_again_from_all_events_gives(
        events in any_events(40),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let plan = plan();
        let mut state = State::default();
        for part in split(&events, &cuts) {
            fold(&mut state, &plan, part);
        }
        let counted = naive::count(&events);
        let kept = counters(&state);
        prop_assert_eq!(without_windows(&kept), counted.counters.clone());
        windows(&kept, &counted);
    }

    #[test]
    fn any_order_and_any_split_give_the_same_bytes_and_the_same_counters(
        events in any_events(40),
        shuffled in any::<u64>(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let plan = plan();
        let mut whole = State::default();
        fold(&mut whole, &plan, &events);
        let mut other = events.clone();
        let order = |event: &Event| shuffled ^ event.id.as_u64_pair().1;
        other.sort_by_key(order);
        let mut state = State::default();
        for part in split(&other, &cuts) {
            fold(&mut state, &plan, part);
        }
        prop_assert_eq!(state, whole);
    }

    #[test]
    fn counters_are_the_sum_of_g_over_the_final_states(events in any_events(40)) {
        let plan = plan();
        let mut state = State::default();
        for event in &events {
            fold(&mut state, &plan, std::slice::from_ref(event));
        }
        let mut sum = Counters::default();
        let meaning = definition().analytics;
        let (funnels, calendar) = (meaning.funnel_names(), meaning.calendar());
        for ((_, _, part), bytes) in &state.parts {
            match part {
                Part::Day(day) => {
                    let part = PlayerDay::from_bytes(bytes).expect("written here");
                    prop_assert_eq!(&part.to_bytes(), bytes);
                    PlayerDay::difference(*day, None, &part, &mut sum);
                }
                Part::Life => {
                    let life = PlayerLife::from_bytes(bytes).expect("written here");
                    prop_assert_eq!(&life.to_bytes(), bytes);
                    PlayerLife::difference(None, &life, &funnels, &calendar, &mut sum);
                }
            }
        }
        let plain = [MeasureName::Revenue, MeasureName::Purchases, MeasureName::Earned, MeasureName::Spent];
        let kept = counters(&state).into_iter().filter(|(key, _)| !plain.contains(&key.measure));
        prop_assert_eq!(sum.into_sorted(), kept.collect::<Vec<_>>());
    }

    #[test]
    fn taking_a_part_in_again_changes_nothing(events in any_events(30)) {
        let plan = plan();
        let mut state = State::default();
        fold(&mut state, &plan, &events);
        let calendar = definition().analytics.calendar();
        let mut counted = Counters::default();
        for ((_, _, part), bytes) in &state.parts {
            match part {
                Part::Day(day) => {
                    let part = PlayerDay::from_bytes(bytes).expect("written here");
                    let merged = merge_day(*day, Some(bytes), &part, &mut counted);
                    prop_assert_eq!(merged.expect("written here").bytes, None);
                }
                Part::Life => {
                    let life = PlayerLife::from_bytes(bytes).expect("written here");
                    let merged = merge_life(Some(bytes), &life, &[], &calendar, &mut counted);
                    prop_assert_eq!(merged.expect("written here").bytes, None);
                }
            }
        }
    }
}

fn split<'e>(events: &'e [Event], cuts: &[prop::sample::Index]) -> Vec<&'e [Event]> {
    let mut cuts: Vec<usize> =
        cuts.iter().map(|cut| cut.index(events.len() + 1)).chain([0, events.len()]).collect();
    cuts.sort_unstable();
    cuts.windows(2).map(|cut| &events[cut[0]..cut[1]]).collect()
}

fn count_of(state: &State, measure: MeasureName, day: &str, item: Item) -> i64 {
    let day = Day::parse(day).expect("a day");
    let key = CounterKey { measure, by: By::All, value: None, day, item };
    counters(state).get(&key).copied().unwrap_or_default()
}

#[test]
fn a_first_day_that_moves_earlier_takes_its_cohort_along() {
    const DAY: i64 = 24 * 60;
    let plan = plan();
    let mut state = State::default();
    let played = |id, minutes| event("ann", id, minutes, "opened", "{}");
    fold(&mut state, &plan, &[played(1, 10 * DAY), played(2, 11 * DAY)]);
    assert_eq!(count_of(&state, MeasureName::New, "2026-10-30", Item::None), 1);
    assert_eq!(count_of(&state, MeasureName::Returned, "2026-10-30", Item::Number(1)), 1);
    // A device was away for three days, and tells now of a game before.
    fold(&mut state, &plan, &[played(3, 8 * DAY)]);
    assert_eq!(count_of(&state, MeasureName::New, "2026-10-30", Item::None), 0);
    assert_eq!(count_of(&state, MeasureName::Returned, "2026-10-30", Item::Number(1)), 0);
    assert_eq!(count_of(&state, MeasureName::New, "2026-10-28", Item::None), 1);
    assert_eq!(count_of(&state, MeasureName::Returned, "2026-10-28", Item::Number(3)), 1);
    assert_eq!(state.parts.keys().filter(|key| key.1 == PlayerId::from_stored("ann")).count(), 4);
}

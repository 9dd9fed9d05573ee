//! The one idea: state depends on the set of events and on nothing else.

use proptest::prelude::*;
use scoreline_core::event::Event;
use scoreline_core::fold::{Layer, State};
use scoreline_core::time::Timestamp;

use crate::game::{any_events, at, plan, plan_with};
use crate::store::{Store, fold, state_of};

/// When an event is applied in tests in which that must not depend on the order.
fn applied(event: Event) -> (Event, Timestamp) {
    let applied_at = event.received_at.plus_ms(7);
    (event, applied_at)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_split_and_any_order_of_a_set_gives_one_state(
        events in any_events(24),
        order in any::<u64>(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
    ) {
        let plan = plan();
        let events: Vec<_> = events.into_iter().map(applied).collect();
        let whole = state_of(&fold(&plan, &events, Layer::Recompute));

        let mut shuffled = events.clone();
        shuffle(&mut shuffled, order);
        let mut cuts: Vec<usize> =
            cuts.iter().map(|cut| cut.index(shuffled.len() + 1)).chain([0, shuffled.len()]).collect();
        cuts.sort_unstable();
        let mut parts: Vec<_> = cuts
            .windows(2)
            .map(|cut| fold(&plan, &shuffled[cut[0]..cut[1]], Layer::Recompute))
            .collect();
        let mut forwards = State::default();
        for part in &parts {
            forwards.absorb(part).expect("no overflow");
        }
        parts.reverse();
        let mut backwards = State::default();
        for part in &parts {
            backwards.absorb(part).expect("no overflow");
        }
        prop_assert_eq!(&forwards, &whole);
        prop_assert_eq!(&backwards, &whole);
    }

    #[test]
    fn changes_hold_each_key_once_in_the_order_of_keys(events in any_events(24)) {
        let plan = plan();
        let events: Vec<_> = events.into_iter().map(applied).collect();
        let changes = fold(&plan, &events, Layer::Live);
        let boards: Vec<_> = changes.boards.iter().map(|row| (row.0, &row.1)).collect();
        let statistics: Vec<_> = changes.statistics.iter().map(|row| (&row.0, row.1)).collect();
        let figures: Vec<_> = changes.figures.iter().map(|row| &row.0).collect();
        prop_assert!(boards.is_sorted_by(|a, b| a < b));
        prop_assert!(statistics.is_sorted_by(|a, b| a < b));
        prop_assert!(figures.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn any_interleaving_of_delivery_crash_and_redelivery_gives_the_fold_of_the_distinct_events(
        events in any_events(16),
        deliveries in prop::collection::vec(
            (prop::collection::vec(any::<prop::sample::Index>(), 0..6), any::<bool>()),
            0..12,
        ),
        sealed_after in prop::option::of(0..12_usize),
        minutes in 0..3_i64,
    ) {
        // Time goes on with each delivery; the tournament is sealed in the midst of them.
        let moment = |n: usize| {
            let ms = 60_000 * minutes * i64::try_from(n).expect("few");
            at("2026-11-23T00:00:00Z").plus_ms(ms)
        };
        let sealed_at = sealed_after.map(moment);
        let plan = plan_with(sealed_at, &[]);
        let mut store = Store::default();
        for (n, (indexes, crash)) in deliveries.iter().enumerate() {
            if events.is_empty() {
                break;
            }
            let batch: Vec<Event> =
                indexes.iter().map(|index| events[index.index(events.len())].clone()).collect();
            store.apply(&plan, &batch, moment(n), *crash);
        }
        store.apply(&plan, &events, moment(deliveries.len()), false);
        store.apply(&plan, &events, moment(deliveries.len() + 1), false);

        prop_assert_eq!(store.events.len(), events.len());
        prop_assert_eq!(&store.derived, &store.recompute(&plan));
    }
}

/// The order that a seed stands for.
fn shuffle<T>(items: &mut [T], mut seed: u64) {
    for n in (1..items.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let place = (seed >> 33) % (n as u64 + 1);
        items.swap(n, usize::try_from(place).expect("small"));
    }
}

//! Filling a slot beside the live one, and the baseline of removed events.

use proptest::prelude::*;
use scoreline_core::event::Event;
use scoreline_core::fold::{
    ANALYTICS, FIGURES, FIRST_SEEN, Filling, Layer, ProjectionKind, State, baseline_slot,
};
use scoreline_core::id::Slot;
use scoreline_core::time::Timestamp;

use crate::game::{any_events, at, event, plan, plan_with, played, slot};
use crate::store::{Store, fold, moved, state_of};

const FILLING: Slot = Slot(999);

/// Projections of every kind.
const PROJECTIONS: &[(ProjectionKind, &str)] = &[
    (ProjectionKind::Board, "best"),
    (ProjectionKind::Board, "latest"),
    (ProjectionKind::Board, "total"),
    (ProjectionKind::Board, "weekly"),
    (ProjectionKind::Tournament, "cup"),
    (ProjectionKind::Statistic, "coins"),
    (ProjectionKind::Statistic, FIRST_SEEN),
    (ProjectionKind::Figures, FIGURES),
    (ProjectionKind::Analytics, ANALYTICS),
];

#[derive(Debug, Clone)]
enum Step {
    Apply(Vec<prop::sample::Index>),
    Fill(usize),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        prop::collection::vec(any::<prop::sample::Index>(), 0..5).prop_map(Step::Apply),
        (1..5_usize).prop_map(Step::Fill),
    ]
}

fn now() -> Timestamp {
    at("2026-11-23T01:30:00Z")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_slot_filled_while_events_come_in_equals_the_recomputed_one(
        events in any_events(20),
        stored in any::<prop::sample::Index>(),
        steps in prop::collection::vec(any_step(), 0..16),
        projection in prop::sample::select(PROJECTIONS),
    ) {
        let (kind, name) = projection;
        let mut store = Store::default();
        let already = stored.index(events.len() + 1);
        store.apply(&plan(), &events[..already], now(), false);

        let plan = plan_with(None, &[(kind, name, Filling { slot: FILLING })]);
        let mut passed = 0;
        for step in steps {
            match step {
                Step::Apply(indexes) if !events.is_empty() => {
                    let batch: Vec<Event> =
                        indexes.iter().map(|index| events[index.index(events.len())].clone()).collect();
                    store.apply(&plan, &batch, now(), false);
                }
                Step::Apply(_) => {}
                Step::Fill(count) => {
                    passed = store.fill_step(&plan, FILLING, passed, count).unwrap_or(passed);
                }
            }
        }
        while let Some(further) = store.fill_step(&plan, FILLING, passed, 3) {
            passed = further;
        }

        let live = slot(&plan, kind, name);
        let recomputed = store.recompute(&plan);
        prop_assert_eq!(moved(&store.derived, FILLING, live), moved(&recomputed, live, live));
        // The live slots have not noticed.
        let mut others = store.derived.clone();
        others.boards.retain(|(board, _), _| board.slot != FILLING);
        others.statistics.retain(|(_, slot), _| *slot != FILLING);
        others.figures.retain(|key, _| key.slot != FILLING);
        others.parts.retain(|(slot, ..), _| *slot != FILLING);
        others.counters.retain(|(slot, _), _| *slot != FILLING);
        prop_assert_eq!(others, recomputed);
    }

    #[test]
    fn the_baseline_of_removed_events_and_the_kept_ones_are_all_events(
        events in any_events(20),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
    ) {
        let plan = plan();
        let mut events: Vec<(Event, Timestamp)> =
            events.into_iter().map(|event| (event, now())).collect();
        events.sort_by_key(|(event, _)| event.key());
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(events.len() + 1)).collect();
        cuts.sort_unstable();

        // Several runs of retention, each merging what it removes into the baselines.
        let mut baseline = State::default();
        let mut removed = 0;
        for cut in cuts {
            let changes = fold(&plan, &events[removed..cut], Layer::Baseline);
            baseline.absorb(&changes).expect("no overflow");
            removed = cut;
        }
        let kept = fold(&plan, &events[removed..], Layer::Recompute);
        let mut sum = State::default();
        for projection in &plan.projections {
            let part = moved(&baseline, baseline_slot(projection.no), projection.slot);
            sum.boards.extend(part.boards);
            sum.statistics.extend(part.statistics);
            sum.figures.extend(part.figures);
            sum.parts.extend(part.parts);
            sum.counters.extend(part.counters);
        }
        sum.absorb(&kept).expect("no overflow");
        prop_assert_eq!(sum, state_of(&fold(&plan, &events, Layer::Recompute)));
    }
}

#[test]
fn new_events_leave_what_is_being_filled_to_the_scan() {
    let filling = Filling { slot: FILLING };
    let projections: Vec<_> =
        PROJECTIONS.iter().map(|(kind, name)| (*kind, *name, filling)).collect();
    let plan = plan_with(None, &projections);
    let changes = plan.fold([(&played("a", 1, 0, 1), now())], Layer::Live).expect("no overflow");
    assert!(changes.boards.iter().all(|(board, _, _)| board.slot != FILLING));
    assert!(changes.statistics.iter().all(|(_, slot, _)| *slot != FILLING));
    assert!(changes.figures.iter().all(|(key, _)| key.slot != FILLING));
    assert!(changes.analytics.iter().all(|change| change.slot != FILLING));
}

#[test]
fn filling_one_slot_writes_no_other() {
    let filling = Filling { slot: FILLING };
    let plan = plan_with(None, &[(ProjectionKind::Statistic, "coins", filling)]);
    let events = [(played("a", 1, 0, 1), now())];
    let changes = fold(&plan, &events, Layer::Fill(FILLING));
    assert!(changes.boards.is_empty());
    assert!(changes.figures.is_empty());
    assert!(changes.statistics.iter().all(|(_, slot, _)| *slot == FILLING));
    assert_eq!(changes.statistics.len(), 1);
    assert_eq!(
        fold(&plan, &events, Layer::Fill(Slot(998))),
        scoreline_core::fold::Changes::default()
    );
}

#[test]
fn a_stored_value_that_is_too_large_does_not_keep_a_rebuild_from_its_end() {
    let events = [
        (event("a", 1, (0, 0), "ended", r#"{"mode":"endless","score":1e300}"#), now()),
        (
            event("a", 2, (0, 0), "ended", r#"{"mode":"endless","score":9223372036854775807}"#),
            now(),
        ),
        (played("a", 3, 0, 5), now()),
    ];
    let filling = Filling { slot: FILLING };
    let plan = plan_with(None, &[(ProjectionKind::Board, "total", filling)]);
    for (layer, slot) in [
        (Layer::Fill(FILLING), FILLING),
        (Layer::Recompute, slot(&plan, ProjectionKind::Board, "total")),
    ] {
        let changes = fold(&plan, &events, layer);
        let entry = changes.boards.iter().find(|(board, _, _)| board.slot == slot).expect("a row");
        assert_eq!((entry.2.points, entry.2.attempts), (5, 1));
    }
    for (event, applied_at) in &events[..2] {
        assert!(plan.fold([(event, *applied_at)], Layer::Live).is_err(), "a new one is refused");
    }
}

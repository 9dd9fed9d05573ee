//! Removing raw events into baselines, and old figures.

use std::sync::Arc;

use scoreline_core::fold::{COARSE_GRAIN_MS, FINE_GRAIN_MS, ProjectionKind};
use scoreline_core::store::{Batch, EventFilter};
use scoreline_core::time::{Clock, Timestamp};

use super::Database;
use super::world::World;
use crate::game::{self, DAY_MS, ENDED, assorted, at, event, played, received_at, with_board};

/// Removes what happened, came and was applied before `before`, in steps of `events`, and answers how many.
async fn remove(world: &mut World<'_>, before: Timestamp, events: usize) -> u64 {
    let mut removed = 0;
    loop {
        let plan = world.plan().await;
        let step = world.store.remove_events(plan, before, events).await.expect("removes");
        assert!(step.events <= events as u64);
        removed += step.events;
        if step.finished {
            break;
        }
    }
    for (key, (event, applied_at)) in &world.known {
        if event.counted_at.max(event.received_at).max(*applied_at) < before {
            world.removed.insert(key.clone());
        }
    }
    removed
}

impl World<'_> {
    /// Removes what happened, came and was applied before `before`.
    pub(super) async fn remove_before(&mut self, before: Timestamp) {
        remove(self, before, 50).await;
    }
}

pub async fn removed_events_still_count(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.store.create_tournament(game::cup("cup", "best", -DAY_MS, 0)).await.expect("creates");
    let mut applied_before = Vec::new();
    for seed in 0..5 {
        world.apply(&assorted(100, seed)).await;
        applied_before.push(world.clock.now().plus_ms(1));
    }
    world.store.seal_tournament(Arc::from("cup"), world.clock.now()).await.expect("seals");
    world.apply(&assorted(100, 5)).await;
    for before in [applied_before[0], applied_before[1], applied_before[4]] {
        let already = world.removed.len() as u64;
        let removed = remove(&mut world, before, 37).await;
        assert!(removed > 0, "there is something to remove before {before}");
        assert_eq!(removed, world.removed.len() as u64 - already);
        world.check().await;
    }
    // Only events of days to come: a resend of what was removed would count again.
    for n in 0..20 {
        world.apply(&[played("ann", 1_000 + n, 3 * DAY_MS + n as i64, 9)]).await;
    }
    world.check().await;
    remove(&mut world, Timestamp::MAX, 1_000).await;
    assert_eq!(world.scan(&EventFilter::default(), 10).await, []);
    world.check().await;
}

pub async fn events_are_removed_in_steps(database: &dyn Database) {
    let mut world = World::new(database).await;
    let events: Vec<_> = (0..25).map(|n| played("ann", n, n as i64, 5)).collect();
    world.apply(&events).await;
    let plan = world.plan().await;
    let step = world.store.remove_events(Arc::clone(&plan), at(100), 10).await.expect("removes");
    assert_eq!((step.events, step.finished), (0, true), "all of them were applied later");
    let before = world.clock.now().plus_ms(1);
    let step = world.store.remove_events(Arc::clone(&plan), before, 10).await.expect("removes");
    assert_eq!((step.events, step.finished), (10, false));
    assert_eq!(world.scan(&EventFilter::default(), 100).await.len(), 15);
    assert_eq!(world.verify().await.differing, 0, "each step leaves everything in order");
    let step = world.store.remove_events(Arc::clone(&plan), before, 20).await.expect("removes");
    assert_eq!((step.events, step.finished), (15, true));
    let step = world.store.remove_events(plan, before, 20).await.expect("removes");
    assert_eq!((step.events, step.finished), (0, true));
}

pub async fn an_event_goes_only_when_it_happened_and_came_before(database: &dyn Database) {
    let mut world = World::new(database).await;
    // After the time at which they are applied.
    let bound = 20 * DAY_MS;
    let told = |id, time_ms, received_ms| {
        received_at("ann", id, (bound + time_ms, bound + received_ms), ENDED, "{}")
    };
    let absurd = |id, time| game::with_absurd_time(event("ann", id, bound - 50, ENDED, "{}"), time);
    let stays = [told(1, -100, 100), told(2, 100, -100), told(3, 0, 0)];
    let goes = [told(4, -1, -1), absurd(5, Timestamp::MAX), absurd(6, Timestamp::MIN)];
    world.apply(&stays).await;
    world.apply(&goes).await;
    assert_eq!(remove(&mut world, at(bound), 100).await, 3);
    let mut left: Vec<_> = world
        .scan(&EventFilter::default(), 10)
        .await
        .into_iter()
        .map(|(event, _)| event.id.as_u128())
        .collect();
    left.sort_unstable();
    assert_eq!(left, [1, 2, 3]);
    world.check().await;
}

pub async fn a_removed_event_frees_its_id(database: &dyn Database) {
    let mut world = World::new(database).await;
    let events = [played("ann", 1, 0, 5), game::with_timed_id(&played("ann", 2, 0, 5), 0)];
    world.apply(&events).await;
    let plan = world.plan().await;
    let removed = world.store.remove_events(plan, at(20 * DAY_MS), 10).await.expect("removes");
    assert_eq!(removed.events, 2);
    let others = [played("ann", 1, 0, 9), game::with_timed_id(&played("ann", 2, 0, 9), 0)];
    let batch = Batch { events: others.to_vec(), ..Batch::default() };
    let applied = world.store.apply(world.plan().await, batch, world.clock.advance(10)).await;
    assert_eq!(applied.expect("applies").applied, 2, "the window is over");
    assert_eq!(world.verify().await.differing, 0);
}

pub async fn nothing_is_removed_while_a_projection_is_filled(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&assorted(50, 1)).await;
    let best = world.projection(ProjectionKind::Board, "best").await.no;
    world.store.start_fill(best).await.expect("starts");
    let plan = world.plan().await;
    let step = world.store.remove_events(plan, Timestamp::MAX, 100).await.expect("answers");
    assert_eq!((step.events, step.finished), (0, true));
    world.fill(best, 10).await;
    assert!(remove(&mut world, Timestamp::MAX, 100).await > 0);
    world.check().await;
}

pub async fn a_projection_filled_after_a_removal_begins_with_its_baseline(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&assorted(100, 2)).await;
    let before = world.clock.now().plus_ms(1);
    world.apply(&assorted(100, 22)).await;
    world.adopt(with_board(game::definition(), "more", "coins", 1)).await;
    // Removed while the board is known but not filled: its share must not be lost.
    assert!(remove(&mut world, before, 50).await > 0);
    for seed in 3..6 {
        let mut late = assorted(100, seed);
        // A resend of what was removed would count again.
        late.retain(|event| !world.removed.contains(&event.key()));
        world.apply(&late).await;
    }
    let all: Vec<_> = world.plan().await.projections.iter().map(|one| one.no).collect();
    for no in all {
        world.fill(no, 60).await;
    }
    world.check().await;
}

pub async fn figures_are_removed_by_grain(database: &dyn Database) {
    let mut world = World::new(database).await;
    for day in 0..4_u8 {
        let events: Vec<_> = (0..10_u128)
            .map(|n| {
                let ms = i64::from(day) * DAY_MS + n as i64 * FINE_GRAIN_MS;
                played("ann", 10 * u128::from(day) + n, ms, 5)
            })
            .collect();
        world.apply(&events).await;
    }
    let slot = world.projection(ProjectionKind::Figures, "figures").await.slot;
    let count = async |grain_ms, from| {
        world.store.figures(slot, grain_ms, from).await.expect("answers").len()
    };
    assert_eq!(count(FINE_GRAIN_MS, Timestamp::MIN).await, 80, "by type and of all types");
    assert_eq!(count(COARSE_GRAIN_MS, Timestamp::MIN).await, 8);
    let in_first_slot = at(3 * DAY_MS + FINE_GRAIN_MS / 2);
    assert_eq!(
        count(FINE_GRAIN_MS, in_first_slot).await,
        20,
        "the slot that holds the time counts"
    );
    world.store.remove_figures(at(3 * DAY_MS), at(2 * DAY_MS)).await.expect("removes");
    assert_eq!(count(FINE_GRAIN_MS, Timestamp::MIN).await, 20);
    assert_eq!(count(COARSE_GRAIN_MS, Timestamp::MIN).await, 4);
    world.figures_from = (at(3 * DAY_MS), at(2 * DAY_MS));
    world.check().await;
    remove(&mut world, at(20 * DAY_MS), 100).await;
    world.check().await;
    world.store.remove_figures(at(0), at(0)).await.expect("an earlier bound removes nothing");
    world.check().await;
}

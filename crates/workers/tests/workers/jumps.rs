//! A clock that jumps: nothing ends, begins or is removed by it, and stamps do not follow.

use std::sync::Arc;

use scoreline_core::store::{ClockStore, EventFilter, EventStore, Text, TournamentStore};
use scoreline_core::time::{Clock, Timestamp};
use scoreline_testkit::clock::ManualClock;
use scoreline_testkit::memory_nodes::MemoryNodes;
use scoreline_workers::timekeeper::Timekeeper;

use crate::support::{DAY_MS, GAME, HOUR_MS, MINUTE_MS, SECOND_MS, Shared, World};

const YEAR_MS: i64 = 365 * DAY_MS;

/// Everything that is due by the time in use.
async fn all_due(world: &World) {
    let now = world.workers.clock().now();
    world.workers.scheduler().tick(now).await;
    world.workers.scheduler().keep_house(now).await;
}

async fn kept_events(world: &World) -> usize {
    world.store.recent(EventFilter::default(), 100, Text::Nothing).await.expect("it answers").len()
}

/// The receipt that a request has now.
fn stamp(world: &World) -> Timestamp {
    world.intake().arrive().received_at()
}

#[tokio::test]
async fn a_clock_a_year_ahead_closes_begins_and_removes_nothing_until_an_operator_trusts_it() {
    let world = World::new().await;
    all_due(&world).await;
    let cups = world.store.open_tournaments().await.expect("tournaments");
    world.send(&[world.run("ada", 10)]).await.expect("accepted");
    world.clock.jump(YEAR_MS);
    world.clock.advance(HOUR_MS);
    let true_now = world.clock.now().plus_ms(-YEAR_MS);

    all_due(&world).await;
    assert_eq!(stamp(&world), true_now);
    assert_eq!(world.store.open_tournaments().await.expect("tournaments"), cups);
    assert_eq!(kept_events(&world).await, 1);
    let doubt = world.operations().clock_doubt().expect("the time is in doubt");
    assert_eq!((doubt.offset_ms, doubt.proved_in_ms), (YEAR_MS, None));

    let since = world.operations().trust_clock().await.expect("it is trusted");
    assert_eq!(since, Some(world.clock.now()));
    assert_eq!(stamp(&world), world.clock.now());
    all_due(&world).await;
    assert!(world.tournament(&cups[0].id).await.closed_at.is_some());
    assert_eq!(kept_events(&world).await, 0, "they are older than the retention");
    assert_eq!(world.operations().clock_doubt(), None);
    assert_eq!(world.operations().trust_clock().await.expect("again"), None);
}

#[tokio::test]
async fn a_clock_a_year_back_is_not_followed_and_one_that_was_ahead_can_be_put_right() {
    let world = World::new().await;
    world.send(&[world.run("ada", 10)]).await.expect("accepted");
    let before = stamp(&world);
    world.clock.jump(-YEAR_MS);
    world.clock.advance(MINUTE_MS);
    assert_eq!(stamp(&world), before.plus_ms(MINUTE_MS));

    // It was right to go back: from here on stamps do too, once.
    world.operations().trust_clock().await.expect("it is trusted");
    assert_eq!(stamp(&world), world.clock.now());
    world.send(&[world.run("bob", 20)]).await.expect("accepted");
    world.verify().await;
}

#[tokio::test]
async fn a_small_step_is_no_jump_and_a_sleep_that_is_counted_is_none() {
    let world = World::new().await;
    world.clock.jump(30 * SECOND_MS);
    assert_eq!(stamp(&world), world.clock.now());
    world.clock.advance(DAY_MS);
    assert_eq!((stamp(&world), world.operations().clock_doubt()), (world.clock.now(), None));
}

#[tokio::test]
async fn a_jump_of_hours_is_followed_after_it_held_for_a_quarter_of_an_hour() {
    let world = World::new().await;
    let cup = world.store.open_tournaments().await.expect("tournaments").remove(0);
    stamp(&world);
    world.clock.jump(8 * HOUR_MS);
    for _ in 0..14 {
        world.clock.advance(MINUTE_MS);
        all_due(&world).await;
        assert_eq!(world.tournament(&cup.id).await.closed_at, None);
    }
    world.clock.advance(2 * MINUTE_MS);
    all_due(&world).await;
    assert_eq!(stamp(&world), world.clock.now());
    assert!(world.tournament(&cup.id).await.closed_at.is_some());
}

#[tokio::test]
async fn a_restart_with_a_clock_a_year_ahead_is_a_jump_and_one_after_weeks_is_none() {
    let world = World::new().await;
    let cup = world.store.open_tournaments().await.expect("tournaments").remove(0);
    let time = Arc::clone(world.workers.timekeeper());
    time.keep(&*world.store).await.expect("it is noted");
    let before = world.clock.now();
    world.clock.jump(YEAR_MS);
    let world = world.restarted().await;
    all_due(&world).await;
    assert_eq!(stamp(&world), before);
    assert_eq!(world.tournament(&cup.id).await.closed_at, None);
    let doubt = world.operations().clock_doubt().expect("the time is in doubt");
    assert!(doubt.at_start);

    // Another restart proves nothing, and it is noted that this is in doubt.
    world.workers.timekeeper().keep(&*world.store).await.expect("it is noted");
    let note = world.store.clock_note().await.expect("it answers").expect("there is one");
    assert_eq!((note.last_at, note.offset_ms), (before, Some(YEAR_MS)));
    let world = world.restarted().await;
    assert!(world.operations().clock_doubt().is_some());

    // Put right while it was down, for three weeks.
    world.clock.jump(-YEAR_MS);
    world.clock.jump(21 * DAY_MS);
    let world = world.restarted().await;
    assert_eq!(world.operations().clock_doubt(), None);
    all_due(&world).await;
    assert!(world.tournament(&cup.id).await.closed_at.is_some());
}

#[tokio::test]
async fn where_the_databases_clock_counts_only_its_jumps_do_and_nothing_closes_over_them() {
    let mut made = None;
    let world = World::with(GAME, |clock| {
        let database = Arc::new(ManualClock::new(clock.now()));
        let nodes = MemoryNodes::new(Arc::clone(&database) as Arc<dyn Clock>);
        made = Some(database);
        Shared { broker: None, nodes: Some(nodes) }
    })
    .await;
    let database = made.expect("it was made");
    let cup = world.store.open_tournaments().await.expect("tournaments").remove(0);
    let true_now = world.clock.now();
    world.clock.jump(-YEAR_MS);
    assert_eq!(stamp(&world), true_now, "the machine's clock is nothing to it");
    assert_eq!(world.operations().clock_doubt(), None);

    // The database is not asked before the tick, and yet nothing closes.
    database.jump(YEAR_MS);
    world.workers.scheduler().tick(database.now()).await;
    assert_eq!(world.tournament(&cup.id).await.sealed_at, None);
    assert_eq!(world.tournament(&cup.id).await.closed_at, None);
    assert_eq!(stamp(&world), true_now);
    assert!(world.operations().clock_doubt().is_some());
}

#[tokio::test]
async fn what_an_operator_says_on_one_node_the_others_hear() {
    let world = World::new().await;
    let system = Arc::clone(&world.clock) as Arc<dyn Clock>;
    let other = Timekeeper::new(system, None);
    other.begin(&*world.store).await.expect("it begins");
    stamp(&world);
    world.clock.jump(YEAR_MS);
    assert!(other.doubt().is_some());
    world.operations().trust_clock().await.expect("it is trusted");
    assert!(other.doubt().is_some(), "it has not heard of it");
    other.keep(&*world.store).await.expect("it hears");
    assert_eq!((other.doubt(), other.now()), (None, world.clock.now()));
}

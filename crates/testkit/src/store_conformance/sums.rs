//! Sums far beyond 64 bits on the way: shown as the nearest number that fits, and exact in the end, whatever
//! the order of events.

use scoreline_core::event::Event;
use scoreline_core::fold::ProjectionKind;
use scoreline_core::limits::INTEGER_MAX;

use super::Database;
use super::world::World;
use crate::game::{DAY_MS, ENDED, at, event};

/// How many of the greatest numbers: a third as many as these fill 64 bits.
const MANY: u128 = 1_500;
/// Events of one batch: it ends in the middle of both.
const BATCH: usize = 700;

fn extreme(player: &str, first: u128, sign: i64) -> impl Iterator<Item = Event> {
    let number = sign * INTEGER_MAX;
    let payload = format!(r#"{{"mode":"endless","score":{number},"coins":{number}}}"#);
    (first..first + MANY).map(move |id| event(player, id, 0, ENDED, &payload))
}

async fn apply_all(world: &mut World<'_>, events: &[Event]) {
    for batch in events.chunks(BATCH) {
        let applied = world.apply(batch).await;
        assert_eq!((applied.applied, applied.dead.len()), (batch.len(), 0));
    }
}

async fn coins(world: &World<'_>, player: &str) -> Option<i64> {
    let slot = world.projection(ProjectionKind::Statistic, "coins").await.slot;
    let profile = world.store.profile(crate::game::player(player)).await.expect("answers")?;
    profile.statistics.iter().find(|(of, _)| *of == slot).map(|(_, amount)| *amount)
}

pub async fn sums_beyond_64_bits_come_back_whatever_the_order(database: &dyn Database) {
    let mut world = World::new(database).await;
    let (total, least) = (world.board("total").await, world.board("least").await);
    let first: Vec<Event> = extreme("ann", 1, 1).chain(extreme("bob", 1, -1)).collect();
    apply_all(&mut world, &first).await;
    let (most, fewest) = (i64::MAX, -i64::MAX);
    let ranked = |first: (&str, i64), second: (&str, i64)| {
        vec![(first.0.to_owned(), first.1), (second.0.to_owned(), second.1)]
    };
    assert_eq!(world.ranking(total).await, ranked(("ann", most), ("bob", fewest)));
    assert_eq!(world.ranking(least).await, ranked(("bob", most), ("ann", fewest)));
    assert_eq!(
        (coins(&world, "ann").await, coins(&world, "bob").await),
        (Some(most), Some(fewest))
    );
    assert_eq!(world.verify().await.differing, 0);

    // Half of what brings the sums back: they are still beyond.
    let second: Vec<Event> =
        extreme("bob", 2 * MANY, 1).chain(extreme("ann", 2 * MANY, -1)).collect();
    apply_all(&mut world, &second[..BATCH]).await;
    assert_eq!(world.verify().await.differing, 0);
    let of_total = world.projection(ProjectionKind::Board, "total").await.no;
    world.fill(of_total, 1_000).await;
    let of_coins = world.projection(ProjectionKind::Statistic, "coins").await.no;
    world.fill(of_coins, 1_000).await;
    assert_eq!(world.verify().await.differing, 0);

    apply_all(&mut world, &second[BATCH..]).await;
    let total = world.board("total").await;
    assert_eq!(world.ranking(total).await.iter().map(|row| row.1).collect::<Vec<_>>(), [0, 0]);
    assert_eq!((coins(&world, "ann").await, coins(&world, "bob").await), (Some(0), Some(0)));
    assert_eq!(world.verify().await.differing, 0);
}

pub async fn what_retention_merges_is_beyond_64_bits_as_well(database: &dyn Database) {
    let mut world = World::new(database).await;
    apply_all(&mut world, &extreme("ann", 1, 1).collect::<Vec<_>>()).await;
    world.clock.advance(2 * DAY_MS);
    let plan = world.plan().await;
    while !world
        .store
        .remove_events(std::sync::Arc::clone(&plan), at(DAY_MS), 1_000)
        .await
        .expect("removes")
        .finished
    {}
    assert_eq!(world.verify().await.differing, 0);
    let of_total = world.projection(ProjectionKind::Board, "total").await.no;
    world.fill(of_total, 1_000).await;
    let of_coins = world.projection(ProjectionKind::Statistic, "coins").await.no;
    world.fill(of_coins, 1_000).await;
    apply_all(&mut world, &extreme("ann", 2 * MANY, -1).collect::<Vec<_>>()).await;
    let total = world.board("total").await;
    assert_eq!(world.ranking(total).await, [("ann".to_owned(), 0)]);
    assert_eq!(coins(&world, "ann").await, Some(0));
    assert_eq!(world.verify().await.differing, 0);
}

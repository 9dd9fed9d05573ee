//! Filling projections from history while events come in.

use scoreline_core::fold::{COARSE_GRAIN_MS, ProjectionKind};
use scoreline_core::id::BoardKey;
use scoreline_core::store::StoreError;
use scoreline_core::time::Timestamp;

use super::Database;
use super::world::World;
use crate::game::{self, assorted, played, with_board, with_statistic, without_boards};

pub async fn events_that_arrive_while_a_board_is_filled_count_once(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&assorted(150, 1)).await;
    world.adopt(with_board(game::definition(), "more", "coins", 1)).await;
    let more = world.projection(ProjectionKind::Board, "more").await.no;
    world.store.start_fill(more).await.expect("starts");
    let mut last = 0;
    for seed in 2.. {
        // Some of these come before where the scan stands, some behind it, some were there.
        world.apply(&assorted(25, seed)).await;
        let step = world.store.fill_step(world.plan().await, more, 40).await.expect("fills");
        assert!(step.done >= last && step.total >= step.done, "{step:?}");
        last = step.done;
        if step.finished {
            break;
        }
    }
    world.check().await;
    world.apply(&assorted(100, 1_000)).await;
    world.check().await;
}

pub async fn a_fill_that_is_started_again_goes_on(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&assorted(100, 2)).await;
    world.adopt(with_board(game::definition(), "more", "coins", 1)).await;
    let more = world.projection(ProjectionKind::Board, "more").await.no;
    let slot = world.store.start_fill(more).await.expect("starts");
    let first = world.store.fill_step(world.plan().await, more, 30).await.expect("fills");
    assert_eq!((first.done, first.finished), (30, false));
    let other = database.open().await;
    assert_eq!(other.start_fill(more).await.expect("goes on"), slot);
    world.adopt(with_statistic((*world.definition).clone(), "gems", "gems")).await;
    let second = other.fill_step(world.plan().await, more, 30).await.expect("fills");
    assert_eq!(second.done, 60);
    world.fill(more, 30).await;
    assert_eq!(world.projection(ProjectionKind::Board, "more").await.slot, slot);
    world.check().await;
}

pub async fn a_complete_projection_can_be_filled_again_while_it_serves(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&assorted(200, 3)).await;
    let before = world.projection(ProjectionKind::Board, "latest").await;
    database
        .tamper(&format!("UPDATE board_entries SET points = 777 WHERE slot = {}", before.slot.0))
        .await;
    assert!(world.verify().await.differing > 0);
    world.store.start_fill(before.no).await.expect("starts");
    world.store.fill_step(world.plan().await, before.no, 50).await.expect("fills");
    let board = world.board("latest").await;
    assert_eq!(board.slot, before.slot, "the old one serves until the new one is full");
    assert!(world.ranking(board).await.iter().all(|(_, points)| *points == 777));
    world.fill(before.no, 50).await;
    world.check().await;
}

pub async fn all_projections_can_be_filled_at_the_same_time(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&assorted(150, 4)).await;
    let all: Vec<_> = world.plan().await.projections.iter().map(|one| one.no).collect();
    for no in &all {
        world.store.start_fill(*no).await.expect("starts");
    }
    let mut left = all;
    let mut seed = 100;
    while !left.is_empty() {
        let mut still = Vec::new();
        for no in left {
            seed += 1;
            world.apply(&assorted(4, seed)).await;
            let step = world.store.fill_step(world.plan().await, no, 60).await.expect("fills");
            if !step.finished {
                still.push(no);
            }
        }
        left = still;
    }
    world.check().await;
}

pub async fn only_a_started_fill_can_be_stepped(database: &dyn Database) {
    let world = World::new(database).await;
    let best = world.projection(ProjectionKind::Board, "best").await.no;
    let step = world.store.fill_step(world.plan().await, best, 10).await;
    assert!(matches!(step, Err(StoreError::NotFilling(_))), "{step:?}");
    let outdated = world.plan().await;
    world.store.start_fill(best).await.expect("starts");
    let step = world.store.fill_step(outdated, best, 10).await;
    assert!(matches!(step, Err(StoreError::StalePlan)), "{step:?}");
    let unknown = scoreline_core::id::ProjectionNo(9_999);
    let start = world.store.start_fill(unknown).await;
    assert!(matches!(start, Err(StoreError::NotFound(_))), "{start:?}");
}

pub async fn what_nobody_refers_to_any_more_is_swept(database: &dyn Database) {
    let mut world = World::new(database).await;
    let many: Vec<_> = (0..50).map(|n| played(&format!("player {n:02}"), n, n as i64, 5)).collect();
    world.apply(&many).await;
    let all = world.plan().await.projections.clone();
    for projection in &all {
        world.fill(projection.no, 1_000).await;
    }
    let mut steps = 0;
    while world.store.sweep_retired(7).await.expect("sweeps") > 0 {
        steps += 1;
        assert!(steps < 1_000, "sweeping comes to an end");
    }
    assert!(steps > 10, "only some at a time");
    for old in &all {
        let key = BoardKey { slot: old.slot, period: Timestamp::EPOCH };
        assert_eq!(world.entries(key).await, []);
        let figures = world.store.figures(old.slot, COARSE_GRAIN_MS, Timestamp::MIN).await;
        assert_eq!(figures.expect("answers"), []);
    }
    let profile = world.store.profile(game::player("player 07")).await.expect("answers");
    let slots: Vec<_> =
        profile.expect("is known").statistics.into_iter().map(|row| row.0).collect();
    assert!(all.iter().all(|old| !slots.contains(&old.slot)), "{slots:?}");
    world.check().await;
}

pub async fn retiring_a_board_while_it_is_filled_ends_the_fill(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&assorted(100, 5)).await;
    let total = world.projection(ProjectionKind::Board, "total").await.no;
    world.store.start_fill(total).await.expect("starts");
    world.store.fill_step(world.plan().await, total, 10).await.expect("fills");
    world.adopt(without_boards(game::definition(), &["total"])).await;
    let step = world.store.fill_step(world.plan().await, total, 10).await;
    assert!(matches!(step, Err(StoreError::NotFilling(_))), "{step:?}");
    let start = world.store.start_fill(total).await;
    assert!(matches!(start, Err(StoreError::NotFound(_))), "{start:?}");
    world.apply(&assorted(100, 6)).await;
    world.adopt(game::definition()).await;
    world.fill(total, 40).await;
    world.check().await;
}

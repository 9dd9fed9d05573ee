//! Adopting definitions.

use std::sync::Arc;

use scoreline_core::fold::ProjectionKind;
use scoreline_core::id::BoardKey;
use scoreline_core::store::StoreError;
use scoreline_core::time::{Clock, Timestamp};

use super::Database;
use super::world::World;
use crate::game::{self, assorted, at, played, with_board, with_statistic, without_boards};

pub async fn adopting_the_same_definition_again_changes_nothing(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&assorted(20, 1)).await;
    let before = world.plan().await;
    let adopted = world.adopt(game::definition()).await;
    assert_eq!(adopted.plan.version, before.version);
    assert_eq!(adopted.plan.projections, before.projections);
    assert_eq!(adopted.incomplete, []);
    assert_eq!(world.store.plan_version().await.expect("answers"), before.version);
    world.check().await;
}

pub async fn a_plan_of_another_definition_is_refused(database: &dyn Database) {
    let world = World::new(database).await;
    let other = Arc::new(with_board(game::definition(), "more", "coins", 1));
    let refused = world.store.plan(other).await;
    assert!(matches!(refused, Err(StoreError::AnotherDefinition)), "{refused:?}");
}

pub async fn a_board_added_later_is_incomplete_until_it_is_filled(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&assorted(200, 2)).await;
    let more = with_board(game::definition(), "more", "coins", 3);
    let adopted = world.adopt(with_statistic(more, "gems", "gems")).await;
    let expected = [(ProjectionKind::Board, "more"), (ProjectionKind::Statistic, "gems")];
    let found: Vec<_> = adopted.incomplete.iter().map(|(kind, name)| (*kind, &**name)).collect();
    assert_eq!(found, expected);
    assert_eq!(world.verify().await.incomplete.len(), 2);
    let board = world.board("more").await;
    assert_eq!(world.ranking(board).await, [], "history is not in it yet");
    world.apply(&assorted(200, 3)).await;
    assert_ne!(world.ranking(board).await, [], "what comes now is");
    for (kind, name) in expected {
        world.fill(world.projection(kind, name).await.no, 17).await;
        assert!(world.projection(kind, name).await.complete);
    }
    assert_ne!(world.board("more").await, board, "the filled slot took its place");
    world.check().await;
    world.apply(&assorted(200, 4)).await;
    world.check().await;
    assert_eq!(world.verify().await.incomplete, Vec::<String>::new());
}

pub async fn a_board_that_means_something_else_is_shown_as_it_was_until_it_is_filled(
    database: &dyn Database,
) {
    let mut world = World::new(database).await;
    world.adopt(with_board(game::definition(), "more", "coins", 1)).await;
    let former = world.projection(ProjectionKind::Board, "more").await;
    assert!(former.complete);
    world.apply(&assorted(100, 5)).await;
    let adopted = world.adopt(with_board(game::definition(), "more", "coins", 2)).await;
    assert_eq!(adopted.incomplete, [(ProjectionKind::Board, Arc::from("more"))]);
    let next = world.projection(ProjectionKind::Board, "more").await;
    assert_ne!((next.no, next.slot), (former.no, former.slot));
    assert!(next.pending && !next.complete);
    assert_eq!(world.ranking(world.board("more").await).await, []);
    let shown = async |world: &World<'_>| {
        world.plan().await.shown(ProjectionKind::Board, "more").expect("one is shown").clone()
    };
    assert_eq!(shown(&world).await, former, "with all its rows");
    world.apply(&assorted(100, 6)).await;
    world.check().await;
    assert_eq!(shown(&world).await.no, former.no, "and it goes on counting");
    world.fill(next.no, 17).await;
    let filled = shown(&world).await;
    assert_eq!((filled.no, filled.pending, filled.complete), (next.no, false, true));
    let plan = world.plan().await;
    assert!(plan.projections.iter().all(|one| one.no != former.no), "the former one has gone");
    world.apply(&assorted(100, 7)).await;
    world.check().await;
    while world.store.sweep_retired(1_000).await.expect("sweeps") > 0 {}
    let old = BoardKey { slot: former.slot, period: Timestamp::EPOCH };
    assert_eq!(world.ranking(old).await, [], "its rows are swept");
}

pub async fn a_change_that_is_taken_back_before_it_is_filled_has_cost_nothing(
    database: &dyn Database,
) {
    let mut world = World::new(database).await;
    let before = with_statistic(game::definition(), "gems", "gems");
    world.adopt(with_board(before.clone(), "more", "coins", 1)).await;
    world.apply(&assorted(100, 8)).await;
    let kept = world.plan().await.projections.clone();
    let other = with_statistic(game::definition(), "gems", "coins");
    let other = with_board(other, "more", "coins", 2);
    let adopted = world.adopt(other).await;
    assert_eq!(adopted.incomplete.len(), 2);
    world.apply(&assorted(100, 9)).await;
    world.adopt(with_board(game::definition(), "more", "coins", 3)).await;
    world.adopt(with_board(before, "more", "coins", 1)).await;
    let plan = world.plan().await;
    assert_eq!(plan.incomplete(), [(ProjectionKind::Statistic, Arc::from("gems"))]);
    let more = kept.iter().find(|one| &*one.name == "more").expect("a board");
    assert_eq!(plan.projection(ProjectionKind::Board, "more"), Some(more));
    assert_eq!(plan.shown(ProjectionKind::Board, "more"), Some(more));
    world.apply(&assorted(100, 10)).await;
    world.check().await;
}

pub async fn another_name_for_a_sum_is_no_other_board(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&assorted(100, 11)).await;
    let before = world.projection(ProjectionKind::Board, "best").await;
    let mut renamed = game::definition();
    renamed.boards["best"].beside[0].name = Arc::from("purse");
    "The best".clone_into(&mut renamed.boards["best"].title);
    renamed.source = Arc::from("renamed");
    assert_eq!(world.adopt(renamed.clone()).await.incomplete, []);
    let after = world.projection(ProjectionKind::Board, "best").await;
    assert_eq!((after.no, after.slot, after.complete), (before.no, before.slot, true));
    assert_eq!(after.board().map(|board| &**board), Some(&renamed.boards["best"]));
    world.check().await;
}

pub async fn a_retired_board_comes_back_incomplete_and_is_filled_anew(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&assorted(100, 6)).await;
    let before = world.projection(ProjectionKind::Board, "total").await;
    let adopted = world.adopt(without_boards(game::definition(), &["total"])).await;
    assert_eq!(adopted.incomplete, []);
    assert_eq!(adopted.plan.projection(ProjectionKind::Board, "total"), None);
    world.apply(&assorted(100, 7)).await;
    world.check().await;
    let adopted = world.adopt(game::definition()).await;
    assert_eq!(adopted.incomplete, [(ProjectionKind::Board, Arc::from("total"))]);
    let back = world.projection(ProjectionKind::Board, "total").await;
    assert_eq!(back.no, before.no, "it is the same projection");
    world.apply(&assorted(100, 8)).await;
    world.fill(back.no, 30).await;
    world.check().await;
}

pub async fn a_board_of_a_game_without_events_is_complete_at_once(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.adopt(without_boards(game::definition(), &["best"])).await;
    let adopted = world.adopt(with_board(game::definition(), "more", "coins", 1)).await;
    assert_eq!(adopted.incomplete, [], "neither the new one nor the one that came back");
    world.apply(&[played("ann", 1, 0, 5)]).await;
    let more = world.board("more").await;
    assert_eq!(world.ranking(more).await, [("ann".to_owned(), 1)]);
    world.check().await;
}

pub async fn every_change_makes_another_plan_version(database: &dyn Database) {
    let mut world = World::new(database).await;
    let mut versions = vec![world.store.plan_version().await.expect("answers")];
    world.adopt(with_statistic(game::definition(), "gems", "gems")).await;
    versions.push(world.store.plan_version().await.expect("answers"));
    world.store.create_tournament(game::cup("one", "best", 0, 10)).await.expect("creates");
    versions.push(world.store.plan_version().await.expect("answers"));
    let gems = world.projection(ProjectionKind::Statistic, "gems").await.no;
    world.store.start_fill(gems).await.expect("starts");
    versions.push(world.store.plan_version().await.expect("answers"));
    world.fill(gems, 10).await;
    versions.push(world.store.plan_version().await.expect("answers"));
    world.store.end_tournament(Arc::from("one"), at(5)).await.expect("ends");
    versions.push(world.store.plan_version().await.expect("answers"));
    world.store.seal_tournament(Arc::from("one"), world.clock.now()).await.expect("seals");
    versions.push(world.store.plan_version().await.expect("answers"));
    assert!(versions.is_sorted_by(|a, b| a < b), "{versions:?}");
    assert_eq!(world.plan().await.version, versions[6]);
}

//! Tournaments keep what was promised when they were created, whatever becomes of their board.

use std::sync::Arc;

use scoreline_core::fold::ProjectionKind;
use scoreline_core::game::{Condition, Definition, FilterTest, Literal};
use scoreline_core::store::Award;
use scoreline_core::tournament::Claim;

use super::Database;
use super::world::World;
use crate::game::{self, assorted, played, player, with_board, without_boards};

pub async fn a_tournament_whose_board_counts_something_else_pays_what_was_promised(
    database: &dyn Database,
) {
    let without = without_boards(game::definition(), &["total"]);
    keeps_its_promise(database, with_board(without, "total", "coins", 7)).await;
}

pub async fn a_tournament_whose_board_is_filtered_pays_what_was_promised(database: &dyn Database) {
    let mut filtered = game::definition();
    filtered.boards["total"].measure.filter.tests.push(FilterTest {
        field: Arc::from("platform"),
        condition: Condition::OneOf(vec![Literal::Text(Arc::from("ios"))]),
    });
    filtered.source = Arc::from("filtered");
    keeps_its_promise(database, filtered).await;
}

pub async fn a_tournament_whose_board_is_removed_pays_what_was_promised(database: &dyn Database) {
    keeps_its_promise(database, without_boards(game::definition(), &["total"])).await;
}

/// A tournament on the board `total`, a reload in the middle of it, and all that follows.
async fn keeps_its_promise(database: &dyn Database, change: Definition) {
    let mut world = World::new(database).await;
    world.create("cup", "total", 0, 1_000_000).await;
    let before = world.tournament("cup").await;
    world.apply(&[played("ann", 1, 10, 5), played("bob", 2, 20, 4)]).await;
    world.adopt(change).await;
    assert_eq!(world.tournament("cup").await, before, "nothing has changed for it");
    let projection = world.projection(ProjectionKind::Tournament, "cup").await;
    assert!(projection.complete, "and it has missed nothing");
    world.apply(&[played("bob", 3, 30, 4)]).await;
    world.check().await;

    // Another process knows the promise, too, and history says the same.
    world.store = database.open().await;
    world.fill(projection.no, 2).await;
    let expected = [("bob".to_owned(), 8), ("ann".to_owned(), 5)];
    assert_eq!(world.ranking(world.tournament_board("cup").await).await, expected);
    world.check().await;
    world.seal("cup").await;
    assert_eq!(world.close("cup").await, Award { prizes: 2, participants: 2 });
    let prizes = world.prizes("cup").await;
    let won: Vec<_> = prizes.iter().map(|one| (one.player.as_str(), one.coins)).collect();
    assert_eq!(won, [("bob", 100), ("ann", 50)]);
    let claim = world.store.claim_prize(prizes[0].id, player("bob"), game::at(2_000_000)).await;
    assert!(matches!(claim, Ok(Claim::Claimed(_))), "{claim:?}");

    // For ever: after further changes it is shown, rebuilt and verified as it was.
    world.adopt(without_boards(game::definition(), &["total", "best"])).await;
    world.apply(&assorted(50, 1)).await;
    world.fill(projection.no, 20).await;
    assert_eq!(world.ranking(world.tournament_board("cup").await).await, expected);
    assert_eq!(world.tournament("cup").await.board, before.board);
    world.check().await;
}

pub async fn two_tournaments_on_one_board_each_keep_what_it_meant_to_them(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.create("first", "total", 0, 1_000_000).await;
    world.apply(&[played("ann", 1, 10, 5)]).await;
    let without = without_boards(game::definition(), &["total"]);
    world.adopt(with_board(without, "total", "coins", 7)).await;
    let mut second = game::cup("second", "total", 0, 1_000_000);
    second.board = Arc::new(world.definition.boards["total"].without_resets());
    assert!(world.store.create_tournament(second).await.expect("creates"));
    world.fill(world.projection(ProjectionKind::Tournament, "second").await.no, 10).await;
    world.apply(&[played("ann", 2, 20, 4)]).await;
    let points = async |id: &str| {
        world.ranking(world.tournament_board(id).await).await.first().map(|row| row.1)
    };
    assert_eq!((points("first").await, points("second").await), (Some(9), Some(14)));
    world.check().await;
}

//! Ranks as the store itself tells them, for when the rank index is out of reach.

use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::rank::Place;
use scoreline_core::time::Timestamp;

use super::Database;
use super::world::World;
use crate::game::played;

fn id(text: &str) -> PlayerId {
    PlayerId::new(text).expect("a player id")
}

fn rows(places: &[Place]) -> Vec<(u64, &str, i64)> {
    places.iter().map(|place| (place.rank, place.player.as_str(), place.standing.points)).collect()
}

/// Points first, then who was earlier, then the id by its bytes.
async fn played_board(database: &dyn Database) -> (World<'_>, BoardKey) {
    let mut world = World::new(database).await;
    let games = [("b", 10, 5), ("a", 10, 5), ("B", 10, 5), ("\u{e9}", 10, 5), ("early", 5, 5)];
    let mut events: Vec<_> = games
        .iter()
        .zip(1..)
        .map(|((who, at, points), no)| played(who, no, *at, *points))
        .collect();
    events.push(played("first", 90, 99, 9));
    events.push(played("last", 91, 0, 0));
    world.apply(&events).await;
    let board = world.board("best").await;
    (world, board)
}

pub async fn the_store_ranks_as_an_index_does(database: &dyn Database) {
    let (world, board) = played_board(database).await;
    let all = world.store.range(board, 0, 100).await.expect("answers");
    let expected = [
        (1, "first", 9),
        (2, "early", 5),
        (3, "B", 5),
        (4, "a", 5),
        (5, "b", 5),
        (6, "\u{e9}", 5),
        (7, "last", 0),
    ];
    assert_eq!(rows(&all), expected);
    assert_eq!(world.store.len(board).await.expect("answers"), 7);
    assert_eq!(rows(&world.store.range(board, 2, 3).await.expect("answers")), expected[2..5]);
    let asked = ["\u{e9}", "nobody", "first", "b"].map(id).to_vec();
    let places = world.store.places(board, asked).await.expect("answers");
    let found: Vec<Option<Place>> =
        vec![Some(all[5].clone()), None, Some(all[0].clone()), Some(all[4].clone())];
    assert_eq!(places, found);
}

pub async fn what_the_store_is_asked_for_may_lie_beyond_a_board(database: &dyn Database) {
    let (world, board) = played_board(database).await;
    assert_eq!(world.store.range(board, 7, 10).await.expect("answers"), []);
    assert_eq!(world.store.range(board, u64::MAX, 10).await.expect("answers"), []);
    assert_eq!(world.store.places(board, Vec::new()).await.expect("answers"), []);
    let nowhere = BoardKey { period: Timestamp::EPOCH.plus_ms(1), ..board };
    assert_eq!(world.store.len(nowhere).await.expect("answers"), 0);
    assert_eq!(world.store.range(nowhere, 0, 10).await.expect("answers"), []);
    assert_eq!(world.store.places(nowhere, vec![id("a")]).await.expect("answers"), [None]);
}

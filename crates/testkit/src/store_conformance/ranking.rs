//! Boards in their order as the store itself tells it, for when the rank index is out of reach.

use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::rank::{Contender, Standing};
use scoreline_core::time::Timestamp;

use super::Database;
use super::world::World;
use crate::game::played;

/// The players of the board, best first.
const ORDER: [&str; 7] = ["first", "early", "B", "a", "b", "\u{e9}", "last"];

fn names(contenders: &[Contender]) -> Vec<&str> {
    contenders.iter().map(|contender| contender.player.as_str()).collect()
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

pub async fn the_store_keeps_the_order_of_a_board(database: &dyn Database) {
    let (world, board) = played_board(database).await;
    let store = &world.store;
    let all = store.range(board, None, 0, 100).await.expect("answers");
    assert_eq!(names(&all), ORDER);
    assert_eq!(all[1].standing.points, 5);
    assert!(all.is_sorted(), "the core orders contenders in the same way");
    for (from, contender) in all.iter().enumerate() {
        let below = store.range(board, Some(contender.clone()), 0, 3).await.expect("answers");
        assert_eq!(names(&below), ORDER[from..(from + 3).min(7)], "from {from}");
        let skipping = store.range(board, Some(contender.clone()), 2, 2).await.expect("answers");
        assert_eq!(names(&skipping), ORDER[(from + 2).min(7)..(from + 4).min(7)], "from {from}");
        let mut above = store.range_before(board, contender.clone(), 3).await.expect("answers");
        above.reverse();
        assert_eq!(names(&above), ORDER[from.saturating_sub(3)..from], "before {from}");
    }
}

pub async fn the_store_counts_who_stands_between(database: &dyn Database) {
    let (world, board) = played_board(database).await;
    let all = world.store.range(board, None, 0, 100).await.expect("answers");
    let (mut spans, mut expected) = (Vec::new(), Vec::new());
    for (until, before) in all.iter().enumerate() {
        spans.push((None, before.clone()));
        expected.push(until as u64);
        for (from, contender) in all[..=until].iter().enumerate() {
            spans.push((Some(contender.clone()), before.clone()));
            expected.push((until - from) as u64);
        }
    }
    let counts = world.store.count_between(board, spans).await.expect("answers");
    assert_eq!(counts, expected);
}

pub async fn the_store_tells_every_so_many_places(database: &dyn Database) {
    let (world, board) = played_board(database).await;
    for every in [1, 2, 3, 6, 7, 8, 1_000] {
        let steps = world.store.steps(board, every).await.expect("answers");
        let expected: Vec<&str> = ORDER.into_iter().step_by(every).collect();
        assert_eq!(names(&steps), expected, "every {every}");
    }
}

pub async fn what_the_store_is_asked_for_may_lie_beyond_a_board(database: &dyn Database) {
    let (world, board) = played_board(database).await;
    let store = &world.store;
    assert_eq!(store.range(board, None, 7, 10).await.expect("answers"), []);
    assert_eq!(store.range(board, None, u64::MAX, usize::MAX).await.expect("answers"), []);
    assert_eq!(store.count_between(board, Vec::new()).await.expect("answers"), [0; 0]);
    let nowhere = BoardKey { period: Timestamp::EPOCH.plus_ms(1), ..board };
    let somebody = Contender {
        standing: Standing { points: 5, reached_at: Timestamp::EPOCH },
        player: PlayerId::new("a").expect("a player id"),
    };
    assert_eq!(store.steps(nowhere, 10).await.expect("answers"), []);
    assert_eq!(store.range(nowhere, None, 0, 10).await.expect("answers"), []);
    assert_eq!(store.range_before(nowhere, somebody.clone(), 10).await.expect("answers"), []);
    let spans = vec![(None, somebody)];
    assert_eq!(store.count_between(nowhere, spans).await.expect("answers"), [0]);
}

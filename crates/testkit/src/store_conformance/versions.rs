//! Versions of board entries: of two standings of an entry, the greater one is newer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use scoreline_core::event::Event;
use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::rank::{Standing, Update, Version};
use scoreline_core::store::Batch;
use scoreline_core::time::Clock;

use super::Database;
use super::world::World;
use crate::game::{self, assorted, played, with_board};

/// The newest standing of every entry among updates that come in any order.
fn newest(updates: impl IntoIterator<Item = Update>) -> BTreeMap<(BoardKey, PlayerId), Newest> {
    let mut newest: BTreeMap<_, Newest> = BTreeMap::new();
    for Update { board, player, standing, version } in updates {
        let found = Newest { version, standing };
        let known = newest.entry((board, player)).or_insert(found);
        if known.version == version {
            assert_eq!(known.standing, standing, "equal versions are the same change");
        } else if known.version < version {
            *known = found;
        }
    }
    newest
}

#[derive(Debug, Clone, Copy)]
struct Newest {
    version: Version,
    standing: Standing,
}

/// Whatever the operator, and whether or not the points change.
pub async fn every_change_of_an_entry_raises_its_version(database: &dyn Database) {
    let mut world = World::new(database).await;
    let mut known: BTreeMap<(BoardKey, PlayerId), Version> = BTreeMap::new();
    for events in assorted(300, 4).chunks(5) {
        for update in world.apply(events).await.touched {
            let before = known.insert((update.board, update.player), update.version);
            assert!(before.unwrap_or(Version(1)) <= update.version, "versions never fall");
        }
    }
    let mut last = Vec::new();
    for score in [5, 5, 1, 9, 0] {
        let id = 1_000_000 + last.len() as u128;
        last.push(world.apply(&[played("eve", id, 0, score)]).await.touched);
    }
    for pair in last.windows(2) {
        assert_eq!(pair[0].len(), world.definition.boards.len(), "every board counts it");
        assert_eq!(pair[0].len(), pair[1].len());
        for (before, after) in pair[0].iter().zip(&pair[1]) {
            assert_eq!((before.board, &before.player), (after.board, &after.player));
            assert!(before.version < after.version, "{before:?} comes before {after:?}");
        }
    }
}

/// A redelivery may be published after what came later: it must not look newer.
pub async fn duplicates_leave_the_version_as_it_is(database: &dyn Database) {
    let mut world = World::new(database).await;
    let events = assorted(80, 6);
    let first = newest(world.apply(&events).await.touched);
    let again = newest(world.apply(&events).await.touched);
    assert!(!first.is_empty());
    for (key, found) in again {
        let before = first[&key];
        assert_eq!((found.version, found.standing), (before.version, before.standing), "{key:?}");
    }
}

/// A board added later does not know players of whom only older events came.
pub async fn who_is_not_on_a_board_is_not_touched_there(database: &dyn Database) {
    let mut world = World::new(database).await;
    let old = played("ann", 1, 0, 5);
    world.apply(std::slice::from_ref(&old)).await;
    world.adopt(with_board(game::definition(), "later", "score", 1)).await;
    let later = world.board("later").await;
    let touched = world.apply(&[old, played("bob", 2, 1, 6)]).await.touched;
    let on_later: Vec<&str> = touched
        .iter()
        .filter(|update| update.board == later)
        .map(|update| update.player.as_str())
        .collect();
    assert_eq!(on_later, ["bob"]);
    assert!(touched.iter().any(|update| update.player.as_str() == "ann"), "on the other boards");
}

/// Writers on several connections may publish in any order: an index that keeps the newest standing
/// agrees with the store.
pub async fn of_batches_applied_at_once_the_greatest_version_is_what_is_stored(
    database: &dyn Database,
) {
    let mut world = World::new(database).await;
    let events = assorted(400, 8);
    let (plan, now) = (world.plan().await, world.clock.now());
    let tasks: Vec<_> = (0..6)
        .map(|task| {
            let (store, plan) = (Arc::clone(&world.store), Arc::clone(&plan));
            let mut mine: Vec<Event> = events.iter().skip(task % 3).step_by(3).cloned().collect();
            mine.rotate_left(9 * task);
            tokio::spawn(async move {
                let mut touched = Vec::new();
                for chunk in mine.chunks(5 + task) {
                    let batch = Batch { events: chunk.to_vec(), ..Batch::default() };
                    let plan = Arc::clone(&plan);
                    touched.extend(store.apply(plan, batch, now).await.expect("applies").touched);
                }
                touched
            })
        })
        .collect();
    let mut touched = Vec::new();
    for task in tasks {
        touched.extend(task.await.expect("does not panic"));
    }
    // Published in the worst order there is.
    touched.sort_by_key(|update| std::cmp::Reverse(update.version));
    let newest = newest(touched);
    for ((board, player), found) in &newest {
        let entries = world.store.entries(*board, vec![player.clone()]).await.expect("answers");
        let stored = entries[0].as_ref().expect("what was touched is on the board");
        assert_eq!((found.standing, found.version), (stored.standing, stored.version()));
    }
    let boards: BTreeSet<BoardKey> = newest.keys().map(|(board, _)| *board).collect();
    for board in boards {
        let on_board = newest.keys().filter(|(touched, _)| *touched == board).count();
        assert_eq!(world.standings(board).await.len(), on_board);
    }
    world.learn(&events).await;
    world.check().await;
}

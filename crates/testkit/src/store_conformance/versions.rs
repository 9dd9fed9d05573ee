//! Versions of board entries: of two states of an entry, the one with the greater version is newer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use scoreline_core::event::Event;
use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::rank::{Entry, Update, Version};
use scoreline_core::store::{Applied, Batch};
use scoreline_core::time::Clock;

use super::Database;
use super::world::World;
use crate::game::{self, assorted, played, with_board};

/// The newest state of every entry among updates that come in any order.
fn newest(updates: impl IntoIterator<Item = Update>) -> BTreeMap<(BoardKey, PlayerId), Entry> {
    let mut newest: BTreeMap<_, Entry> = BTreeMap::new();
    for Update { board, player, entry } in updates {
        let known = newest.entry((board, player)).or_insert(entry);
        if known.version() == entry.version() {
            assert_eq!(*known, entry, "equal versions are the same change");
        } else if known.version() < entry.version() {
            *known = entry;
        }
    }
    newest
}

fn updates(applied: &Applied) -> Vec<Update> {
    applied.updates().cloned().collect()
}

/// Whatever the operator, and whether or not the points change.
pub async fn every_change_of_an_entry_raises_its_version(database: &dyn Database) {
    let mut world = World::new(database).await;
    let mut known: BTreeMap<(BoardKey, PlayerId), Version> = BTreeMap::new();
    for events in assorted(300, 4).chunks(5) {
        for update in updates(&world.apply(events).await) {
            let version = update.entry.version();
            let before = known.insert((update.board, update.player), version);
            assert!(before.unwrap_or(Version(0)) < version, "a change raises the version");
        }
    }
    let mut last = Vec::new();
    for score in [5, 5, 1, 9, 0] {
        let id = 1_000_000 + last.len() as u128;
        last.push(updates(&world.apply(&[played("eve", id, 0, score)]).await));
    }
    for pair in last.windows(2) {
        assert_eq!(pair[0].len(), world.definition.boards.len(), "every board counts it");
        assert_eq!(pair[0].len(), pair[1].len());
        for (before, after) in pair[0].iter().zip(&pair[1]) {
            assert_eq!((before.board, &before.player), (after.board, &after.player));
            let versions = (before.entry.version(), after.entry.version());
            assert!(versions.0 < versions.1, "{before:?} comes before {after:?}");
        }
    }
}

pub async fn duplicates_change_nothing_and_nothing_is_told_of_them(database: &dyn Database) {
    let mut world = World::new(database).await;
    let events = assorted(80, 6);
    assert!(world.apply(&events).await.told.is_some());
    assert_eq!(world.apply(&events).await.told, None);
}

/// A board added later does not know players of whom only older events came.
pub async fn who_is_not_on_a_board_is_not_touched_there(database: &dyn Database) {
    let mut world = World::new(database).await;
    let old = played("ann", 1, 0, 5);
    world.apply(std::slice::from_ref(&old)).await;
    world.adopt(with_board(game::definition(), "later", "score", 1)).await;
    let later = world.board("later").await;
    let touched = updates(&world.apply(&[old, played("bob", 2, 1, 6)]).await);
    let on_later: Vec<&str> = touched
        .iter()
        .filter(|update| update.board == later)
        .map(|update| update.player.as_str())
        .collect();
    assert_eq!(on_later, ["bob"]);
}

/// Writers on several connections may be heard in any order: whoever keeps the newest has what the
/// store has.
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
                    let applied = store.apply(Arc::clone(&plan), batch, now).await;
                    touched.extend(updates(&applied.expect("applies")));
                }
                touched
            })
        })
        .collect();
    let mut touched = Vec::new();
    for task in tasks {
        touched.extend(task.await.expect("does not panic"));
    }
    // Heard in the worst order there is.
    touched.sort_by_key(|update| std::cmp::Reverse(update.entry.version()));
    let newest = newest(touched);
    for ((board, player), found) in &newest {
        let entries = world.store.entries(*board, vec![player.clone()]).await.expect("answers");
        assert_eq!(entries, [Some(*found)], "what was touched is on the board");
    }
    let boards: BTreeSet<BoardKey> = newest.keys().map(|(board, _)| *board).collect();
    for board in boards {
        let on_board = newest.keys().filter(|(touched, _)| *touched == board).count();
        assert_eq!(world.entries(board).await.len(), on_board);
    }
    world.learn(&events).await;
    world.check().await;
}

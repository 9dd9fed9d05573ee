//! Giving names: those that wait for the connection that writes share a commit.
//!
//! A name is a few rows, and its commit waits for the disk. When many players are new at once, each would
//! wait for the commits of all before, and so would the events.

use std::sync::Arc;

use parking_lot::Mutex;
use rusqlite::{Connection, params};
use scoreline_core::feed::Change;
use scoreline_core::id::PlayerId;
use scoreline_core::naming::{Named, NewName};
use scoreline_core::nickname::RESEMBLING_RULES;
use scoreline_core::rank::{PlayerName, Version};
use scoreline_core::store::{Result, StoreError};
use scoreline_core::time::Timestamp;
use tokio::sync::oneshot;

use crate::moved::refuse_gone;
use crate::statement::{only, sql};
use crate::telling::{Feed, Telling};

/// Names at most in one transaction, so that no events wait for long.
const TOGETHER_MAX: usize = 256;

/// Names that wait.
pub(crate) type WaitingNames = Arc<Mutex<Vec<Wish>>>;

/// A name that a player wants.
pub(crate) struct Wish {
    player: PlayerId,
    name: NewName,
    now: Timestamp,
    answer: oneshot::Sender<Result<Named>>,
}

/// Lets a wish wait. Whoever does this brings a turn on the connection along, for [`give_waiting`].
pub(crate) fn wait(
    names: &WaitingNames,
    player: PlayerId,
    name: NewName,
    now: Timestamp,
) -> oneshot::Receiver<Result<Named>> {
    let (answer, answered) = oneshot::channel();
    names.lock().push(Wish { player, name, now, answer });
    answered
}

/// What became of a wish.
pub(crate) async fn answer(answered: oneshot::Receiver<Result<Named>>) -> Result<Named> {
    answered.await.unwrap_or_else(|_| Err(given_up()))
}

/// A panic in somebody else's turn, which was reported where it happened.
fn given_up() -> StoreError {
    StoreError::Failed("the work on the database broke off".into())
}

/// Gives the names that wait, as far as they are not too many for one transaction.
pub(crate) fn give_waiting(connection: &mut Connection, feed: &Feed, names: &WaitingNames) {
    let wishes: Vec<Wish> = {
        let mut names = names.lock();
        let count = names.len().min(TOGETHER_MAX);
        names.drain(..count).collect()
    };
    if wishes.is_empty() {
        return;
    }
    let outcomes = match give(connection, feed, &wishes) {
        Ok(outcomes) => outcomes,
        // What stopped one must not stop the others: each by itself, and told by itself.
        Err(_) if wishes.len() > 1 => wishes
            .iter()
            .map(|wish| alone(give(connection, feed, std::slice::from_ref(wish))))
            .collect(),
        Err(error) => vec![Err(error)],
    };
    for (wish, outcome) in wishes.into_iter().zip(outcomes) {
        // Who no longer waits has lost interest in the answer, not in the name.
        let _ = wish.answer.send(outcome);
    }
}

/// Gives names in one transaction. Fails if any of it fails, but for names of players who were erased or
/// moved, of whom nothing is written.
fn give(connection: &mut Connection, feed: &Feed, wishes: &[Wish]) -> Result<Vec<Result<Named>>> {
    let tx = feed.begin(connection)?;
    let mut outcomes = Vec::with_capacity(wishes.len());
    for Wish { player, name, now, .. } in wishes {
        outcomes.push(match give_name(&tx, player, name.clone(), *now) {
            Err(gone @ (StoreError::Erased | StoreError::Moved)) => Err(gone),
            outcome => Ok(outcome?),
        });
    }
    tx.commit()?;
    Ok(outcomes)
}

fn alone(given: Result<Vec<Result<Named>>>) -> Result<Named> {
    given.and_then(|mut outcomes| outcomes.pop().unwrap_or_else(|| Err(given_up())))
}

/// Names a player, unless the name cannot be given.
pub(crate) fn give_name(
    tx: &Telling<'_>,
    player: &PlayerId,
    name: NewName,
    now: Timestamp,
) -> Result<Named> {
    refuse_gone(tx, player)?;
    let is_blocked: bool = only(tx, sql!("player/is_blocked"), [&name.skeleton])?;
    let is_taken: bool =
        only(tx, sql!("player/has_other"), params![name.skeleton, player.as_str()])?;
    let named = name.judge(is_blocked, is_taken);
    if named == Named::Given {
        put_name(tx, player, name, now)?;
    }
    Ok(named)
}

/// Names a player, and tells it.
pub(crate) fn put_name(
    tx: &Telling<'_>,
    player: &PlayerId,
    NewName { nickname, skeleton, .. }: NewName,
    now: Timestamp,
) -> Result<()> {
    let values = params![player.as_str(), nickname, now.as_ms(), skeleton, RESEMBLING_RULES];
    let version: Version = only(tx, sql!("player/name"), values)?;
    tx.tell([Change::Name(PlayerName { player: player.clone(), nickname, version })]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use scoreline_core::feed::Heard;
    use scoreline_core::store::PlayerStore;

    use super::*;
    use crate::{Access, SqliteStore};

    fn wish(
        store: &Arc<SqliteStore>,
        no: usize,
        name: &str,
    ) -> impl Future<Output = Named> + use<> {
        let (store, name) = (Arc::clone(store), NewName::of(name.to_owned(), true));
        let player = PlayerId::from_stored(&format!("p{no}"));
        async move { store.name(player, name, Timestamp::EPOCH).await.expect("an answer") }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn names_that_wait_for_the_same_turn_share_a_commit() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("names.db");
        let store = Arc::new(SqliteStore::open(&path, Access::ReadWrite).expect("a store"));
        let start = store.feed.end();
        let ((begun, is_busy), (go_on, wait)) =
            (oneshot::channel(), std::sync::mpsc::channel::<()>());
        let occupant = Arc::clone(&store);
        let busy = tokio::spawn(async move {
            let occupied = occupant.write(move |_| {
                begun.send(()).expect("the test waits");
                // Ends when the other end is dropped.
                let _ = wait.recv();
                Ok(())
            });
            occupied.await
        });
        is_busy.await.expect("the connection is busy");
        let names = ["Ann", "Bob", "ann", "Cid"];
        let wishes: Vec<_> = names
            .into_iter()
            .enumerate()
            .map(|(no, name)| tokio::spawn(wish(&store, no, name)))
            .collect();
        let all_wait = async {
            while store.names.lock().len() < names.len() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), all_wait).await.expect("all wait");
        drop(go_on);
        busy.await.expect("no panic").expect("done");
        let mut given = Vec::new();
        for wish in wishes {
            given.push(wish.await.expect("no panic"));
        }
        // Of two who want the same, whoever came first has it.
        assert_eq!(given.iter().filter(|one| **one == Named::Given).count(), 3, "{given:?}");
        assert_eq!(given.iter().filter(|one| **one == Named::Taken).count(), 1, "{given:?}");
        let Heard::Commits { commits, .. } = store.feed.after(&start) else { panic!("lost") };
        let told: Vec<usize> = commits.iter().map(|commit| commit.changes.len()).collect();
        assert_eq!(told, [3], "one commit, with all names that were given");
    }
}

//! The change feed within the process: a list of the last commits, which the connection that writes
//! lengthens as soon as it has committed.
//!
//! Whoever reads it lives in this process, and so dies with it. Transactions that change what is told
//! are begun by [`Feed::begin`], so that none is committed and not told.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::Arc;

use parking_lot::Mutex;
use rusqlite::{Connection, Transaction};
use scoreline_core::feed::{Change, Commit, CommitNo, Heard, Position};
use scoreline_core::limits::FEED_CHANGES_MAX;
use scoreline_core::store::{Result, StoreError};
use tokio::sync::watch;
use uuid::Uuid;

use crate::error::translate;
use crate::statement::begin;

/// The feed of one open store. Clones share it.
#[derive(Clone)]
pub(crate) struct Feed {
    /// Tells positions of this feed from those of another process.
    run: Uuid,
    last: Arc<Mutex<Last>>,
    /// The number of the next commit.
    next: Arc<watch::Sender<u64>>,
}

/// The last commits, in their order, without a gap.
#[derive(Default)]
struct Last {
    commits: VecDeque<Commit>,
    /// The changes of all of them.
    changes: usize,
}

impl Default for Feed {
    #[expect(clippy::disallowed_methods, reason = "any number will do that no other process has")]
    fn default() -> Self {
        let next = Arc::new(watch::Sender::new(1));
        Self { run: Uuid::now_v7(), last: Arc::default(), next }
    }
}

impl Feed {
    /// Begins a transaction that changes what is told. Dropping it before its commit takes everything
    /// back.
    pub fn begin<'t>(&'t self, connection: &'t mut Connection) -> Result<Telling<'t>> {
        Ok(Telling { tx: begin(connection)?, feed: self, changes: RefCell::default() })
    }

    /// The position after everything that was told so far.
    pub fn end(&self) -> Position {
        self.position(*self.next.borrow())
    }

    /// Answers when the end is elsewhere than at a position.
    pub async fn rings(&self, position: &Position) {
        let from = self.first_after(position);
        // The sender lives as long as this.
        let _ = self.next.subscribe().wait_for(|next| Some(*next) != from).await;
    }

    fn position(&self, next: u64) -> Position {
        Position(format!("{}:{next}", self.run).into())
    }

    /// The number of the first commit after a position; `None` for one of another process.
    fn first_after(&self, position: &Position) -> Option<u64> {
        let (run, next) = position.0.split_once(':')?;
        if run.parse() == Ok(self.run) { next.parse().ok() } else { None }
    }

    /// Tells of a commit. Only the connection that writes does, so that the order is that of commits.
    fn append(&self, changes: Arc<[Change]>) -> Commit {
        let mut last = self.last.lock();
        let no = *self.next.borrow();
        let commit = Commit { no: CommitNo(no), changes };
        last.changes += commit.changes.len();
        last.commits.push_back(commit.clone());
        while last.changes > FEED_CHANGES_MAX && last.commits.len() > 1 {
            let gone = last.commits.pop_front().expect("there is more than one");
            last.changes -= gone.changes.len();
        }
        self.next.send_replace(no + 1);
        commit
    }

    /// Nobody can tell whether a transaction was committed: all who follow load anew.
    fn lose_thread(&self) {
        let mut last = self.last.lock();
        *last = Last::default();
        self.next.send_modify(|next| *next += 1);
    }

    /// What was told after a position.
    pub fn after(&self, position: &Position) -> Heard {
        let Some(from) = self.first_after(position) else { return Heard::Lost };
        let last = self.last.lock();
        let next = *self.next.borrow();
        let first = last.commits.front().map_or(next, |commit| commit.no.0);
        if from < first || from > next {
            return Heard::Lost;
        }
        let passed = usize::try_from(from - first).expect("no more than are kept");
        let commits = last.commits.iter().skip(passed).cloned().collect();
        Heard::Commits { commits, position: self.position(next) }
    }
}

/// A transaction that changes what is told.
pub(crate) struct Telling<'t> {
    tx: Transaction<'t>,
    feed: &'t Feed,
    changes: RefCell<Vec<Change>>,
}

impl Telling<'_> {
    /// Notes changes, to be told once they are committed.
    pub fn tell(&self, changes: impl IntoIterator<Item = Change>) {
        self.changes.borrow_mut().extend(changes);
    }

    /// Makes everything durable, and tells it. Answers what is told, if there is anything.
    pub fn commit(self) -> Result<Option<Commit>> {
        let Self { tx, feed, changes } = self;
        match tx.commit().map_err(translate) {
            Ok(()) => {}
            // Nothing was written.
            Err(error @ (StoreError::DiskFull | StoreError::Busy(_) | StoreError::Refused(_))) => {
                return Err(error);
            }
            Err(error) => {
                feed.lose_thread();
                return Err(error);
            }
        }
        let changes = changes.into_inner();
        Ok((!changes.is_empty()).then(|| feed.append(changes.into())))
    }
}

impl Deref for Telling<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.tx
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(count: usize) -> Arc<[Change]> {
        (0..count).map(|_| Change::Plan { version: 1 }).collect()
    }

    #[test]
    fn a_reader_that_is_too_slow_for_what_is_kept_has_lost_the_thread() {
        let feed = Feed::default();
        let start = feed.position(1);
        feed.append(changes(FEED_CHANGES_MAX / 2));
        let later = feed.position(2);
        feed.append(changes(FEED_CHANGES_MAX / 2));
        assert!(matches!(feed.after(&start), Heard::Commits { commits, .. } if commits.len() == 2));
        feed.append(changes(1));
        assert_eq!(feed.after(&start), Heard::Lost);
        assert!(matches!(feed.after(&later), Heard::Commits { commits, .. } if commits.len() == 2));
    }

    #[test]
    fn one_commit_is_kept_however_large_it_is() {
        let feed = Feed::default();
        let start = feed.position(1);
        feed.append(changes(3 * FEED_CHANGES_MAX));
        assert!(matches!(feed.after(&start), Heard::Commits { commits, .. } if commits.len() == 1));
    }

    #[test]
    fn a_position_of_another_process_and_a_commit_in_doubt_lose_the_thread() {
        let feed = Feed::default();
        assert_eq!(feed.after(&Feed::default().position(1)), Heard::Lost);
        assert_eq!(feed.after(&feed.position(2)), Heard::Lost);
        let start = feed.position(1);
        feed.lose_thread();
        assert_eq!(feed.after(&start), Heard::Lost);
        assert!(matches!(feed.after(&feed.position(2)), Heard::Commits { .. }));
    }
}

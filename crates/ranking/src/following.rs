//! How far a node has followed the change feed, and how old its answers are.

use std::time::Duration;

use parking_lot::Mutex;
use rustc_hash::FxHashSet;
use scoreline_core::feed::{CommitNo, Position};
use scoreline_core::limits::FEED_POLL_MS;
use tokio::sync::watch;
use tokio::time::Instant;

/// How long after the feed was last heard an answer counts as present: twice the time between two looks.
const PRESENT_MS: i64 = 2 * FEED_POLL_MS.cast_signed();
/// Commits of this node that are remembered until the feed tells of them. Of those beyond, the boards
/// take over what they hold already, which only costs time.
const PUBLISHED_MAX: usize = 4_096;

/// How far this node has followed the feed.
#[derive(Default)]
pub struct Following {
    /// Where to read on; `None` where all is to be loaded. Held while the feed is read.
    pub position: tokio::sync::Mutex<Option<Position>>,
    /// When what was last read was present.
    heard_at: Mutex<Option<Instant>>,
    /// Commits of this node that its boards show and the feed has not told of.
    published: Mutex<FxHashSet<CommitNo>>,
    /// Grows whenever the plan may have changed.
    plan_changes: watch::Sender<u64>,
}

impl Following {
    /// Notes that all that was committed before `at` is heard.
    pub fn note_heard(&self, at: Instant) {
        *self.heard_at.lock() = Some(at);
    }

    /// Milliseconds since the boards were exact, at most; 0 while the feed is heard.
    pub fn age_ms(&self) -> i64 {
        let heard_at = *self.heard_at.lock();
        let age = heard_at.map_or(Duration::ZERO, |at| at.elapsed());
        let age_ms = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
        if age_ms <= PRESENT_MS { 0 } else { age_ms }
    }

    /// Notes that the boards show a commit already.
    pub fn note_published(&self, commit: CommitNo) {
        let mut published = self.published.lock();
        if published.len() < PUBLISHED_MAX {
            published.insert(commit);
        }
    }

    /// Whether the boards show a commit that the feed tells of. It is told once.
    pub fn take_published(&self, commit: CommitNo) -> bool {
        self.published.lock().remove(&commit)
    }

    /// Forgets what was published: the feed does not tell of it any more.
    pub fn forget_published(&self) {
        self.published.lock().clear();
    }

    /// Notes that the plan may have changed.
    pub fn note_plan_change(&self) {
        self.plan_changes.send_modify(|changes| *changes += 1);
    }

    /// Tells when the plan may have changed: the value grows.
    pub fn plan_changes(&self) -> watch::Receiver<u64> {
        self.plan_changes.subscribe()
    }
}

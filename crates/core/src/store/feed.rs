//! The change feed of a store: everything that its transactions changed, for whoever holds a copy.

use async_trait::async_trait;

use super::Result;
use crate::feed::{Heard, Position};

/// Tells what was committed.
///
/// Every transaction that changes what a node may hold a copy of writes its changes within itself. A
/// reader takes a position, loads what it holds, and then reads what came after the position, again
/// and again. It hears of each such commit exactly once, whatever the order of the commits, or is told
/// that it has lost the thread.
#[async_trait]
pub trait FeedStore: Send + Sync + 'static {
    /// The present position: whatever is committed from now on comes after it, and who reads the
    /// database from now on sees all that was committed before it.
    async fn position(&self) -> Result<Position>;

    /// What was committed after a position.
    async fn changes_after(&self, position: &Position) -> Result<Heard>;

    /// Answers when something may have been committed after a position, soon after it was; at the
    /// latest after [`crate::limits::FEED_POLL_MS`], whether or not there was anything.
    async fn listen(&self, position: &Position);

    /// Forgets changes that are older than [`crate::limits::FEED_KEPT_MS`]. Call it every minute or so.
    async fn prune_feed(&self) -> Result<()>;
}

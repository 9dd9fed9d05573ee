//! The change feed, for readers in this process. What writes it is in `telling`.

use std::time::Duration;

use async_trait::async_trait;
use scoreline_core::feed::{Heard, Position};
use scoreline_core::limits::FEED_POLL_MS;
use scoreline_core::store::{FeedStore, Result};

use crate::store::SqliteStore;

#[async_trait]
impl FeedStore for SqliteStore {
    async fn position(&self) -> Result<Position> {
        let feed = self.feed.clone();
        match &self.writer {
            // On the connection that writes: nothing is committed there and not told yet.
            Some(_) => self.write(move |_| Ok(feed.end())).await,
            None => Ok(feed.end()),
        }
    }

    async fn changes_after(&self, position: &Position) -> Result<Heard> {
        Ok(self.feed.after(position))
    }

    async fn listen(&self, position: &Position) {
        // Whether it rang or not, the reader looks.
        let longest = Duration::from_millis(FEED_POLL_MS);
        let _ = tokio::time::timeout(longest, self.feed.rings(position)).await;
    }

    /// Old commits make room for new ones by themselves.
    async fn prune_feed(&self) -> Result<()> {
        Ok(())
    }
}

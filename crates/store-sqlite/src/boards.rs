//! Board entries, in no order of ranks.

use async_trait::async_trait;
use rusqlite::params;
use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::rank::{Entry, PlayerEntry};
use scoreline_core::store::{BoardStore, Result};

use crate::statement::{first, limit, list, sql};
use crate::store::SqliteStore;

#[async_trait]
impl BoardStore for SqliteStore {
    async fn entries(&self, board: BoardKey, players: Vec<PlayerId>) -> Result<Vec<Option<Entry>>> {
        self.glance(players.len(), move |connection| {
            let find = |player: &PlayerId| {
                let key = params![board.slot.0, board.period.as_ms(), player.as_str()];
                first(connection, sql!("board/entry"), key)
            };
            players.iter().map(find).collect()
        })
        .await
    }

    async fn board_page(
        &self,
        board: BoardKey,
        after: Option<PlayerId>,
        rows: usize,
    ) -> Result<Vec<PlayerEntry>> {
        self.read(move |connection| {
            // No id is empty, so the empty text stands before all of them.
            let after = after.as_ref().map_or("", PlayerId::as_str);
            let values = params![board.slot.0, board.period.as_ms(), after, limit(rows)];
            list(connection, sql!("board/page"), values)
        })
        .await
    }
}

//! Board entries, in no order of ranks.

use std::collections::HashMap;

use async_trait::async_trait;
use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::rank::{Entry, PlayerEntry};
use scoreline_core::store::values::limit;
use scoreline_core::store::{BoardStore, Result};

use crate::rows;
use crate::session::sql;
use crate::store::PostgresStore;
use crate::value::values;

#[async_trait]
impl BoardStore for PostgresStore {
    async fn entries(&self, board: BoardKey, players: Vec<PlayerId>) -> Result<Vec<Option<Entry>>> {
        self.read(move |session| async move {
            let ids: Vec<&str> = players.iter().map(PlayerId::as_str).collect();
            let values = values![board.slot.0, board.period.as_ms(), ids];
            let found: Vec<PlayerEntry> =
                session.list(sql!("board/entries"), values, rows::read).await?;
            let found: HashMap<PlayerId, Entry> =
                found.into_iter().map(|one| (one.player, one.entry)).collect();
            Ok(players.iter().map(|player| found.get(player).copied()).collect())
        })
        .await
    }

    async fn board_page(
        &self,
        board: BoardKey,
        after: Option<PlayerId>,
        rows: usize,
    ) -> Result<Vec<PlayerEntry>> {
        self.read(move |session| async move {
            // No id is empty, so the empty text stands before all of them.
            let after = after.as_ref().map_or("", PlayerId::as_str);
            let values = values![board.slot.0, board.period.as_ms(), after, limit(rows)];
            session.list(sql!("board/page"), values, rows::read).await
        })
        .await
    }
}

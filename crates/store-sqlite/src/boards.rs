//! Board entries, in no order of ranks.

use async_trait::async_trait;
use rusqlite::params;
use scoreline_core::id::{BoardKey, PlayerId, Slot};
use scoreline_core::rank::{Entry, PlayerEntry};
use scoreline_core::store::{BoardStore, Result};
use scoreline_core::time::Timestamp;

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

    async fn entries_of(
        &self,
        player: PlayerId,
        slots: Vec<Slot>,
    ) -> Result<Vec<(BoardKey, Entry)>> {
        self.read(move |connection| {
            let slots: Vec<i64> = slots.into_iter().map(|slot| slot.0).collect();
            let slots = serde_json::to_string(&slots).expect("numbers are plain data");
            list(connection, sql!("board/entries_of"), params![slots, player.as_str()])
        })
        .await
    }

    async fn periods(&self, slot: Slot, rows: usize) -> Result<Vec<Timestamp>> {
        self.read(move |connection| list(connection, sql!("board/periods"), [slot.0, limit(rows)]))
            .await
    }
}

//! Board entries, in no order of ranks: nodes rank them in memory.

use async_trait::async_trait;

use super::Result;
use super::asking::{self, AskStore, Question};
use super::values::{limit, values};
use crate::id::{BoardKey, PlayerId, Slot};
use crate::rank::{Entry, PlayerEntry};
use crate::time::Timestamp;

/// Board entries.
#[async_trait]
pub trait BoardStore: AskStore {
    /// The entries of these players, in their order; `None` for who has none that counts an event.
    async fn entries(&self, board: BoardKey, players: Vec<PlayerId>) -> Result<Vec<Option<Entry>>>;

    /// The entries of a board in the order of the players' ids, those among them that count no event any
    /// more, after `after`, at most `limit`. Reading
    /// on with the last player of each page visits everybody once.
    async fn board_page(
        &self,
        board: BoardKey,
        after: Option<PlayerId>,
        limit: usize,
    ) -> Result<Vec<PlayerEntry>>;

    /// The entries of one player in these slots that count an event, in the order of boards.
    async fn entries_of(
        &self,
        player: PlayerId,
        slots: Vec<Slot>,
    ) -> Result<Vec<(BoardKey, Entry)>> {
        let slots: Vec<i64> = slots.into_iter().map(|slot| slot.0).collect();
        asking::list(self, Question::EntriesOf, values![slots, &player]).await
    }

    /// The starts of the periods that have entries, newest first, at most `rows`.
    async fn periods(&self, slot: Slot, rows: usize) -> Result<Vec<Timestamp>> {
        asking::list(self, Question::Periods, values![slot.0, limit(rows)]).await
    }
}

//! Board entries, in no order of ranks: nodes rank them in memory.

use async_trait::async_trait;

use super::Result;
use crate::id::{BoardKey, PlayerId, Slot};
use crate::rank::{Entry, PlayerEntry};
use crate::time::Timestamp;

/// Board entries.
#[async_trait]
pub trait BoardStore: Send + Sync + 'static {
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
    ) -> Result<Vec<(BoardKey, Entry)>>;

    /// The starts of the periods that have entries, newest first, at most `limit`.
    async fn periods(&self, slot: Slot, limit: usize) -> Result<Vec<Timestamp>>;
}

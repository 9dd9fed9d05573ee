//! Board entries as the store has them: what answers show beside a rank, and what ranks are built
//! from.

use async_trait::async_trait;

use super::Result;
use crate::id::{BoardKey, PlayerId, Slot};
use crate::limits::BOARD_SUMS_MAX;
use crate::rank::{Contender, PlayerStanding, Standing, Version};
use crate::time::Timestamp;

/// A player's entry on a board.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The player.
    pub player: PlayerId,
    /// The points and when they were reached.
    pub standing: Standing,
    /// How many events counted. See [`Entry::version`].
    pub attempts: i64,
    /// The time of the last event that counted.
    pub last_at: Timestamp,
    /// The sums beside the score, in the order of the definition.
    pub sums: [i64; BOARD_SUMS_MAX],
    /// The player's nickname, if they set one.
    pub nickname: Option<String>,
}

impl Entry {
    /// Which change of the entry this is.
    pub fn version(&self) -> Version {
        Version(self.attempts)
    }
}

/// Board entries. They are read in the order of a board only while the rank index is out of reach.
#[async_trait]
pub trait BoardStore: Send + Sync + 'static {
    /// The entries of these players, in their order; `None` for who is not on the board.
    async fn entries(&self, board: BoardKey, players: Vec<PlayerId>) -> Result<Vec<Option<Entry>>>;

    /// Standings of a board in the order of the players' ids, after `after`, at most `limit`. Reading
    /// on with the last player of each page visits everybody once.
    async fn standings(
        &self,
        board: BoardKey,
        after: Option<PlayerId>,
        limit: usize,
    ) -> Result<Vec<PlayerStanding>>;

    /// The starts of the periods that have entries, newest first, at most `limit`.
    async fn periods(&self, slot: Slot, limit: usize) -> Result<Vec<Timestamp>>;

    /// Every `every`-th place of a board, from the first on, all as of one moment. The board is walked
    /// through once.
    async fn steps(&self, board: BoardKey, every: usize) -> Result<Vec<Contender>>;

    /// The contenders of a board from `from` on, itself included (from the top, if there is none): of
    /// them, `limit` after the first `skipped`, best first.
    async fn range(
        &self,
        board: BoardKey,
        from: Option<Contender>,
        skipped: u64,
        limit: usize,
    ) -> Result<Vec<Contender>>;

    /// The last `limit` contenders before `before`, the nearest first.
    async fn range_before(
        &self,
        board: BoardKey,
        before: Contender,
        limit: usize,
    ) -> Result<Vec<Contender>>;

    /// How many contenders there are from the first of each pair on (from the top, if there is none)
    /// and before the second, which does not stand before the first.
    async fn count_between(
        &self,
        board: BoardKey,
        spans: Vec<(Option<Contender>, Contender)>,
    ) -> Result<Vec<u64>>;
}

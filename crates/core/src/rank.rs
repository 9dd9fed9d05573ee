//! The rank index: who stands where on a board.
//!
//! It is a projection of the store: written after the commit with the store's absolute values,
//! rebuilt from the store whenever it is missing, and never the truth. It ranks by points (more is
//! better, see [`crate::game::Order::points`]), then by who reached them first, then by player id,
//! so that the order is total and a late-comer never overtakes on a tie.
//!
//! Standings carry the [`Version`] of their entry, so that any number of writers on any number of
//! nodes may publish their commits in any order: what is newer stays.

use std::cmp::Reverse;

use async_trait::async_trait;

use crate::error::ErrorKind;
use crate::id::{BoardKey, PlayerId};
use crate::time::Timestamp;

/// What a player has reached on a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The score as points: more is better.
    pub points: i64,
    /// When they were reached.
    pub reached_at: Timestamp,
}

/// A player at their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub rank: u64,
    /// Who stands there.
    pub player: PlayerId,
    /// What they have reached.
    pub standing: Standing,
}

/// A player with what they have reached. In the order of a board: the best is the least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contender {
    /// What they have reached.
    pub standing: Standing,
    /// Who they are.
    pub player: PlayerId,
}

impl Contender {
    fn order(&self) -> (Reverse<i64>, Timestamp, &PlayerId) {
        (Reverse(self.standing.points), self.standing.reached_at, &self.player)
    }
}

impl Ord for Contender {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}

impl PartialOrd for Contender {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Which change of an entry a standing comes from: how many events the entry counted by then.
///
/// Every event that counts raises it, whatever the operator and whether or not the points change.
/// The store changes an entry in one transaction at a time, so of two standings of a player on one
/// [`BoardKey`] the greater version was committed later, and equal versions are the same change. A
/// slot that is filled anew is another board; baselines and sealed boards never publish a lower one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub i64);

/// The standing of a player on the board that the caller already holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlayerStanding {
    /// The player.
    pub player: PlayerId,
    /// What they have reached.
    pub standing: Standing,
    /// As of which change.
    pub version: Version,
}

/// The standing of one player on one board, as the store had it after a commit. Nobody leaves a
/// board by an update: a player who is removed is removed from the store, and the board is loaded
/// again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The board and period.
    pub board: BoardKey,
    /// The player.
    pub player: PlayerId,
    /// What they have reached.
    pub standing: Standing,
    /// As of which change.
    pub version: Version,
}

/// Why the index could not answer.
#[derive(Debug, thiserror::Error)]
pub enum RankError {
    /// The board was never loaded, or its data is gone: load it from the store and ask again.
    #[error("the rank index does not hold this board")]
    NotLoaded,
    /// The index is out of reach.
    #[error("the rank index cannot be reached: {0}")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl RankError {
    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotLoaded => ErrorKind::Busy,
            Self::Unreachable(_) => ErrorKind::Broken,
        }
    }
}

/// Ranks of any number of boards. Every implementation passes the same conformance suite.
#[async_trait]
pub trait RankIndex: Send + Sync + 'static {
    /// Announces that a board is about to be read from the store: updates of it that come from now
    /// on are kept until [`RankIndex::finish_load`]. It does not count as loaded by that; one that
    /// is loaded already stays so. Announcing it again goes on with the updates that were kept, and
    /// forgets the parts that were loaded.
    async fn begin_load(&self, board: BoardKey) -> Result<(), RankError>;

    /// Takes in a part of what the store held at some moment after [`RankIndex::begin_load`]; parts
    /// may be of different moments. Answers [`RankError::NotLoaded`] and changes nothing if no
    /// announcement stands, because updates may have been missed: it was unloaded meanwhile, or more
    /// came than are kept.
    async fn load_part(&self, board: BoardKey, part: Vec<PlayerStanding>) -> Result<(), RankError>;

    /// Replaces all that is known of a board by its parts, then takes over the updates kept since
    /// the announcement as far as they are newer. From then on the board is loaded. Answers
    /// [`RankError::NotLoaded`] and changes nothing if no announcement stands.
    async fn finish_load(&self, board: BoardKey) -> Result<(), RankError>;

    /// Loads a board that was announced all at once.
    async fn load(&self, board: BoardKey, standings: Vec<PlayerStanding>) -> Result<(), RankError> {
        self.load_part(board, standings).await?;
        self.finish_load(board).await
    }

    /// Forgets a board and its announcement.
    async fn unload(&self, board: BoardKey) -> Result<(), RankError>;

    /// The boards that are loaded, with how many players each holds.
    async fn loaded(&self) -> Result<Vec<(BoardKey, u64)>, RankError>;

    /// Takes over absolute standings, but none whose version is lower than the one it holds for that
    /// player: writers may call it in any order. Boards that are neither loaded nor announced are
    /// passed over.
    async fn set(&self, updates: &[Update]) -> Result<(), RankError>;

    /// The places of several players, in their order; `None` for who is not on the board.
    async fn places(
        &self,
        board: BoardKey,
        players: &[PlayerId],
    ) -> Result<Vec<Option<Place>>, RankError>;

    /// `limit` places from the `offset`-th on, best first.
    async fn range(
        &self,
        board: BoardKey,
        offset: u64,
        limit: usize,
    ) -> Result<Vec<Place>, RankError>;

    /// A player's place with up to `neighbours` places on both sides, best first; empty if the
    /// player is not on the board.
    async fn around(
        &self,
        board: BoardKey,
        player: &PlayerId,
        neighbours: usize,
    ) -> Result<Vec<Place>, RankError>;

    /// How many players the board holds.
    async fn len(&self, board: BoardKey) -> Result<u64, RankError>;

    /// Whether the index misses something that this node could not tell it, because it was out of
    /// reach. Then it is outdated for all who share it, though they may reach it.
    fn is_behind(&self) -> bool {
        false
    }

    /// Whether it lies outside this process, so that all nodes share it and it outlives them.
    fn is_shared(&self) -> bool {
        false
    }
}

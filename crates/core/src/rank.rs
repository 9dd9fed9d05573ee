//! The rank index: who stands where on a board.
//!
//! It is a projection of the store: written after the commit with the store's absolute values,
//! rebuilt from the store whenever it is missing, and never the truth. It ranks by points (more is
//! better, see [`crate::game::Order::points`]), then by who reached them first, then by player id,
//! so that the order is total and a late-comer never overtakes on a tie.
//!
//! Standings carry the [`Version`] of their entry, so that any number of writers on any number of
//! nodes may publish their commits in any order: what is newer stays.

mod compare;
mod stairs;

use std::cmp::Reverse;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_lock::Mutex;
use async_trait::async_trait;
use futures_util::TryFutureExt;
use futures_util::future::try_join;
use rustc_hash::FxHashSet;

use crate::error::ErrorKind;
use crate::id::{BoardKey, PlayerId};
use crate::limits::{RANK_MISSING_BOARDS_MAX, STANDINGS_READ};
use crate::store::{BoardStore, Store, StoreError};
use crate::time::{Clock, Timestamp};
use stairs::locked;

pub use compare::{Comparison, Difference, compare};
use stairs::StoreRanks;

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

/// An answer about ranks, with how old it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aged<T> {
    /// The answer.
    pub answer: T,
    /// Milliseconds since it was right, at most; 0 from the index.
    pub age_ms: i64,
}

/// Which change of an entry a standing comes from: how many events the entry counted by then.
///
/// Every event that counts raises it, whatever the operator and whether or not the points change.
/// The store changes an entry in one transaction at a time, so of two standings of a player on one
/// [`BoardKey`] the greater version was committed later, and equal versions are the same change. A
/// slot that is filled anew is another board; baselines and sealed boards never publish a lower one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub i64);

/// A player's standing on a board that goes without saying.
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
/// board: who is to be gone is gone from the store, and the board is loaded again.
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

/// Ranks for readers: the index, and the store itself while that is out of reach. A board that the
/// index does not hold is loaded from the store on demand. With an index in this process, who asks for
/// it waits; one outside is filled in seconds to minutes, and the store answers until it is.
pub struct Ranks {
    index: Arc<dyn RankIndex>,
    store: Arc<dyn Store>,
    /// What answers while the index is away.
    fallback: StoreRanks,
    /// Whether the index misses what another node has committed.
    misses_others: AtomicBool,
    /// Held while a board is read from the store, so that a crowd asking for a cold board reads it
    /// once. Several, by slot, so that a large board does not hold up all the others.
    loading: [Mutex<()>; 8],
    /// The boards that were asked for since [`Ranks::take_asked`].
    asked: std::sync::Mutex<FxHashSet<BoardKey>>,
    /// The boards that were asked for and that the index lacks, until [`Ranks::load_missing`].
    missing: std::sync::Mutex<FxHashSet<BoardKey>>,
}

/// Another node has committed what the index was not told.
#[derive(Debug, thiserror::Error)]
#[error("another node could not tell it what it has committed")]
struct MissesOthers;

/// Why a rank could not be told.
#[derive(Debug, thiserror::Error)]
pub enum RanksError {
    /// The index failed.
    #[error(transparent)]
    Index(#[from] RankError),
    /// The store failed while a board was read from it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl RanksError {
    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Index(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
}

impl Ranks {
    /// Ranks out of `index`, filled from `store`.
    pub fn new(index: Arc<dyn RankIndex>, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        let fallback = StoreRanks::new(Arc::clone(&store) as Arc<dyn BoardStore>, clock);
        Self {
            index,
            store,
            fallback,
            misses_others: AtomicBool::new(false),
            loading: std::array::from_fn(|_| Mutex::new(())),
            asked: std::sync::Mutex::default(),
            missing: std::sync::Mutex::default(),
        }
    }

    /// Takes in whether the index misses what another node has committed. While it does, the store
    /// answers, as if the index were out of reach. Answers whether that is news.
    pub fn set_misses_others(&self, misses: bool) -> bool {
        self.misses_others.swap(misses, Ordering::AcqRel) != misses
    }

    /// Whether the index misses what another node has committed.
    pub fn misses_others(&self) -> bool {
        self.misses_others.load(Ordering::Acquire)
    }

    /// Reads every board that is loaded from the store again. Readers have what there is meanwhile.
    pub async fn reload_all(&self) -> Result<(), RanksError> {
        for (board, _) in self.index.loaded().await? {
            let _guard = self.loading[self.part_of(board)].lock().await;
            self.reload(board).await?;
        }
        Ok(())
    }

    /// The index itself.
    pub fn index(&self) -> &Arc<dyn RankIndex> {
        &self.index
    }

    /// The boards that readers asked for since the last call. Who looks after the index forgets
    /// the others after a while.
    pub fn take_asked(&self) -> FxHashSet<BoardKey> {
        std::mem::take(&mut *locked(&self.asked))
    }

    /// Loads the boards that readers asked for and were told of by the store. Who looks after the index
    /// calls it again and again. One that fails does not hold up the others, and stays missing.
    pub async fn load_missing(&self) -> Result<(), RanksError> {
        let missing = std::mem::take(&mut *locked(&self.missing));
        let mut outcome = Ok(());
        for board in missing {
            let loaded = self.ensure(board).await;
            if loaded.is_err() {
                self.note_missing(board);
            }
            outcome = outcome.and(loaded);
        }
        outcome
    }

    /// Makes sure that a board is loaded.
    pub async fn ensure(&self, board: BoardKey) -> Result<(), RanksError> {
        let _guard = self.loading[self.part_of(board)].lock().await;
        match self.index.len(board).await {
            Err(RankError::NotLoaded) => self.reload(board).await,
            Err(error) => Err(error.into()),
            Ok(_) => Ok(()),
        }
    }

    fn part_of(&self, board: BoardKey) -> usize {
        let part = board.slot.0.unsigned_abs() % self.loading.len() as u64;
        usize::try_from(part).unwrap_or(0)
    }

    /// The places of several players, in their order; `None` for who is not on the board.
    pub async fn places(
        &self,
        board: BoardKey,
        players: &[PlayerId],
    ) -> Result<Aged<Vec<Option<Place>>>, RanksError> {
        let indexed = self.indexed(board, || self.index.places(board, players));
        self.or_from_store(indexed, || self.fallback.places(board, players)).await
    }

    /// `limit` places from the `offset`-th on, best first.
    pub async fn range(
        &self,
        board: BoardKey,
        offset: u64,
        limit: usize,
    ) -> Result<Aged<Vec<Place>>, RanksError> {
        let indexed = self.indexed(board, || self.index.range(board, offset, limit));
        self.or_from_store(indexed, || self.fallback.range(board, offset, limit)).await
    }

    /// A player's place with neighbours on both sides, as [`RankIndex::around`].
    pub async fn around(
        &self,
        board: BoardKey,
        player: &PlayerId,
        neighbours: usize,
    ) -> Result<Aged<Vec<Place>>, RanksError> {
        let indexed = self.indexed(board, || self.index.around(board, player, neighbours));
        self.or_from_store(indexed, || self.fallback.around(board, player, neighbours)).await
    }

    /// How many players a board holds.
    pub async fn len(&self, board: BoardKey) -> Result<Aged<u64>, RanksError> {
        let indexed = self.indexed(board, || self.index.len(board));
        self.or_from_store(indexed, || self.fallback.len(board)).await
    }

    /// What the index answers or, while it is out of reach or lacks the board, the store.
    async fn or_from_store<T, A>(
        &self,
        indexed: impl Future<Output = Result<T, RanksError>>,
        from_store: impl FnOnce() -> A,
    ) -> Result<Aged<T>, RanksError>
    where
        A: Future<Output = Result<Aged<T>, StoreError>>,
    {
        match indexed.await {
            Err(RanksError::Index(_)) => Ok(from_store().await?),
            answer => Ok(Aged { answer: answer?, age_ms: 0 }),
        }
    }

    /// Asks the index. A board that it does not hold is loaded first, or noted as missing.
    async fn indexed<T, A>(&self, board: BoardKey, ask: impl Fn() -> A) -> Result<T, RanksError>
    where
        A: Future<Output = Result<T, RankError>>,
    {
        self.note_asked(board);
        if self.misses_others() {
            return Err(RankError::Unreachable(Box::new(MissesOthers)).into());
        }
        match ask().await {
            Err(RankError::NotLoaded) if self.index.is_shared() => {
                self.note_missing(board);
                Err(RankError::NotLoaded.into())
            }
            Err(RankError::NotLoaded) => {
                self.ensure(board).await?;
                Ok(ask().await?)
            }
            answer => Ok(answer?),
        }
    }

    /// Prepares for the index to go away: what makes the store rank fast is taken out of the index for
    /// every board that it holds. If it is away already and nothing was prepared for one of the
    /// `current` boards, as after a start, the store is read. Passes over what neither can tell.
    pub async fn prepare_fallback(&self, current: impl IntoIterator<Item = BoardKey>) {
        for (board, _) in self.index.loaded().await.unwrap_or_default() {
            if self.fallback.prepare(&*self.index, board).await.is_err() {
                break;
            }
        }
        for board in current {
            if self.fallback.prepare_from_store(board).await.is_err() {
                return;
            }
        }
    }

    fn note_asked(&self, board: BoardKey) {
        locked(&self.asked).insert(board);
    }

    fn note_missing(&self, board: BoardKey) {
        let mut missing = locked(&self.missing);
        if missing.len() < RANK_MISSING_BOARDS_MAX {
            missing.insert(board);
        }
    }

    async fn reload(&self, board: BoardKey) -> Result<(), RanksError> {
        self.index.begin_load(board).await?;
        match self.read_in(board).await {
            Ok(()) => Ok(self.index.finish_load(board).await?),
            Err(error) => {
                // Nothing more is to be kept for a load that does not come.
                self.index.unload(board).await?;
                Err(error)
            }
        }
    }

    /// Reads a board from the store into the index, part by part: a board of millions never lies in
    /// memory twice. While the index takes in one part, the store reads the next.
    async fn read_in(&self, board: BoardKey) -> Result<(), RanksError> {
        let mut part = self.store.standings(board, None, STANDINGS_READ).await?;
        while part.len() == STANDINGS_READ {
            let after = part.last().map(|last| last.player.clone());
            let taken_in = self.index.load_part(board, part).map_err(RanksError::from);
            let read = self.store.standings(board, after, STANDINGS_READ).map_err(RanksError::from);
            ((), part) = try_join(taken_in, read).await?;
        }
        Ok(self.index.load_part(board, part).await?)
    }
}

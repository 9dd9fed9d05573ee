//! Ranks for readers: out of the index, and out of the store while that is away.
//!
//! A board that the index lacks is loaded from the store when somebody asks for it. A crowd that asks
//! for a cold board reads it once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::TryFutureExt;
use futures_util::future::try_join;
use parking_lot::Mutex;
use rustc_hash::FxHashSet;
use scoreline_core::error::ErrorKind;
use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::limits::{RANK_MISSING_BOARDS_MAX, STANDINGS_READ};
use scoreline_core::rank::{Place, RankError, RankIndex};
use scoreline_core::store::{BoardStore, Store, StoreError};
use scoreline_core::time::Clock;

use crate::stairs::{Aged, StoreRanks};

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
    loading: [tokio::sync::Mutex<()>; 8],
    /// The boards that were asked for since [`Ranks::take_asked`].
    asked: Mutex<FxHashSet<BoardKey>>,
    /// The boards that were asked for and that the index lacks, until [`Ranks::load_missing`].
    missing: Mutex<FxHashSet<BoardKey>>,
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
            loading: std::array::from_fn(|_| tokio::sync::Mutex::new(())),
            asked: Mutex::default(),
            missing: Mutex::default(),
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
        std::mem::take(&mut *self.asked.lock())
    }

    /// Loads the boards that readers asked for and were told of by the store. Who looks after the index
    /// calls it again and again. One that fails does not hold up the others, and stays missing.
    pub async fn load_missing(&self) -> Result<(), RanksError> {
        let missing = std::mem::take(&mut *self.missing.lock());
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
        self.asked.lock().insert(board);
    }

    fn note_missing(&self, board: BoardKey) {
        let mut missing = self.missing.lock();
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

//! Ranks in memory: the [`RankIndex`] of a single node.
//!
//! Every board is an order-statistics structure of its own (`order`) behind its own lock; player
//! ids are kept once for all boards (`players`). Batches are taken over in small steps, so that a
//! reader waits for one step and never for a batch. Nothing here is durable: what is lost is read
//! from the store again.

mod block;
mod board;
mod column;
mod compare;
mod fenwick;
mod merge;
mod order;
mod places;
mod players;
mod ranks;
mod redis;
mod stairs;

use std::sync::Arc;

use async_trait::async_trait;
use hashbrown::HashMap;
use parking_lot::{Mutex, RwLock};
use rustc_hash::FxBuildHasher;
use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::rank::{Place, PlayerStanding, RankError, RankIndex, Update};

pub use self::compare::{Comparison, Difference, compare};
pub use self::ranks::{Ranks, RanksError};
pub use self::redis::{RedisOptions, RedisRanks};
pub use self::stairs::Aged;
use board::Board;
use order::Order;
use players::Players;

/// Updates that are taken over, or players that are named or forgotten, under one lock.
const STEP: usize = 256;
/// Steps of one batch after which other tasks get their turn.
const STEPS_BEFORE_YIELD: usize = 4;

/// Ranks of any number of boards in the memory of this process. Cheap to clone; clones share it.
///
/// Must be used within a tokio runtime: loading and forgetting large boards takes a blocking thread.
#[derive(Clone, Default)]
pub struct MemoryRanks {
    shared: Arc<Shared>,
}

/// Locks are taken in this order: `boards`, then a board's own, then `players`.
#[derive(Default)]
struct Shared {
    boards: RwLock<HashMap<BoardKey, Arc<Board>, FxBuildHasher>>,
    players: RwLock<Players>,
    /// Held while a board is built, so that a start with many boards needs room for one at a time.
    building: Mutex<()>,
}

impl MemoryRanks {
    /// An index without boards.
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes allocated for boards and player ids, without the allocator's own overhead.
    pub fn heap_bytes(&self) -> usize {
        let boards: Vec<Arc<Board>> = self.shared.boards.read().values().cloned().collect();
        let boards: usize = boards.iter().map(|board| board.heap_bytes()).sum();
        boards + self.shared.players.read().heap_bytes()
    }

    /// How many different players the boards hold.
    pub fn players(&self) -> usize {
        self.shared.players.read().len()
    }

    fn board(&self, key: BoardKey) -> Result<Arc<Board>, RankError> {
        self.shared.boards.read().get(&key).cloned().ok_or(RankError::NotLoaded)
    }

    /// Runs what takes long for large boards where it holds up no other task.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> T + Send + 'static,
    ) -> Result<T, RankError> {
        let shared = Arc::clone(&self.shared);
        tokio::task::spawn_blocking(move || work(&shared))
            .await
            .map_err(|error| RankError::Unreachable(Box::new(error)))
    }
}

impl Shared {
    fn load_part(&self, key: BoardKey, part: &[PlayerStanding]) -> Result<(), RankError> {
        let board = self.boards.read().get(&key).cloned().ok_or(RankError::NotLoaded)?;
        board.load_part(part, &self.players)
    }

    fn finish_load(&self, key: BoardKey) -> Result<(), RankError> {
        let board = self.boards.read().get(&key).cloned().ok_or(RankError::NotLoaded)?;
        let _building = self.building.lock();
        board.finish_load(&self.players)
    }

    fn unload(&self, key: BoardKey) {
        let removed = self.boards.write().remove(&key);
        if let Some(board) = removed {
            board.clear(&self.players);
        }
    }
}

#[async_trait]
impl RankIndex for MemoryRanks {
    async fn begin_load(&self, board: BoardKey) -> Result<(), RankError> {
        // Announced under the lock of all boards: otherwise an unload could come between finding
        // the board and announcing the load, and the announcement would be lost with the board.
        let mut boards = self.shared.boards.write();
        boards.entry(board).or_default().announce(&self.shared.players);
        Ok(())
    }

    async fn load_part(&self, board: BoardKey, part: Vec<PlayerStanding>) -> Result<(), RankError> {
        self.aside(move |shared| shared.load_part(board, &part)).await?
    }

    async fn finish_load(&self, board: BoardKey) -> Result<(), RankError> {
        self.aside(move |shared| shared.finish_load(board)).await?
    }

    async fn unload(&self, board: BoardKey) -> Result<(), RankError> {
        self.aside(move |shared| shared.unload(board)).await
    }

    async fn loaded(&self) -> Result<Vec<(BoardKey, u64)>, RankError> {
        let boards: Vec<(BoardKey, Arc<Board>)> = {
            let boards = self.shared.boards.read();
            boards.iter().map(|(key, board)| (*key, Arc::clone(board))).collect()
        };
        let mut loaded: Vec<(BoardKey, u64)> = boards
            .into_iter()
            .filter_map(|(key, board)| board.read(Order::len).ok().map(|len| (key, len)))
            .collect();
        loaded.sort_unstable();
        Ok(loaded)
    }

    async fn set(&self, updates: &[Update]) -> Result<(), RankError> {
        let mut steps = 0;
        for of_one_board in updates.chunk_by(|a, b| a.board == b.board) {
            let Ok(board) = self.board(of_one_board[0].board) else { continue };
            for step in of_one_board.chunks(STEP) {
                board.apply(step, &self.shared.players);
                steps += 1;
                if steps % STEPS_BEFORE_YIELD == 0 {
                    tokio::task::yield_now().await;
                }
            }
        }
        Ok(())
    }

    async fn places(
        &self,
        board: BoardKey,
        players: &[PlayerId],
    ) -> Result<Vec<Option<Place>>, RankError> {
        self.board(board)?.read(|order| {
            let known = self.shared.players.read();
            let place = |player: &PlayerId| {
                let (rank, ranked) = order.find(known.find(player.as_str())?)?;
                Some(Place { rank, player: player.clone(), standing: ranked.standing })
            };
            players.iter().map(place).collect()
        })
    }

    async fn range(
        &self,
        board: BoardKey,
        offset: u64,
        limit: usize,
    ) -> Result<Vec<Place>, RankError> {
        self.board(board)?.read(|order| order.places(offset, limit, &self.shared.players.read()))
    }

    async fn around(
        &self,
        board: BoardKey,
        player: &PlayerId,
        neighbours: usize,
    ) -> Result<Vec<Place>, RankError> {
        self.board(board)?.read(|order| {
            let players = self.shared.players.read();
            let found = players.find(player.as_str()).and_then(|player| order.find(player));
            let Some((rank, _)) = found else { return Vec::new() };
            let before = (rank - 1).min(neighbours as u64);
            let limit = neighbours.saturating_add(1).saturating_add(
                usize::try_from(before).expect("at most as many as the neighbours asked for"),
            );
            order.places(rank - 1 - before, limit, &players)
        })
    }

    async fn len(&self, board: BoardKey) -> Result<u64, RankError> {
        self.board(board)?.read(Order::len)
    }
}

//! Any number of boards in the memory of this process.
//!
//! Every board is an order-statistics structure of its own (`order`) behind its own lock; players are
//! kept once for all boards (`players`). Batches are taken over in small steps, so that a reader waits
//! for one step and never for a batch. Nothing here is durable or true by itself: it is loaded from the
//! store, and told what changes there.

use std::borrow::Borrow;
use std::sync::Arc;

use hashbrown::HashMap;
use parking_lot::{Mutex, RwLock};
use rustc_hash::FxBuildHasher;
use scoreline_core::ban::PlayerBan;
use scoreline_core::fold::BoardChange;
use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::rank::{OwnPlace, Place, PlayerEntry, PlayerName, Row, Update};
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::board::{Board, NotLoaded, STEP};
use crate::order::place;
use crate::players::{PlayerNo, Players};
use crate::seats::Seats;

/// Steps of one batch after which other tasks get their turn.
const STEPS_BEFORE_YIELD: usize = 4;

/// Boards in memory. Cheap to clone; clones share them.
///
/// Must be used within a tokio runtime: loading and forgetting large boards takes a blocking thread.
#[derive(Clone, Default)]
pub struct Boards {
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

impl Boards {
    /// No boards.
    pub fn new() -> Self {
        Self::default()
    }

    /// Announces that a board is about to be read from the store: updates of it that come from now
    /// on are kept until [`Boards::finish_load`]. It does not count as loaded by that; one that is
    /// loaded already stays so. Announcing it again goes on with the updates that were kept, and
    /// forgets the parts that were loaded.
    pub fn begin_load(&self, board: BoardKey) {
        // Announced under the lock of all boards: otherwise an unload could come between finding
        // the board and announcing the load, and the announcement would be lost with the board.
        let mut boards = self.shared.boards.write();
        boards.entry(board).or_default().announce(&self.shared.players);
    }

    /// Takes in a part of what the store held at some moment after [`Boards::begin_load`]; parts may
    /// be of different moments. Fails and changes nothing if no announcement stands, because updates
    /// may have been missed: it was unloaded meanwhile, or more came than are kept.
    pub async fn load_part(
        &self,
        board: BoardKey,
        part: Vec<PlayerEntry>,
    ) -> Result<(), NotLoaded> {
        self.aside(move |shared| shared.known(board)?.load_part(&part, &shared.players)).await
    }

    /// Replaces all that is known of a board by its parts, then takes over the updates kept since
    /// the announcement as far as they are newer. From then on the board is loaded. Fails and changes
    /// nothing if no announcement stands.
    pub async fn finish_load(&self, board: BoardKey) -> Result<(), NotLoaded> {
        self.aside(move |shared| {
            let board = shared.known(board)?;
            let _building = shared.building.lock();
            board.finish_load(&shared.players)
        })
        .await
    }

    /// Drops the announcement of a load that does not come. What is held of the board stays.
    pub async fn abandon_load(&self, board: BoardKey) {
        self.aside(move |shared| {
            if let Ok(board) = shared.known(board) {
                board.abandon(&shared.players);
            }
        })
        .await;
    }

    /// Loads a board that was announced all at once.
    pub async fn load(&self, board: BoardKey, entries: Vec<PlayerEntry>) -> Result<(), NotLoaded> {
        self.load_part(board, entries).await?;
        self.finish_load(board).await
    }

    /// Forgets a board and its announcement.
    pub async fn unload(&self, board: BoardKey) {
        self.aside(move |shared| {
            let removed = shared.boards.write().remove(&board);
            if let Some(board) = removed {
                board.clear(&shared.players);
            }
        })
        .await;
    }

    /// The boards that are loaded, with how many players each holds.
    pub fn loaded(&self) -> Vec<(BoardKey, u64)> {
        let boards: Vec<(BoardKey, Arc<Board>)> = {
            let boards = self.shared.boards.read();
            boards.iter().map(|(key, board)| (*key, Arc::clone(board))).collect()
        };
        let mut loaded: Vec<(BoardKey, u64)> = boards
            .into_iter()
            .filter_map(|(key, board)| board.read(Seats::len).ok().map(|len| (key, len)))
            .collect();
        loaded.sort_unstable();
        loaded
    }

    /// Takes over entries, but none whose version is not greater than the one it holds for that
    /// player: updates may come in any order, and again. Boards that are neither loaded nor announced
    /// are passed over.
    pub async fn set(&self, updates: &[impl Borrow<Update>]) {
        let mut steps = 0;
        for of_one_board in updates.chunk_by(|a, b| a.borrow().board == b.borrow().board) {
            let key = of_one_board[0].borrow().board;
            let Ok(board) = self.shared.known(key) else { continue };
            for step in of_one_board.chunks(STEP) {
                let step: Vec<&Update> = step.iter().map(Borrow::borrow).collect();
                board.apply(&step, &self.shared.players);
                steps += 1;
                if steps % STEPS_BEFORE_YIELD == 0 {
                    tokio::task::yield_now().await;
                }
            }
        }
    }

    /// Takes over nicknames as far as they are newer, of players on boards and of all others.
    pub fn set_names(&self, names: &[PlayerName]) {
        for step in names.chunks(STEP) {
            let mut players = self.shared.players.write();
            for name in step {
                players.set_name(name);
            }
        }
    }

    /// Takes over bans as far as they are newer: all boards pass over who is banned, and rank again who
    /// is not any more.
    pub async fn set_bans(&self, bans: &[PlayerBan]) {
        let changed: Vec<PlayerNo> = {
            let mut players = self.shared.players.write();
            bans.iter().filter_map(|ban| players.set_ban(ban)).collect()
        };
        if changed.is_empty() {
            return;
        }
        // A board that is put in its place from now on looks at bans itself.
        let boards: Vec<Arc<Board>> = self.shared.boards.read().values().cloned().collect();
        for board in boards {
            board.reseat(&changed, &self.shared.players);
            tokio::task::yield_now().await;
        }
    }

    /// The place that a player is shown who is banned and is not to notice; `None` for everybody else.
    pub fn shadow_place(
        &self,
        board: BoardKey,
        player: &PlayerId,
    ) -> Result<Option<Place>, NotLoaded> {
        self.shared.known(board)?.read(|seats| {
            let players = self.shared.players.read();
            players.find(player.as_str()).and_then(|no| seats.shadow_place(no, &players))
        })
    }

    /// The place that a player is shown of whose events more counts in their own eyes.
    pub fn own_place(
        &self,
        board: BoardKey,
        player: &PlayerId,
        more: &BoardChange,
    ) -> Result<Option<OwnPlace>, NotLoaded> {
        let board = self.shared.known(board)?;
        // Somebody who was never on a board has no number yet.
        let no = self.shared.players.write().hold(player.as_str());
        let found = board.read(|seats| seats.own_place(no, more, &self.shared.players.read()));
        self.shared.players.write().release(no);
        found
    }

    /// The rows of several players, in their order, whether or not they are passed over; `None` for who
    /// has no entry that counts.
    pub fn rows(
        &self,
        board: BoardKey,
        players: &[PlayerId],
    ) -> Result<Vec<Option<Row>>, NotLoaded> {
        self.shared.known(board)?.read(|seats| {
            let known = self.shared.players.read();
            let found = |player: &PlayerId| {
                let no = known.find(player.as_str())?;
                let nickname = known.nickname(no).map(str::to_owned);
                Some(Row { entry: seats.entry(no)?, nickname })
            };
            players.iter().map(found).collect()
        })
    }

    /// The places of several players, in their order; `None` for who is not on the board.
    pub fn places(
        &self,
        board: BoardKey,
        players: &[PlayerId],
    ) -> Result<Vec<Option<Place>>, NotLoaded> {
        self.shared.known(board)?.read(|seats| {
            let known = self.shared.players.read();
            let found = |player: &PlayerId| {
                let (rank, ranked) = seats.order.find(known.find(player.as_str())?)?;
                Some(place(rank, ranked, &known))
            };
            players.iter().map(found).collect()
        })
    }

    /// `limit` places from the `offset`-th on, best first.
    pub fn range(
        &self,
        board: BoardKey,
        offset: u64,
        limit: usize,
    ) -> Result<Vec<Place>, NotLoaded> {
        let board = self.shared.known(board)?;
        board.read(|seats| seats.order.places(offset, limit, &self.shared.players.read()))
    }

    /// A player's place with up to `neighbours` places on both sides, best first; empty if the
    /// player is not on the board.
    pub fn around(
        &self,
        board: BoardKey,
        player: &PlayerId,
        neighbours: usize,
    ) -> Result<Vec<Place>, NotLoaded> {
        self.shared.known(board)?.read(|seats| {
            let order = &seats.order;
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

    /// How many players the board holds.
    pub fn len(&self, board: BoardKey) -> Result<u64, NotLoaded> {
        self.shared.known(board)?.read(Seats::len)
    }

    /// Bytes allocated for boards and players, without the allocator's own overhead.
    pub fn heap_bytes(&self) -> usize {
        let boards: Vec<Arc<Board>> = self.shared.boards.read().values().cloned().collect();
        let boards: usize = boards.iter().map(|board| board.heap_bytes()).sum();
        boards + self.shared.players.read().heap_bytes()
    }

    /// How many different players are on the boards or have a nickname.
    pub fn players(&self) -> usize {
        self.shared.players.read().len()
    }

    /// Runs what takes long for large boards where it holds up no other task. Where there is one thread
    /// for everything it runs at once: a simulation has no other thread, so that it repeats itself.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> T + Send + 'static,
    ) -> T {
        if Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread {
            return work(&self.shared);
        }
        let shared = Arc::clone(&self.shared);
        let outcome = tokio::task::spawn_blocking(move || work(&shared)).await;
        // It is not cancelled, so all that can have happened is that it panicked.
        outcome.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    }
}

impl Shared {
    /// A board that is loaded or announced.
    fn known(&self, board: BoardKey) -> Result<Arc<Board>, NotLoaded> {
        self.boards.read().get(&board).cloned().ok_or(NotLoaded)
    }
}

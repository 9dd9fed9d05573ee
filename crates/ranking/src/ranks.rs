//! Ranks for readers: the boards in memory, loaded from the store and kept right by its change feed.
//!
//! The current boards are always held. Any other is loaded when somebody asks for it (a crowd reads it
//! once), and forgotten when nobody has asked for it in a while, or when too many others were.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::TryFutureExt;
use futures_util::future::try_join;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use scoreline_core::error::ErrorKind;
use scoreline_core::fold::BoardChange;
use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::limits::{ASKED_BOARDS_MAX, BOARD_IDLE_MS, LOADED_AT_ONCE};
use scoreline_core::rank::{OwnPlace, Place};
use scoreline_core::store::{Store, StoreError};
use scoreline_core::time::{Clock, Timestamp};

use crate::board::NotLoaded;
use crate::boards::Boards;
use crate::erased::ErasedPlayers;
use crate::following::Following;
use crate::reviewed::ReviewedPlayers;
use crate::revocations::RevokedSessions;

/// An answer about ranks, with how old it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aged<T> {
    /// The answer.
    pub answer: T,
    /// Milliseconds since it was exact, at most; 0 while the change feed is heard.
    pub age_ms: i64,
}

/// Why a rank could not be told.
#[derive(Debug, thiserror::Error)]
pub enum RanksError {
    /// The board was forgotten, or overrun by updates, while it was loaded.
    #[error(transparent)]
    NotLoaded(#[from] NotLoaded),
    /// The store failed while something was read from it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl RanksError {
    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotLoaded(_) => ErrorKind::Busy,
            Self::Store(error) => error.kind(),
        }
    }
}

/// The boards of a node.
pub struct Ranks {
    pub(crate) boards: Boards,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) following: Following,
    pub(crate) revoked: RevokedSessions,
    pub(crate) erased: ErasedPlayers,
    pub(crate) reviewed: ReviewedPlayers,
    clock: Arc<dyn Clock>,
    /// Held while a board is read from the store, so that a crowd asking for a cold board reads it
    /// once. Several, by slot, so that a large board does not hold up all the others.
    loading: [tokio::sync::Mutex<()>; 8],
    kept: Mutex<Kept>,
}

/// Which boards are to be held.
#[derive(Default)]
struct Kept {
    current: BTreeSet<BoardKey>,
    /// When the others were last asked for.
    asked: FxHashMap<BoardKey, Timestamp>,
}

impl Kept {
    fn note_asked(&mut self, board: BoardKey, now: Timestamp) {
        if !self.current.contains(&board) {
            self.asked.insert(board, now);
        }
    }

    /// The boards that are held, are not current, and that nobody has asked for in a while. They are
    /// no longer remembered.
    fn take_idle(&mut self, held: impl Iterator<Item = BoardKey>, now: Timestamp) -> Vec<BoardKey> {
        let mut known = std::mem::take(&mut self.asked);
        let mut idle = Vec::new();
        for board in held.filter(|board| !self.current.contains(board)) {
            let last = known.remove(&board).unwrap_or(now);
            if now.ms_since(last) >= BOARD_IDLE_MS {
                idle.push(board);
            } else {
                self.asked.insert(board, last);
            }
        }
        idle
    }

    /// The board that was asked for the longest ago, if there are more than may be held beside one
    /// that is about to be loaded. It is no longer remembered.
    fn take_surplus(&mut self, new: BoardKey) -> Option<BoardKey> {
        if self.asked.len() <= ASKED_BOARDS_MAX {
            return None;
        }
        let others = self.asked.iter().filter(|(board, _)| **board != new);
        let board = others.min_by_key(|(_, at)| **at).map(|(board, _)| *board)?;
        self.asked.remove(&board);
        Some(board)
    }
}

impl Ranks {
    /// The boards of `store`, none of which is loaded yet.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self {
            boards: Boards::new(),
            store,
            following: Following::default(),
            revoked: RevokedSessions::default(),
            erased: ErasedPlayers::default(),
            reviewed: ReviewedPlayers::default(),
            clock,
            loading: std::array::from_fn(|_| tokio::sync::Mutex::new(())),
            kept: Mutex::default(),
        }
    }

    /// The boards in memory.
    pub fn boards(&self) -> &Boards {
        &self.boards
    }

    /// Says which boards are to be held from now on whether or not anybody asks for them, loads those
    /// that are missing, and forgets the others that nobody has asked for in a while. A board that
    /// cannot be loaded does not hold up the others.
    pub async fn keep(
        &self,
        current: BTreeSet<BoardKey>,
        now: Timestamp,
    ) -> Result<(), RanksError> {
        let idle = {
            let mut kept = self.kept.lock();
            kept.current.clone_from(&current);
            let held = self.boards.loaded().into_iter().map(|(board, _)| board);
            kept.take_idle(held, now)
        };
        for board in idle {
            self.boards.unload(board).await;
            tracing::debug!(
                ranks.slot = board.slot.0,
                "a board that nobody asks for was forgotten"
            );
        }
        let mut outcome = Ok(());
        // One after another: the memory that loading takes is then that of one board.
        for board in current {
            outcome = outcome.and(self.ensure(board).await);
        }
        outcome
    }

    /// Makes sure that a board is loaded.
    pub async fn ensure(&self, board: BoardKey) -> Result<(), RanksError> {
        let part = board.slot.0.unsigned_abs() % self.loading.len() as u64;
        let part = usize::try_from(part).expect("less than the number of locks");
        let _guard = self.loading[part].lock().await;
        if self.boards.len(board).is_err() {
            self.reload(board).await?;
        }
        Ok(())
    }

    /// The places of several players, in their order; `None` for who is not on the board.
    pub async fn places(
        &self,
        board: BoardKey,
        players: &[PlayerId],
    ) -> Result<Aged<Vec<Option<Place>>>, RanksError> {
        self.ask(board, || self.boards.places(board, players)).await
    }

    /// `limit` places from the `offset`-th on, best first.
    pub async fn range(
        &self,
        board: BoardKey,
        offset: u64,
        limit: usize,
    ) -> Result<Aged<Vec<Place>>, RanksError> {
        self.ask(board, || self.boards.range(board, offset, limit)).await
    }

    /// A player's place with neighbours on both sides, as [`Boards::around`].
    pub async fn around(
        &self,
        board: BoardKey,
        player: &PlayerId,
        neighbours: usize,
    ) -> Result<Aged<Vec<Place>>, RanksError> {
        self.ask(board, || self.boards.around(board, player, neighbours)).await
    }

    /// The place that a player is shown who is banned and is not to notice, as [`Boards::shadow_place`].
    pub async fn shadow_place(
        &self,
        board: BoardKey,
        player: &PlayerId,
    ) -> Result<Option<Place>, RanksError> {
        Ok(self.ask(board, || self.boards.shadow_place(board, player)).await?.answer)
    }

    /// The place that a player is shown of whose events more counts in their own eyes, as
    /// [`Boards::own_place`].
    pub async fn own_place(
        &self,
        board: BoardKey,
        player: &PlayerId,
        more: &BoardChange,
    ) -> Result<Option<OwnPlace>, RanksError> {
        Ok(self.ask(board, || self.boards.own_place(board, player, more)).await?.answer)
    }

    /// Of whom events wait for review, as far as this node has heard.
    pub fn reviewed(&self) -> &ReviewedPlayers {
        &self.reviewed
    }

    /// How many players a board holds.
    pub async fn len(&self, board: BoardKey) -> Result<Aged<u64>, RanksError> {
        self.ask(board, || self.boards.len(board)).await
    }

    /// Whether anybody was ever erased, as far as this node has heard.
    pub fn knows_erased(&self) -> bool {
        !self.erased.is_empty()
    }

    /// Whether a player was erased, as far as this node has heard.
    pub fn is_erased(&self, player: &PlayerId) -> bool {
        self.erased.holds(player)
    }

    /// How often a player's sessions were revoked, as far as this node has heard.
    pub fn revocations_of(&self, player: &PlayerId) -> i64 {
        self.revoked.of(player)
    }

    /// Milliseconds since the boards were exact, at most; 0 while the database is heard.
    pub fn age_ms(&self) -> i64 {
        self.following.age_ms()
    }

    /// Whether a board is held.
    pub fn holds(&self, board: BoardKey) -> bool {
        self.boards.len(board).is_ok()
    }

    /// Asks a board, which is loaded first if it must be.
    async fn ask<T>(
        &self,
        board: BoardKey,
        ask: impl Fn() -> Result<T, NotLoaded>,
    ) -> Result<Aged<T>, RanksError> {
        // Before the answer: what is heard meanwhile makes it better, not older.
        let age_ms = self.following.age_ms();
        self.kept.lock().note_asked(board, self.clock.now());
        if let Ok(answer) = ask() {
            return Ok(Aged { answer, age_ms });
        }
        let surplus = self.kept.lock().take_surplus(board);
        if let Some(surplus) = surplus {
            self.boards.unload(surplus).await;
        }
        self.ensure(board).await?;
        Ok(Aged { answer: ask()?, age_ms })
    }

    /// Reads a board from the store, in place of what is held of it.
    pub async fn reload(&self, board: BoardKey) -> Result<(), RanksError> {
        self.boards.begin_load(board);
        let outcome = self.read_in(board).await;
        if outcome.is_err() {
            // What is held of it stays; nothing more is to be kept for a load that does not come.
            self.boards.abandon_load(board).await;
        }
        outcome
    }

    /// Reads a board part by part: a board of millions never lies in memory twice. While one part is
    /// taken in, the store reads the next.
    async fn read_in(&self, board: BoardKey) -> Result<(), RanksError> {
        let mut part = self.store.board_page(board, None, LOADED_AT_ONCE).await?;
        while part.len() == LOADED_AT_ONCE {
            let after = part.last().map(|last| last.player.clone());
            let taken_in = self.boards.load_part(board, part).map_err(RanksError::from);
            let read = self.store.board_page(board, after, LOADED_AT_ONCE);
            ((), part) = try_join(taken_in, read.map_err(RanksError::from)).await?;
        }
        self.boards.load_part(board, part).await?;
        Ok(self.boards.finish_load(board).await?)
    }
}

#[cfg(test)]
mod tests {
    use scoreline_core::id::Slot;

    use super::*;

    fn board(slot: i64) -> BoardKey {
        BoardKey { slot: Slot(slot), period: Timestamp::EPOCH }
    }

    fn at(minutes: i64) -> Timestamp {
        Timestamp::EPOCH.plus_ms(minutes * 60_000)
    }

    #[test]
    fn a_board_that_is_over_is_idle_once_nobody_asked_for_a_while_and_a_current_one_never() {
        let mut kept = Kept { current: BTreeSet::from([board(1)]), ..Kept::default() };
        let mut idle = |asked: Option<BoardKey>, minutes| {
            if let Some(board) = asked {
                kept.note_asked(board, at(minutes));
            }
            kept.take_idle([board(1), board(2)].into_iter(), at(minutes))
        };
        assert_eq!(idle(None, 0), []);
        assert_eq!(idle(None, 14), []);
        assert_eq!(idle(Some(board(2)), 14), []);
        assert_eq!(idle(Some(board(1)), 28), []);
        assert_eq!(idle(None, 29), [board(2)]);
        assert!(kept.asked.is_empty(), "nothing is remembered of what is forgotten");
    }

    #[test]
    fn of_too_many_boards_the_one_that_was_asked_for_first_goes() {
        let mut kept = Kept::default();
        let boards = i64::try_from(ASKED_BOARDS_MAX).expect("few");
        for slot in 0..boards {
            kept.note_asked(board(slot), at(slot));
        }
        kept.note_asked(board(0), at(boards));
        assert_eq!(kept.take_surplus(board(0)), None);
        kept.note_asked(board(boards), at(boards));
        assert_eq!(kept.take_surplus(board(1)), Some(board(2)));
        assert_eq!(kept.take_surplus(board(1)), None);
    }
}

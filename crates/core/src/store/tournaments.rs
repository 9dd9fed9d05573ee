//! Tournaments in the store.

use std::sync::Arc;

use async_trait::async_trait;

use super::Result;
use super::asking::{self, AskStore, Question};
use super::values::{limit, values};
use crate::time::Timestamp;
use crate::tournament::life::Transition;
use crate::tournament::{NewTournament, Tournament};

/// What closing a tournament did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Award {
    /// Prizes awarded by this call; 0 if another call had closed it.
    pub prizes: u64,
    /// How many players took part.
    pub participants: u64,
}

/// Tournaments.
#[async_trait]
pub trait TournamentStore: AskStore {
    /// Creates a tournament with its projection, which keeps what its board means now for ever. One
    /// with the same id stays as it is; the answer tells whether it was created. Its projection is
    /// incomplete if it starts before the last event received, complete otherwise. The plan changes.
    async fn create_tournament(&self, new: NewTournament) -> Result<bool>;

    /// All tournaments, the latest start first, from the `offset`-th on, at most `rows`.
    async fn tournaments(&self, offset: usize, rows: usize) -> Result<Vec<Tournament>> {
        asking::list(self, Question::Tournaments, values![limit(rows), limit(offset)]).await
    }

    /// One tournament.
    async fn tournament(&self, id: Arc<str>) -> Result<Option<Tournament>> {
        asking::first(self, Question::Tournament, values![&*id]).await
    }

    /// Tournaments that are neither closed nor cancelled, the earliest end first.
    async fn open_tournaments(&self) -> Result<Vec<Tournament>> {
        asking::list(self, Question::OpenTournaments, values![]).await
    }

    /// Does what [`Tournament::transition`] decides, in one transaction: marks the tournament, and ends the
    /// fill of the board of one that is cancelled. The plan changes, unless it was done before.
    async fn move_tournament(
        &self,
        id: Arc<str>,
        transition: Transition,
        now: Timestamp,
    ) -> Result<()>;

    /// Cancels a tournament. Conflict if it is sealed. Doing it again changes nothing.
    async fn cancel_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<()> {
        self.move_tournament(id, Transition::Cancel, now).await
    }

    /// Moves a tournament's end to now, or to 1 ms after the last event received if that is later.
    /// Conflict unless it is running.
    async fn end_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<()> {
        self.move_tournament(id, Transition::End, now).await
    }

    /// Seals a tournament: no event applied from now on changes its board. The caller has made sure
    /// that nothing received before its end is still waiting. Doing it again changes nothing. The
    /// plan changes.
    async fn seal_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<()> {
        self.move_tournament(id, Transition::Seal, now).await
    }

    /// Closes a sealed tournament: in one transaction, ranks its board, writes a prize for every
    /// rank that wins one (unique by tournament and player) and marks it closed. Safe to repeat at
    /// any point, on any node. Conflict if it is not sealed.
    async fn close_tournament(&self, id: Arc<str>, now: Timestamp) -> Result<Award>;
}

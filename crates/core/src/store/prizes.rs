//! Prizes after their award: listing, claiming, and what operators do to them.

use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;

use super::Result;
use super::asking::{self, AskStore, Question};
use super::values::{limit, values};
use crate::audit::Act;
use crate::id::PlayerId;
use crate::time::Timestamp;
use crate::tournament::{Claim, HandAward, HandPrize, Prize, PrizeStatistics, Revocation};

/// Prizes. What is won is awarded by [`super::TournamentStore::close_tournament`].
#[async_trait]
pub trait PrizeStore: AskStore {
    /// The prizes of a tournament by rank, from the `offset`-th on, at most `rows`.
    async fn prizes_of(&self, id: Arc<str>, offset: usize, rows: usize) -> Result<Vec<Prize>> {
        asking::list(self, Question::PrizesOf, values![&*id, limit(rows), limit(offset)]).await
    }

    /// A player's prizes that can be claimed, oldest first.
    async fn pending_prizes(&self, player: PlayerId) -> Result<Vec<Prize>> {
        asking::list(self, Question::PendingPrizes, values![&player]).await
    }

    /// Claims a prize for its owner. The first claim wins; a prize of someone else is not found.
    async fn claim_prize(&self, prize: Uuid, player: PlayerId, now: Timestamp) -> Result<Claim>;

    /// A player's prizes, newest first, at most `rows`; with those that were taken back, or without.
    async fn prize_history(
        &self,
        player: PlayerId,
        rows: usize,
        with_revoked: bool,
    ) -> Result<Vec<Prize>> {
        let values = values![&player, limit(rows), with_revoked];
        asking::list(self, Question::PrizeHistory, values).await
    }

    /// A player's prizes in numbers.
    async fn prize_statistics(&self, player: PlayerId) -> Result<PrizeStatistics> {
        asking::only(self, Question::PrizeStatistics, values![&player]).await
    }

    /// Awards a prize without a tournament. One transaction with its entry in the log; doing it again
    /// changes nothing.
    async fn award_prize(&self, prize: HandPrize, act: Act) -> Result<HandAward>;

    /// Takes a prize back, likewise. Nobody else gets it.
    async fn revoke_prize(&self, prize: Uuid, act: Act) -> Result<Revocation>;
}

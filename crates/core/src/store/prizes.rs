//! Prizes after their award: listing, claiming, and what operators do to them.

use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;

use super::Result;
use crate::audit::Act;
use crate::id::PlayerId;
use crate::time::Timestamp;
use crate::tournament::{Claim, HandAward, HandPrize, Prize, PrizeStatistics, Revocation};

/// Prizes. What is won is awarded by [`super::TournamentStore::close_tournament`].
#[async_trait]
pub trait PrizeStore: Send + Sync + 'static {
    /// The prizes of a tournament by rank, from the `offset`-th on, at most `limit`.
    async fn prizes_of(&self, id: Arc<str>, offset: usize, limit: usize) -> Result<Vec<Prize>>;

    /// A player's prizes that can be claimed, oldest first.
    async fn pending_prizes(&self, player: PlayerId) -> Result<Vec<Prize>>;

    /// Claims a prize for its owner. The first claim wins; a prize of someone else is not found.
    async fn claim_prize(&self, prize: Uuid, player: PlayerId, now: Timestamp) -> Result<Claim>;

    /// A player's prizes, newest first, at most `limit`; with those that were taken back, or without.
    async fn prize_history(
        &self,
        player: PlayerId,
        limit: usize,
        with_revoked: bool,
    ) -> Result<Vec<Prize>>;

    /// A player's prizes in numbers.
    async fn prize_statistics(&self, player: PlayerId) -> Result<PrizeStatistics>;

    /// Awards a prize without a tournament. One transaction with its entry in the log; doing it again
    /// changes nothing.
    async fn award_prize(&self, prize: HandPrize, act: Act) -> Result<HandAward>;

    /// Takes a prize back, likewise. Nobody else gets it.
    async fn revoke_prize(&self, prize: Uuid, act: Act) -> Result<Revocation>;
}

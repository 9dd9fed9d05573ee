//! Erasing players: jobs, and the tombstones that keep late events out.

use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;

use super::Result;
use super::asking::{self, AskStore, Question};
use super::values::{limit, values};
use crate::audit::Act;
use crate::erasure::{Erasure, ErasureState, ErasureStep, Tombstone};
use crate::fold::Plan;
use crate::id::PlayerId;
use crate::limits::OPERATOR_PAGE_MAX;
use crate::time::Timestamp;

/// Erasures. A job is a row: whoever finds one that is not done goes on where it stands.
#[async_trait]
pub trait ErasureStore: AskStore {
    /// Notes that a player is to be erased, takes in nothing of them from now on, and bans them. `key` becomes
    /// the key of the database's tombstones unless it has one. Answers the job: that of an earlier request,
    /// where there was one.
    async fn request_erasure(&self, erasure: Erasure, key: String, act: Act) -> Result<Uuid>;

    /// Those that are not done, some at a time.
    async fn pending_erasures(&self) -> Result<Vec<Erasure>> {
        asking::list(self, Question::PendingErasures, values![limit(OPERATOR_PAGE_MAX)]).await
    }

    /// How a job is doing.
    async fn erasure(&self, job: Uuid) -> Result<Option<ErasureState>> {
        asking::first(self, Question::Erasure, values![job]).await
    }

    /// The job that erases or has erased a player, if there is one.
    async fn erasure_of(&self, player: PlayerId) -> Result<Option<Uuid>> {
        let Some(key) = self.erasure_key().await? else { return Ok(None) };
        let tombstone = Tombstone::of(&key, &player);
        asking::first(self, Question::ErasureOf, values![tombstone.0]).await
    }

    /// Removes at most `events` of the player's events, and the player when none is left, in one transaction.
    /// `plan` must be present, as in `apply`.
    async fn erase_step(
        &self,
        plan: Arc<Plan>,
        erasure: Erasure,
        events: usize,
        now: Timestamp,
    ) -> Result<ErasureStep>;

    /// The key of tombstones; `None` if nobody was ever erased.
    async fn erasure_key(&self) -> Result<Option<String>> {
        asking::first(self, Question::ErasureKey, values![]).await
    }

    /// The tombstones, in their order, after `after`, at most `rows`.
    async fn tombstones(&self, after: Option<Tombstone>, rows: usize) -> Result<Vec<Tombstone>> {
        let after = after.map_or(Uuid::nil(), |after| after.0);
        asking::list(self, Question::Tombstones, values![after, limit(rows)]).await
    }
}

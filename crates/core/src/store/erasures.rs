//! Erasing players: jobs, and the tombstones that keep late events out.

use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;

use super::Result;
use crate::audit::Act;
use crate::erasure::{Erasure, ErasureState, ErasureStep, Tombstone};
use crate::fold::Plan;
use crate::time::Timestamp;

/// Erasures. A job is a row: whoever finds one that is not done goes on where it stands.
#[async_trait]
pub trait ErasureStore: Send + Sync + 'static {
    /// Notes that a player is to be erased, takes in nothing of them from now on, and bans them. `key` becomes
    /// the key of the database's tombstones unless it has one. Answers the job: that of an earlier request,
    /// where there was one.
    async fn request_erasure(&self, erasure: Erasure, key: String, act: Act) -> Result<Uuid>;

    /// Those that are not done, some at a time.
    async fn pending_erasures(&self) -> Result<Vec<Erasure>>;

    /// How a job is doing.
    async fn erasure(&self, job: Uuid) -> Result<Option<ErasureState>>;

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
    async fn erasure_key(&self) -> Result<Option<String>>;

    /// The tombstones, in their order, after `after`, at most `limit`.
    async fn tombstones(&self, after: Option<Tombstone>, limit: usize) -> Result<Vec<Tombstone>>;
}

//! Filling projections from history, and sweeping up the rows that are left behind.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Progress, Result};
use crate::fold::{Plan, ProjectionKind};
use crate::id::{ProjectionNo, Slot};

/// A slot that no projection refers to any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DroppedSlot {
    /// The slot.
    pub slot: i64,
    /// What it held.
    pub kind: ProjectionKind,
    /// The player up to whom its statistics are removed; empty at first.
    pub swept_player: String,
}

/// Filling projections.
#[async_trait]
pub trait FillingStore: Send + Sync + 'static {
    /// Starts to fill a projection from history in a slot of its own, beginning with its baseline.
    /// One that is being filled already goes on where it stands. Answers the slot.
    async fn start_fill(&self, projection: ProjectionNo) -> Result<Slot>;

    /// Folds the next events of history, at most `events`, into the slot being filled, in one short
    /// transaction. When nothing is left, the slot takes the place of the live one in the same
    /// transaction, the projection that was shown meanwhile is retired, and the answer's `finished`
    /// is true. `plan` must be present, as in `apply`.
    async fn fill_step(
        &self,
        plan: Arc<Plan>,
        projection: ProjectionNo,
        events: usize,
    ) -> Result<Progress>;

    /// Removes rows that no projection refers to any more, at most `rows`. Answers about how many
    /// were looked at; 0 if nothing is left.
    async fn sweep_retired(&self, rows: usize) -> Result<u64>;
}

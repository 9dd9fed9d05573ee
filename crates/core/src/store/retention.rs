//! Removing what is old, without losing what follows from it.

use std::sync::Arc;

use async_trait::async_trait;

use super::Result;
use crate::fold::Plan;
use crate::time::Timestamp;

/// What a step of retention removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Removed {
    /// Raw events removed.
    pub events: u64,
    /// Whether there is nothing left to remove.
    pub finished: bool,
}

/// Retention.
#[async_trait]
pub trait RetentionStore: Send + Sync + 'static {
    /// Removes raw events that happened, were received and were applied before `before`, at most
    /// `events`, in one short transaction that merges their fold into the baselines. Does nothing
    /// while a projection is being filled.
    async fn remove_events(
        &self,
        plan: Arc<Plan>,
        before: Timestamp,
        events: usize,
    ) -> Result<Removed>;

    /// Removes figures that started before `fine` or `coarse` (by grain), with their baselines.
    async fn remove_figures(&self, fine: Timestamp, coarse: Timestamp) -> Result<()>;
}

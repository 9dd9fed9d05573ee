//! Recomputing derived state from the raw events, and what differs.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Progress, Result};
use crate::fold::Plan;

/// One difference between derived state and the fold of the raw events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What differs, such as `board global`.
    pub what: String,
    /// The key within it, such as a player's id.
    pub key: String,
    /// What the store holds; empty if the row is missing.
    pub stored: String,
    /// What the raw events say; empty if there should be no row.
    pub recomputed: String,
}

/// What verification found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VerifyReport {
    /// Raw events that were folded.
    pub events: u64,
    /// Derived rows that were compared.
    pub rows: u64,
    /// How many rows differ.
    pub differing: u64,
    /// The first differences, at most as many as asked for.
    pub differences: Vec<Difference>,
    /// Projections that do not hold all of history and were not compared.
    pub incomplete: Vec<String>,
}

/// Verification.
#[async_trait]
pub trait VerifyStore: Send + Sync + 'static {
    /// Folds all raw events again, from one consistent view of the data while writes go on, and
    /// compares the result with every complete projection, and the prizes of closed tournaments
    /// with their standings. Lists at most `list` differences. Reports progress as it goes.
    async fn verify(
        &self,
        plan: Arc<Plan>,
        list: usize,
        progress: Arc<dyn Fn(Progress) + Send + Sync>,
    ) -> Result<VerifyReport>;
}

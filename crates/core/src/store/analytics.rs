//! The counters of exact analytics.

use async_trait::async_trait;

use super::Result;
use crate::analytics::{CounterQuery, CounterRow};
use crate::id::Slot;

/// Counters.
#[async_trait]
pub trait AnalyticsStore: Send + Sync + 'static {
    /// The counters that each of these queries asks for, all of one moment. Costs as much as there are
    /// counters of those days, however many players and events there are.
    async fn counters(
        &self,
        slot: Slot,
        queries: Vec<CounterQuery>,
    ) -> Result<Vec<Vec<CounterRow>>>;
}

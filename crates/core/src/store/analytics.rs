//! The counters of exact analytics, and what they keep of a player.

use async_trait::async_trait;

use super::Result;
use super::asking::{self, AskStore, Question};
use super::values::values;
use crate::analytics::{CounterQuery, CounterRow, Part};
use crate::id::{PlayerId, Slot};

/// Counters.
#[async_trait]
pub trait AnalyticsStore: AskStore {
    /// The counters that each of these queries asks for, all of one moment. Costs as much as there are
    /// counters of those days, however many players and events there are.
    async fn counters(
        &self,
        slot: Slot,
        queries: Vec<CounterQuery>,
    ) -> Result<Vec<Vec<CounterRow>>>;

    /// The parts of a player in a slot, by day, and last what reaches over days.
    async fn analytics_of(&self, player: PlayerId, slot: Slot) -> Result<Vec<(Part, Vec<u8>)>> {
        asking::list(self, Question::AnalyticsOf, values![slot.0, &player]).await
    }
}

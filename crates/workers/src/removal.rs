//! Removing raw events for good, in short steps: what follows from them stays in the baselines.

use std::sync::Arc;
use std::time::Duration;

use scoreline_core::fold::Plan;
use scoreline_core::limits::SCAN_EVENTS;
use scoreline_core::store::StoreError;
use scoreline_core::time::Timestamp;

use crate::engine::Engine;
use crate::plan::STALE_PLANS_MAX;

/// The longest pause between two steps.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The removal of the events that happened, were received and were applied before some time.
pub(crate) struct Removal<'e> {
    engine: &'e Engine,
    before: Timestamp,
    plan: Arc<Plan>,
    /// Plans in a row that were outdated.
    stale: u32,
    /// Events that are gone.
    pub events: u64,
}

impl<'e> Removal<'e> {
    pub fn new(engine: &'e Engine, before: Timestamp) -> Self {
        Self { engine, before, plan: engine.plans.current(), stale: 0, events: 0 }
    }

    /// Takes a step. Answers for how long to leave the store to others before the next one; `None` if
    /// there is nothing left to remove.
    pub async fn step(&mut self) -> Result<Option<Duration>, StoreError> {
        let Engine { store, clock, plans, .. } = self.engine;
        let begun = clock.monotonic();
        match store.remove_events(Arc::clone(&self.plan), self.before, SCAN_EVENTS).await {
            Ok(removed) => {
                self.events += removed.events;
                self.stale = 0;
                if removed.finished || removed.events == 0 {
                    return Ok(None);
                }
            }
            Err(StoreError::StalePlan) if self.stale < STALE_PLANS_MAX => {
                self.stale += 1;
                self.plan = plans.after(&self.plan).await?;
            }
            Err(error) => return Err(error),
        }
        Ok(Some((clock.monotonic() - begun).min(LONGEST_PAUSE)))
    }
}

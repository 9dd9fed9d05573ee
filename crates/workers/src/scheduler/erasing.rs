//! Erases the players of whom that was asked, some events at a time. What is done stands in the store: whoever
//! has the turn after a death goes on from there.

use std::sync::Arc;
use std::time::Duration;

use scoreline_core::erasure::{Erasure, ErasureStep};
use scoreline_core::limits::ERASED_AT_ONCE;
use scoreline_core::store::StoreError;

use super::Scheduler;
use crate::jobs::JobError;
use crate::plan::STALE_PLANS_MAX;

/// The longest pause between two steps: events that come in go first.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

impl Scheduler {
    /// Erases everybody who waits for it. While a projection is being filled, they go on waiting.
    pub(super) async fn erase_players(&self) -> Result<(), JobError> {
        for erasure in self.engine.store.pending_erasures().await? {
            if self.stop.is_cancelled() {
                return Ok(());
            }
            self.erase(erasure).await?;
        }
        Ok(())
    }

    async fn erase(&self, erasure: Erasure) -> Result<(), JobError> {
        let (engine, clock) = (&self.engine, &self.engine.clock);
        let (mut plan, mut stale) = (engine.plans.follow().await?, 0);
        while !self.stop.is_cancelled() {
            let began = clock.monotonic();
            let now = clock.now();
            let step =
                engine.store.erase_step(Arc::clone(&plan), erasure.clone(), ERASED_AT_ONCE, now);
            match step.await {
                Ok(ErasureStep::Removed(_)) => stale = 0,
                Ok(ErasureStep::Waits) => return Ok(()),
                Ok(ErasureStep::Done) => {
                    tracing::info!(erasure.job = %erasure.job, "a player was erased");
                    return Ok(());
                }
                Err(StoreError::StalePlan) if stale < STALE_PLANS_MAX => {
                    stale += 1;
                    plan = engine.plans.after(&plan).await?;
                }
                Err(error) => return Err(error.into()),
            }
            self.pause((clock.monotonic() - began).min(LONGEST_PAUSE)).await;
        }
        Ok(())
    }
}

//! Moves a player to another id.

use scoreline_core::audit::Act;
use scoreline_core::joining::{Joined, Joining};
use scoreline_core::operations::OperationError;
use scoreline_core::store::StoreError;

use super::Operator;
use crate::plan::STALE_PLANS_MAX;

impl Operator {
    pub(super) async fn join(&self, joining: Joining, act: Act) -> Result<Joined, OperationError> {
        let mut stale = 0;
        let joined = loop {
            let plan = self.engine.plans.follow().await?;
            match self.engine.store.move_player(plan, joining.clone(), act.clone()).await {
                Err(StoreError::StalePlan) if stale < STALE_PLANS_MAX => stale += 1,
                outcome => break outcome?,
            }
        };
        if joined.changed && !joining.dry_run {
            tracing::info!(
                joined.events = joined.counts.events,
                "a player was moved to another id"
            );
        }
        Ok(joined)
    }
}

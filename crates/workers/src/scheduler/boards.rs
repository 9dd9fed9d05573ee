//! Keeps the boards of what is current in memory.
//!
//! A board that is not held is read from the store when somebody asks for it, which takes seconds for a
//! million players. So the boards of now are loaded ahead, also a little before a period or a
//! tournament begins, and those of tournaments that closed a while ago stay.

use scoreline_core::time::Timestamp;

use super::due::Due;
use super::{SECOND_MS, Scheduler};
use crate::jobs::JobError;

/// How often it is looked at what is current, beside every change of the plan.
const LOOK_MS: i64 = 10 * SECOND_MS;

/// What is remembered from one look at the boards to the next.
#[derive(Debug)]
pub(super) struct Keeper {
    look: Due,
    plan_version: Option<i64>,
}

impl Default for Keeper {
    fn default() -> Self {
        Self { look: Due::every(LOOK_MS), plan_version: None }
    }
}

impl Keeper {
    fn is_due(&mut self, plan_version: i64, now: Timestamp) -> bool {
        // Both are asked, so that both remember.
        let changed = self.plan_version.replace(plan_version) != Some(plan_version);
        self.look.take(now) || changed
    }
}

impl Scheduler {
    pub(super) async fn keep_ranks(&self, now: Timestamp) -> Result<(), JobError> {
        let plan = self.engine.plans.current();
        let mut keeper = self.keeper.lock().await;
        if !keeper.is_due(plan.version, now) {
            return Ok(());
        }
        let outcome = self.engine.ranks.keep(plan.current_boards(now), now).await;
        if outcome.is_err() {
            keeper.plan_version = None;
        }
        Ok(outcome?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boards_are_looked_at_after_every_change_of_the_plan_and_now_and_then() {
        let mut keeper = Keeper::default();
        let at = |ms: i64| Timestamp::EPOCH.plus_ms(ms);
        let answers: Vec<bool> = [(1, 0), (1, 500), (2, 600), (2, 700), (2, LOOK_MS)]
            .map(|(version, ms)| keeper.is_due(version, at(ms)))
            .into();
        assert_eq!(answers, [true, false, true, false, true]);
    }
}

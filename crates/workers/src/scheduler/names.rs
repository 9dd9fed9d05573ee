//! Compares names anew by the rules of this program, some at a time, where those of another version did so.
//!
//! Which names these are stands beside each of them, so it goes on after a death, and names that a node of
//! another version gives meanwhile are found as well. One node at a time has the turn: two versions that
//! work side by side never undo each other's work for longer than that.

use scoreline_core::limits::NAMES_RENEWED_AT_ONCE;

use super::Scheduler;
use crate::jobs::JobError;
use crate::removal::LONGEST_PAUSE;

impl Scheduler {
    pub(super) async fn renew_names(&self) -> Result<(), JobError> {
        let (clock, mut names) = (&self.engine.clock, 0);
        while !self.stop.is_cancelled() {
            let step = clock.monotonic();
            let renewed = self.engine.store.renew_resemblance(NAMES_RENEWED_AT_ONCE).await?;
            if renewed == 0 {
                break;
            }
            names += renewed;
            self.pause((clock.monotonic() - step).min(LONGEST_PAUSE)).await;
        }
        if names > 0 {
            tracing::info!(
                names.renewed = names,
                "names are compared by the rules of this version of Unicode"
            );
        }
        Ok(())
    }
}

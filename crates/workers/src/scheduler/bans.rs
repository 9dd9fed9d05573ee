//! Lifts the bans whose time is over.

use scoreline_core::audit::{Act, Actor};
use scoreline_core::time::Timestamp;

use super::Scheduler;
use crate::jobs::JobError;

impl Scheduler {
    /// Lifts every ban that ends by itself and is over at `now`.
    pub(super) async fn lift_bans(&self, now: Timestamp) -> Result<(), JobError> {
        for player in self.engine.store.bans_over(now).await? {
            let act = Act {
                by: Actor { name: "scoreline".to_owned(), key: None, address: None },
                what: "unbanPlayer".to_owned(),
                target: player.to_string(),
                note: Some("the time of the ban is over".to_owned()),
                at: now,
            };
            self.engine.store.ban(player, None, act).await?;
        }
        Ok(())
    }
}

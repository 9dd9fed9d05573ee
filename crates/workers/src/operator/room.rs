//! Making room on the disk: what nobody needs goes for good, in short steps, and the space is given back.
//!
//! The order is that of how little is lost. On a full disk the store lets this have what it keeps for it.

use scoreline_core::limits::RETENTION_DAYS_MIN;
use scoreline_core::operations::{OperationError, RoomMade, RoomOrder};
use scoreline_core::store::{LetGo, SetAside};

use super::Operator;
use crate::removal::Removal;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

impl Operator {
    pub(super) async fn remove_for_good(
        &self,
        order: RoomOrder,
    ) -> Result<RoomMade, OperationError> {
        let keeper = &self.engine.set_aside;
        // What waits stays, unless it is wanted.
        let which = |all: bool| LetGo { given_up: (!all).then_some(true), ..LetGo::default() };
        let quarantined = which(order.quarantine);
        let quarantined = keeper.let_go_of_all(SetAside::Quarantine, &quarantined).await?.events;
        let mut bytes = self.give_all_back().await?;
        let dead = keeper.let_go_of_all(SetAside::Dead, &which(order.dead)).await?.events;
        let events = match order.events_older_than_days {
            Some(days) => self.remove_older(days).await?,
            None => 0,
        };
        bytes += self.give_all_back().await?;
        keeper.keep_bounds().await?;
        let made = RoomMade { quarantined, dead, events, bytes };
        tracing::info!(
            room.quarantined = made.quarantined,
            room.dead = made.dead,
            room.events = made.events,
            room.bytes = made.bytes,
            "an operator made room on the disk"
        );
        Ok(made)
    }

    async fn remove_older(&self, days: u32) -> Result<u64, OperationError> {
        if days < RETENTION_DAYS_MIN {
            let reason = format!("must be at least {RETENTION_DAYS_MIN}, but is {days}");
            return Err(OperationError::Invalid { field: "events_older_than_days", reason });
        }
        let before = self.engine.clock.now().plus_ms(-i64::from(days) * DAY_MS);
        let mut removal = Removal::new(&self.engine, before);
        while removal.step().await?.is_some() {}
        Ok(removal.events)
    }

    async fn give_all_back(&self) -> Result<u64, OperationError> {
        let mut bytes = 0;
        loop {
            match self.engine.store.give_back(true).await? {
                0 => return Ok(bytes),
                given => bytes += given,
            }
        }
    }
}

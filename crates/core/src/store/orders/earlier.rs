//! What is written where events count as of earlier receipts.

use super::{Order, Statement};
use crate::id::PlayerId;
use crate::store::values::values;
use crate::store::{Forward, Forwarded};
use crate::void::Voids;

/// What brings copies of events in the review list to the receipts as of which these count since.
pub(in crate::store) fn receive(player: &PlayerId, moved: &[Forwarded]) -> Vec<Order<'static>> {
    moved.iter().map(|one| receive_one(player, one)).collect()
}

fn receive_one(player: &PlayerId, Forwarded { after, .. }: &Forwarded) -> Order<'static> {
    let (received_at, counted_at) = (after.event.received_at, after.event.stored_counted_at());
    let values = values![player, after.event.id, received_at, counted_at];
    Order::new(Statement::ReceiveReview, values).into_owned()
}

impl Forward {
    /// What brings the review list to the receipts as of which events count since. Whatever was ever held did not
    /// count for a while, so of others, which are nearly all, nothing is asked.
    pub fn receipts(&self, player: &PlayerId) -> Vec<Order<'static>> {
        let was_held = |one: &&Forwarded| one.before.voids != *Voids::NONE;
        self.moved.iter().filter(was_held).map(|one| receive_one(player, one)).collect()
    }
}

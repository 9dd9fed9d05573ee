//! What is written when a player is erased.

use std::sync::Arc;

use serde_json::Value;
use uuid::Uuid;

use super::{Order, Statement};
use crate::erasure::{Erased, Erasure, Tombstone, Vacated};
use crate::id::PlayerId;
use crate::store::values::{limit, values};
use crate::time::Timestamp;
use crate::tournament::Prize;

/// How what an act changed names a player: an act on a prize has the prize as its target.
fn named_in_acts(player: &PlayerId) -> String {
    format!("\"user_id\":{}", Value::from(player.as_str()))
}

impl Vacated {
    /// What takes the player's rows away, as far as nothing is told of them.
    pub fn orders<'v>(&self, erasure: &'v Erasure) -> Vec<Order<'v>> {
        let player = &erasure.player;
        let placeholder = Erasure::placeholder(erasure.job).to_string();
        let kept: Vec<i64> = self.kept_slots.iter().map(|slot| slot.0).collect();
        vec![
            // First: what is kept is not the player's any more when the entries go.
            Order::new(Statement::KeepPlaces, values![player, placeholder.clone(), kept]),
            Order::new(Statement::EraseEntries, values![player]),
            Order::new(Statement::EraseAnalytics, values![player]),
            Order::new(Statement::RemoveStatistics, values![player]),
            Order::new(Statement::EraseVoids, values![player]),
            Order::new(Statement::EraseAwards, values![player]),
            Order::new(Statement::ErasePassedOver, values![player, placeholder.clone()]),
            Order::new(Statement::EraseActs, values![player, placeholder, named_in_acts(player)]),
        ]
    }
}

impl Erasure {
    /// Notes that the player, of whom there are so many events, is to be erased.
    pub fn request(&self, tombstone: Tombstone, at: Timestamp, events: i64) -> Order<'_> {
        let values = values![self.job, tombstone.0, &self.player, at, events];
        Order::new(Statement::RequestErasure, values)
    }

    /// Notes that so many more events are gone.
    pub fn note_removed(&self, events: usize) -> Order<'static> {
        Order::new(Statement::NoteErased, values![self.job, limit(events)])
    }

    /// Puts the placeholder in the player's place at prizes, each with its tournament. Its id is anew what it
    /// would be if the placeholder had won it, since the old one tells who did.
    pub fn erase_prizes(&self, prizes: &[(Uuid, Arc<str>)], now: Timestamp) -> Vec<Order<'static>> {
        let placeholder = Self::placeholder(self.job);
        let order = |(prize, tournament): &(Uuid, Arc<str>)| {
            let anonymous = Prize::id_of(tournament, &placeholder);
            let values = values![*prize, anonymous, placeholder.to_string(), now];
            Order::new(Statement::ErasePrize, values)
        };
        prizes.iter().map(order).collect()
    }

    /// Ends the job with its receipt.
    pub fn finish(&self, erased: &Erased, now: Timestamp) -> Order<'static> {
        let values = values![self.job, now, erased.receipt().to_string()];
        Order::new(Statement::FinishErasure, values)
    }
}

//! What is written when a player is erased.

use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Deed, Order, Statement};
use crate::audit::Act;
use crate::erasure::{Erased, Erasure, Remains, Tombstone, Vacated};
use crate::feed::{self, Change};
use crate::id::PlayerId;
use crate::store::Counts;
use crate::store::values::{limit, values};
use crate::time::Timestamp;
use crate::tournament::Prize;

/// How what an act changed names a player: an act on a prize has the prize as its target.
fn named_in_acts(player: &PlayerId) -> String {
    format!("\"user_id\":{}", Value::from(player.as_str()))
}

impl Vacated {
    /// The orders that delete the player's rows of which the change feed need not tell anything.
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
            Order::new(Statement::ForgetMemory, values![player]),
            Order::new(Statement::ForgetTickets, values![player]),
            Order::new(Statement::EraseAwards, values![player]),
            Order::new(Statement::ForgetErasureRequest, values![player]),
            Order::new(Statement::ErasePassedOver, values![player, placeholder.clone()]),
            Order::new(Statement::EraseActs, values![player, placeholder, named_in_acts(player)]),
        ]
    }

    /// What ends the job, once all that remained is read and gone, and `removed` events went before it.
    pub fn end(self, erasure: &Erasure, remains: &Remains, removed: i64, now: Timestamp) -> Gone {
        let Remains { prizes, dead, rejected, reviews, aliases, named, banned } = remains;
        let erased = Erased::of(removed, &self, remains);
        let mut orders = erasure.erase_prizes(prizes, now);
        let forgotten = aliases.iter().flat_map(|alias| erasure.forget_alias(alias));
        orders.extend(forgotten.map(Order::into_owned));
        orders.push(Order::new(Statement::ForgetMoved, values![&erasure.player]).into_owned());
        let receipt = erased.receipt().to_string();
        orders.push(Order::new(Statement::FinishErasure, values![erasure.job, now, receipt]));
        let mut changes = feed::entries(self.updates);
        changes.extend(feed::forgotten(&erasure.player, *named, *banned));
        Gone { orders, counts: Counts::of_erased(dead, rejected, reviews), changes }
    }
}

/// What the last step of an erasure writes at its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Gone {
    /// What is changed.
    pub orders: Vec<Order<'static>>,
    /// What goes from the counts.
    pub counts: Counts,
    /// What nodes are told.
    pub changes: Vec<Change>,
}

impl Erasure {
    /// What is written when an operator asks for the erasure: the job, which has `events` events to remove, and the
    /// tombstones that keep the player, and the ids that were moved to this player, from coming in again.
    pub fn request(&self, key: &str, aliases: &[PlayerId], events: i64, act: Act) -> Deed {
        let tombstone = Tombstone::of(key, &self.player);
        let receipt = json!({ "job_id": self.job }).to_string();
        let aliases: Vec<Tombstone> =
            aliases.iter().map(|alias| Tombstone::of(key, alias)).collect();
        let bury = |alias: &Tombstone| {
            Order::new(Statement::BuryAlias, values![alias.0, act.at, &receipt]).into_owned()
        };
        let mut orders: Vec<Order<'static>> = aliases.iter().map(bury).collect();
        let values = values![self.job, tombstone.0, &self.player, act.at, events];
        orders.push(Order::new(Statement::RequestErasure, values).into_owned());
        let changes = aliases.into_iter().chain([tombstone]).map(Change::Erased).collect();
        Deed { orders, audited: act.changed(None, None), changes }
    }

    /// Takes out of the log of acts who an id was that became the player, and that somebody asked for it to be erased.
    fn forget_alias<'v>(&self, alias: &'v PlayerId) -> [Order<'v>; 2] {
        let placeholder = Self::placeholder(self.job).to_string();
        let acts = values![alias, placeholder, named_in_acts(alias)];
        [
            Order::new(Statement::EraseActs, acts),
            Order::new(Statement::ForgetErasureRequest, values![alias]),
        ]
    }

    /// Notes that this many more events are gone.
    pub fn note_removed(&self, events: usize) -> Order<'static> {
        Order::new(Statement::NoteErased, values![self.job, limit(events)])
    }

    /// Puts the placeholder in the player's place at prizes, each with its tournament. Its id is anew what it
    /// would be if the placeholder had won it, since the old one tells who did.
    fn erase_prizes(&self, prizes: &[(Uuid, Arc<str>)], now: Timestamp) -> Vec<Order<'static>> {
        let placeholder = Self::placeholder(self.job);
        let order = |(prize, tournament): &(Uuid, Arc<str>)| {
            let anonymous = Prize::id_of(tournament, &placeholder);
            let values = values![*prize, anonymous, placeholder.to_string(), now];
            Order::new(Statement::ErasePrize, values)
        };
        prizes.iter().map(order).collect()
    }
}

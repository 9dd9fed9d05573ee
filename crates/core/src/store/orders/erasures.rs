//! What is written when the rows of an erased player are taken away.

use serde_json::Value;

use super::{Order, Statement};
use crate::erasure::{Erasure, Vacated};
use crate::id::PlayerId;
use crate::store::values::values;

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

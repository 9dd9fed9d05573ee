//! A player's row on a board, as answers show it.

use scoreline_core::game::Board;
use scoreline_core::id::PlayerId;
use scoreline_core::rank::Entry;
use serde_json::{Map, Value};

/// A player's row on a board.
#[derive(Debug, Clone)]
pub struct Row {
    /// The rank, from 1.
    pub rank: u64,
    /// Whose row it is.
    pub player: PlayerId,
    /// What others see in place of the id, where ids are not for everybody.
    pub alias: Option<String>,
    /// The score as the board counts it.
    pub score: i64,
    /// The player's own nickname, or the game's default.
    pub nickname: String,
    /// Points, attempts, times and sums.
    pub entry: Entry,
}

impl Row {
    /// What a public answer calls the player: who names an id is shown it.
    pub fn public_id(&self, named: &[&PlayerId]) -> String {
        match &self.alias {
            Some(alias) if !named.contains(&&self.player) => alias.clone(),
            _ => self.player.to_string(),
        }
    }

    /// A sum that the board keeps beside its score, if it keeps it.
    pub fn sum(&self, board: &Board, name: &str) -> Option<i64> {
        let place = board.beside.iter().position(|beside| *beside.name == *name)?;
        Some(self.entry.sums[place])
    }

    /// All sums that the board keeps beside its score, by name.
    pub fn sums(&self, board: &Board) -> Map<String, Value> {
        let sums = board.beside.iter().zip(self.entry.sums);
        sums.map(|(beside, sum)| (beside.name.to_string(), sum.into())).collect()
    }
}

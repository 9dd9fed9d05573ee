//! Compares what the server says, through its public API, with what must be.

pub(crate) mod analytics;
pub(crate) mod boards;
pub(crate) mod players;
pub(crate) mod tournaments;

use std::sync::Arc;

use parking_lot::Mutex;
use scoreline_core::time::Timestamp;
use scoreline_traffic::client::Target;

use crate::players::world::World;
use crate::reference::Ledger;
use crate::reference::table::{Entry, Table};
use crate::shape::Shape;

/// Names are the server's own for players who chose none.
const NAME: &str = "Pilot";

/// What must be, and whom to ask.
#[derive(Clone)]
pub(crate) struct Truth {
    pub shape: Arc<Shape>,
    pub world: Arc<World>,
    /// The ledgers of all players, each of some.
    pub ledgers: Arc<Vec<Arc<Mutex<Ledger>>>>,
    pub target: Target,
    /// Whether, beside, the moments of all receipts are known.
    pub is_exact: bool,
    /// Whether nobody else plays.
    pub is_alone: bool,
}

/// An entry in the order of ranks.
#[derive(Debug, Clone)]
pub(crate) struct Ranked {
    pub entry: Entry,
    pub id: u128,
    pub sums: Vec<i64>,
}

impl Truth {
    /// All entries of a board or tournament, the first one first.
    fn ranked(&self, find: impl Fn(&Ledger) -> Vec<(Entry, Vec<i64>)>) -> Vec<Ranked> {
        let mut all = Vec::new();
        for ledger in self.ledgers.iter() {
            let found = find(&ledger.lock());
            all.extend(found.into_iter().map(|(entry, sums)| {
                let id = self.world.player_id(entry.player).as_u128();
                Ranked { entry, id, sums }
            }));
        }
        all.sort_unstable_by_key(|one| (-one.entry.points, one.entry.reached_ms, one.id));
        all
    }

    /// The standings of a tournament.
    pub fn tournament(&self, id: &str) -> Vec<Ranked> {
        self.ranked(|ledger| ledger.tournament(id).map(copied).unwrap_or_default())
    }

    /// The standings of a board in a period.
    fn board(&self, no: usize, period: Timestamp) -> Vec<Ranked> {
        self.ranked(|ledger| {
            let table = ledger.board(no).find(|(at, _)| *at == period);
            table.map(|(_, table)| copied(table)).unwrap_or_default()
        })
    }

    /// How a player is called.
    fn nickname(&self, player: u32, is_named: bool) -> String {
        if is_named {
            nickname(player, &self.shape)
        } else {
            self.shape.definition.game.default_nickname.clone()
        }
    }
}

fn copied(table: &Table) -> Vec<(Entry, Vec<i64>)> {
    table.entries().map(|(entry, sums)| (entry.clone(), sums.to_vec())).collect()
}

/// The name that a player chooses, of a length that the game takes.
pub(crate) fn nickname(player: u32, shape: &Shape) -> String {
    let rules = &shape.definition.game.nicknames;
    let mut name = format!("{NAME} {player}");
    while name.len() < rules.min_length {
        name.push('0');
    }
    name.chars().rev().take(rules.max_length).collect::<Vec<_>>().into_iter().rev().collect()
}

/// A player's id as it stands in answers.
pub(crate) fn id_text(id: u128) -> String {
    uuid::Uuid::from_u128(id).to_string()
}

//! The game that is played in a run, and its tournaments.

use std::sync::Arc;

use scoreline_core::game::{Definition, PrizeTier};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::NewTournament;

use crate::world::beginning;

/// The definition of the game.
pub const GAME: &str = include_str!("game.toml");
/// The board that tournaments are played on.
const BOARD: &str = "best";
/// When tournaments begin and end, in milliseconds of the run: one after another, and across both.
const TOURNAMENTS: [(&str, i64, i64); 3] =
    [("first", 1_000, 8_000), ("second", 8_000, 16_000), ("whole", 4_000, 13_000)];
/// Coins of the first, and of the second and third.
pub const COINS: [(u64, u64, i64); 2] = [(1, 1, 100), (2, 3, 10)];

/// The definition of the game, read.
pub fn definition() -> Arc<Definition> {
    Arc::new(Definition::parse(GAME).expect("the definition of the simulation has no mistakes"))
}

/// The tournaments of a run, which exist from its beginning.
pub fn tournaments(definition: &Definition) -> Vec<NewTournament> {
    let board = definition.boards.get(BOARD).expect("it is in the definition");
    let board = Arc::new(board.without_resets());
    let at = |ms: i64| -> Timestamp { beginning().plus_ms(ms) };
    let tier = |(first_rank, last_rank, coins)| PrizeTier { first_rank, last_rank, coins, gems: 0 };
    let tournament = |(id, starts_ms, ends_ms): (&str, i64, i64)| NewTournament {
        id: Arc::from(id),
        series: None,
        name: id.to_owned(),
        board: Arc::clone(&board),
        starts_at: at(starts_ms),
        ends_at: at(ends_ms),
        prizes: COINS.map(tier).to_vec(),
    };
    TOURNAMENTS.map(tournament).to_vec()
}

//! A player's row on any board, in the words of its definition.

use scoreline_core::game::Board;
use scoreline_core::id::PlayerId;
use scoreline_core::time::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::boards::Row;
use crate::openapi::Moment;

/// A player's row on a board.
#[derive(Serialize, ToSchema)]
pub(super) struct BoardRow {
    rank: u64,
    /// The player's id; an alias where ids are not for everybody (`SCORELINE_PUBLIC_IDS`) and the request does
    /// not name the player.
    user_id: String,
    nickname: String,
    score: i64,
    /// Events that counted here.
    attempts: i64,
    /// When the score was reached; the first to reach it ranks higher.
    #[schema(value_type = Moment)]
    reached_at: Timestamp,
    /// The time of the last event that counted here.
    #[schema(value_type = Moment)]
    last_at: Timestamp,
    /// What the board adds up beside its score, by name.
    #[schema(value_type = HashMap<String, i64>)]
    sums: Map<String, Value>,
}

impl BoardRow {
    /// The row as its board counts it, for a request that names these players.
    pub fn of(row: &Row, board: &Board, named: &[&PlayerId]) -> Self {
        Self {
            rank: row.rank,
            user_id: row.public_id(named),
            nickname: row.nickname.clone(),
            score: row.score,
            attempts: row.entry.attempts,
            reached_at: row.entry.standing.reached_at,
            last_at: row.entry.last_at,
            sums: row.sums(board),
        }
    }
}

//! What the answers about boards hold, and how a row becomes each of its forms.
//!
//! The main board has a form of its own, because released clients read it; every other board is
//! answered in the words of its definition.

use scoreline_core::game::Board;
use scoreline_core::time::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::board::Row;
use crate::openapi::Moment;

/// A player's row on the main board.
#[derive(Serialize, ToSchema)]
pub(super) struct GlobalRow {
    rank: u64,
    user_id: String,
    nickname: String,
    high_score: i64,
    total_games: i64,
    /// The time of the last event that counted here.
    #[schema(value_type = Moment)]
    last_played: Timestamp,
}

impl From<&Row> for GlobalRow {
    fn from(row: &Row) -> Self {
        Self {
            rank: row.rank,
            user_id: row.player.to_string(),
            nickname: row.nickname.clone(),
            high_score: row.score,
            total_games: row.entry.attempts,
            last_played: row.entry.last_at,
        }
    }
}

/// The asking player's place on the main board.
#[derive(Serialize, ToSchema)]
pub(super) struct OwnRank {
    rank: u64,
    nickname: String,
    high_score: i64,
    total_games: i64,
    in_top_15: bool,
}

impl From<Row> for OwnRank {
    fn from(row: Row) -> Self {
        Self {
            rank: row.rank,
            nickname: row.nickname.clone(),
            high_score: row.score,
            total_games: row.entry.attempts,
            in_top_15: row.rank <= 15,
        }
    }
}

/// The first rows of the main board.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true,
    "leaderboard": [{
        "rank": 1, "user_id": "device-1", "nickname": "Pilot", "high_score": 1200,
        "total_games": 3, "last_played": "2026-11-23T10:00:00.000Z",
    }],
    "user_rank": {
        "rank": 1, "nickname": "Pilot", "high_score": 1200, "total_games": 3, "in_top_15": true,
    },
    "total_players": 1, "last_updated": "2026-11-23T10:00:00.000Z", "age_seconds": 0, "outdated": false,
    "cache_ttl_seconds": 1,
}))]
pub(super) struct GlobalBoard {
    pub success: bool,
    pub leaderboard: Vec<GlobalRow>,
    /// Null where no `user_id` was sent, or the player is not on the board.
    pub user_rank: Option<OwnRank>,
    pub total_players: u64,
    #[schema(value_type = Moment)]
    pub last_updated: Timestamp,
    /// How many seconds ago this was exact, at most; 0 while this node hears the database.
    pub age_seconds: i64,
    /// Whether the board has another meaning by now and this is what it was: it is shown, and goes on
    /// counting, until a rebuild has filled the new one.
    pub outdated: bool,
    /// How long a CDN may keep it.
    pub cache_ttl_seconds: u32,
}

/// A player on the main board, if they are on it.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(example = json!({
    "success": true, "found": true,
    "user": {
        "user_id": "device-1", "nickname": "Pilot", "rank": 1, "high_score": 1200,
        "total_games": 3, "total_playtime_hours": "0.1",
        "last_played": "2026-11-23T10:00:00.000Z", "percentile": "100.0",
    },
    "total_players": 1, "age_seconds": 0, "outdated": false,
}))]
pub(super) enum GlobalPlayer {
    /// They are.
    Found {
        success: bool,
        found: bool,
        user: GlobalUser,
        total_players: u64,
        /// How many seconds ago this was exact, at most; 0 while this node hears the database.
        age_seconds: i64,
        /// Whether the board has another meaning by now and this is what it was.
        outdated: bool,
    },
    /// They are not.
    Absent {
        success: bool,
        found: bool,
        #[schema(example = "User not in leaderboard yet")]
        message: &'static str,
    },
}

/// A player on the main board.
#[derive(Serialize, ToSchema)]
pub(super) struct GlobalUser {
    pub user_id: String,
    pub nickname: String,
    pub rank: u64,
    pub high_score: i64,
    pub total_games: i64,
    /// With one digit behind the point.
    #[schema(example = "0.1")]
    pub total_playtime_hours: String,
    #[schema(value_type = Moment)]
    pub last_played: Timestamp,
    /// How many percent of the players stand at or below; with one digit behind the point.
    #[schema(example = "100.0")]
    pub percentile: String,
}

/// A nickname that is in force.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "message": "Nickname updated successfully", "user_id": "device-1", "nickname": "Ada",
}))]
pub(super) struct NicknameAnswer {
    pub success: bool,
    pub message: &'static str,
    pub user_id: String,
    /// As it is shown: trimmed.
    pub nickname: String,
}

/// The boards of the definition.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true,
    "leaderboards": [{
        "board": "global", "title": "Global", "period": null, "resets_at": null, "complete": true, "outdated": false,
    }],
}))]
pub(super) struct BoardList {
    pub success: bool,
    pub leaderboards: Vec<BoardInfo>,
}

/// A board.
#[derive(Serialize, ToSchema)]
pub(super) struct BoardInfo {
    /// Its name in addresses.
    pub board: String,
    /// What players see.
    pub title: String,
    /// When the running period began; null for a board that never resets.
    #[schema(value_type = Option<Moment>)]
    pub period: Option<Timestamp>,
    #[schema(value_type = Option<Moment>)]
    pub resets_at: Option<Timestamp>,
    /// Whether it holds all of history; a rebuild fills it.
    pub complete: bool,
    /// Whether answers still show what the board was before its meaning changed.
    pub outdated: bool,
}

/// A player's row on a board.
#[derive(Serialize, ToSchema)]
pub(super) struct BoardRow {
    rank: u64,
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
    /// The row in the words of its board.
    pub fn of(row: &Row, board: &Board) -> Self {
        Self {
            rank: row.rank,
            user_id: row.player.to_string(),
            nickname: row.nickname.clone(),
            score: row.score,
            attempts: row.entry.attempts,
            reached_at: row.entry.standing.reached_at,
            last_at: row.entry.last_at,
            sums: row.sums(board),
        }
    }
}

/// A page of a board.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "board": "global", "title": "Global", "period": null, "periods": [],
    "leaderboard": [{
        "rank": 1, "user_id": "device-1", "nickname": "Pilot", "score": 1200, "attempts": 3,
        "reached_at": "2026-11-23T10:00:00.000Z", "last_at": "2026-11-23T10:00:00.000Z",
        "sums": { "total_playtime_seconds": 270 },
    }],
    "total_players": 1, "age_seconds": 0, "outdated": false, "cache_ttl_seconds": 1,
}))]
pub(super) struct BoardPage {
    pub success: bool,
    pub board: String,
    pub title: String,
    /// When the period began; null for a board that never resets, or where there is no such period.
    #[schema(value_type = Option<Moment>)]
    pub period: Option<Timestamp>,
    /// The periods there are, the latest first.
    #[schema(value_type = Vec<Moment>)]
    pub periods: Vec<Timestamp>,
    pub leaderboard: Vec<BoardRow>,
    pub total_players: u64,
    /// How many seconds ago this was exact, at most; 0 while this node hears the database.
    pub age_seconds: i64,
    /// Whether the board has another meaning by now and this is what it was: it is shown, and goes on
    /// counting, until a rebuild has filled the new one.
    pub outdated: bool,
    /// How long a CDN may keep it.
    pub cache_ttl_seconds: u32,
}

/// A player on a board, with neighbours.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "found": false, "player": null, "around": [], "total_players": 0,
    "age_seconds": 0, "outdated": false,
}))]
pub(super) struct BoardPlayer {
    pub success: bool,
    pub found: bool,
    pub player: Option<BoardRow>,
    /// The player and the neighbours on both sides, best first.
    pub around: Vec<BoardRow>,
    pub total_players: u64,
    /// How many seconds ago this was exact, at most; 0 while this node hears the database.
    pub age_seconds: i64,
    /// Whether the board has another meaning by now and this is what it was: it is shown, and goes on
    /// counting, until a rebuild has filled the new one.
    pub outdated: bool,
}

/// Some players on a board.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true,
    "players": [{
        "rank": 1, "user_id": "device-1", "nickname": "Pilot", "score": 1200, "attempts": 3,
        "reached_at": "2026-11-23T10:00:00.000Z", "last_at": "2026-11-23T10:00:00.000Z",
        "sums": { "total_playtime_seconds": 270 },
    }],
    "total_players": 1, "age_seconds": 0, "outdated": false,
}))]
pub(super) struct BoardFriends {
    pub success: bool,
    /// Those who are on it, best first.
    pub players: Vec<BoardRow>,
    pub total_players: u64,
    /// How many seconds ago this was exact, at most; 0 while this node hears the database.
    pub age_seconds: i64,
    /// Whether the board has another meaning by now and this is what it was: it is shown, and goes on
    /// counting, until a rebuild has filled the new one.
    pub outdated: bool,
}

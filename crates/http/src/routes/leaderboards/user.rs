//! `GET /api/v2/leaderboard/user/{user_id}`: a player on the main board.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::game::Board;
use scoreline_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::access::Endpoint;
use crate::boards::{Boards, Row, age_seconds};
use crate::openapi::Moment;
use crate::problem::Problem;
use crate::request::path::Path;
use crate::routes::player_path::PlayerPath;

/// The sum that the answer shows as hours.
const PLAYTIME: &str = "total_playtime_seconds";

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
enum GlobalPlayer {
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
struct GlobalUser {
    user_id: String,
    nickname: String,
    rank: u64,
    high_score: i64,
    total_games: i64,
    /// With one digit behind the point.
    #[schema(example = "0.1")]
    total_playtime_hours: String,
    #[schema(value_type = Moment)]
    last_played: Timestamp,
    /// How many percent of the players stand at or below; with one digit behind the point.
    #[schema(example = "100.0")]
    percentile: String,
}

impl GlobalUser {
    /// A row of the board as released clients read it. `total` is the number of players.
    fn of(row: &Row, board: &Board, total: u64) -> Self {
        let percentile = 100.0 * (total - row.rank + 1) as f64 / total as f64;
        let seconds = row.sum(board, PLAYTIME).unwrap_or(0);
        Self {
            user_id: row.player.to_string(),
            nickname: row.nickname.clone(),
            rank: row.rank,
            high_score: row.score,
            total_games: row.entry.attempts,
            total_playtime_hours: format!("{:.1}", seconds as f64 / 3_600.0),
            last_played: row.entry.last_at,
            percentile: format!("{percentile:.1}"),
        }
    }
}

/// Anybody may read boards.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::public(routes!(handle))
}

/// A player on the main board, with percentile.
#[utoipa::path(
    get, path = "/api/v2/leaderboard/user/{user_id}", tag = "Leaderboards",
    operation_id = "globalPlayer",
    params(PlayerPath),
    responses((
        status = 200, description = "The player, or that they are not on it", body = GlobalPlayer,
    )),
)]
async fn handle(
    State(boards): State<Arc<Boards>>,
    Path(path): Path<PlayerPath>,
) -> Result<Json<GlobalPlayer>, Problem> {
    let main = boards.main().await?;
    let found = boards.own(&main, &path.user_id.0).await?;
    let Some(row) = found.rows.first() else {
        let message = "User not in leaderboard yet";
        return Ok(Json(GlobalPlayer::Absent { success: true, found: false, message }));
    };
    // The board may have changed between the rank and the count.
    let total_players = found.total.max(row.rank);
    Ok(Json(GlobalPlayer::Found {
        success: true,
        found: true,
        user: GlobalUser::of(row, main.board(), total_players),
        total_players,
        age_seconds: age_seconds(found.age_ms),
        outdated: main.is_outdated(),
    }))
}

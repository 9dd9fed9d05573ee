//! `GET /api/v2/leaderboard/global`: the first rows of the main board.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use scoreline_core::id::PlayerId;
use scoreline_core::time::{Clock, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::access::Endpoint;
use crate::boards::{Boards, Row, age_seconds};
use crate::cached::{CACHE_SECONDS, cached};
use crate::openapi::Moment;
use crate::problem::Problem;
use crate::request::query::Query;
use crate::routes::top::AskedTop;

/// Ranks up to here are told apart in `in_top_15`.
const TOP_RANKS: u64 = 15;

/// A player's row on the main board.
#[derive(Serialize, ToSchema)]
struct GlobalRow {
    rank: u64,
    /// The player's id; an alias where ids are not for everybody (`SCORELINE_PUBLIC_IDS`) and the request does
    /// not name the player.
    user_id: String,
    nickname: String,
    high_score: i64,
    total_games: i64,
    /// The time of the last event that counted here.
    #[schema(value_type = Moment)]
    last_played: Timestamp,
}

impl GlobalRow {
    fn of(row: &Row, viewer: Option<&PlayerId>) -> Self {
        Self {
            rank: row.rank,
            user_id: row.public_id(viewer.as_slice()),
            nickname: row.nickname.clone(),
            high_score: row.score,
            total_games: row.entry.attempts,
            last_played: row.entry.last_at,
        }
    }
}

/// Where the asking player stands on the main board.
#[derive(Serialize, ToSchema)]
struct OwnRank {
    rank: u64,
    nickname: String,
    high_score: i64,
    total_games: i64,
    in_top_15: bool,
}

impl From<&Row> for OwnRank {
    fn from(row: &Row) -> Self {
        Self {
            rank: row.rank,
            nickname: row.nickname.clone(),
            high_score: row.score,
            total_games: row.entry.attempts,
            in_top_15: row.rank <= TOP_RANKS,
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
struct GlobalBoard {
    success: bool,
    leaderboard: Vec<GlobalRow>,
    /// Null where no `user_id` was sent, or the player is not on the board.
    user_rank: Option<OwnRank>,
    total_players: u64,
    #[schema(value_type = Moment)]
    last_updated: Timestamp,
    /// How many seconds ago this was exact, at most; 0 while this node hears the database.
    age_seconds: i64,
    /// Whether the board has another meaning by now and this is what it was: it is shown, and goes on
    /// counting, until a rebuild has filled the new one.
    outdated: bool,
    /// How long a CDN may keep it.
    cache_ttl_seconds: u32,
}

/// Anybody may read boards.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::public(routes!(handle))
}

/// The first rows of the main board, and where a player stands on it.
#[utoipa::path(
    get, path = "/api/v2/leaderboard/global", tag = "Leaderboards", operation_id = "globalLeaderboard",
    params(AskedTop),
    responses(
        (status = 200, description = "The rows", body = GlobalBoard),
        (status = 304, description = "They are those of the tag in `If-None-Match`"),
    ),
)]
async fn handle(
    State(boards): State<Arc<Boards>>,
    State(clock): State<Arc<dyn Clock>>,
    Query(asked): Query<AskedTop>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let main = boards.main().await?;
    let (page, own) = asked.rows(&boards, &main).await?;
    let viewer = asked.user_id.as_ref().map(|user| &user.0);
    let age_ms = page.age_ms.max(own.age_ms);
    let content = GlobalBoard {
        success: true,
        leaderboard: page.rows.iter().map(|row| GlobalRow::of(row, viewer)).collect(),
        user_rank: own.rows.first().map(OwnRank::from),
        total_players: page.total,
        last_updated: clock.now().plus_ms(-age_ms).floor_to(1_000),
        age_seconds: age_seconds(age_ms),
        outdated: main.is_outdated(),
        cache_ttl_seconds: CACHE_SECONDS,
    };
    cached(&headers, &content)
}

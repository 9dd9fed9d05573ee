//! `GET /api/v2/leaderboards/{board}`: a page of a board.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use scoreline_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::params::{AskedPeriod, BoardPath};
use super::row::BoardRow;
use crate::access::Endpoint;
use crate::boards::{Boards, age_seconds};
use crate::cached::{CACHE_SECONDS, cached};
use crate::openapi::{Missing, Moment};
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::kinds::{BoardLimit, Offset};
use crate::request::path::Path;
use crate::request::query::StrictQuery;

/// Which rows.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// `current`, `previous` or an id out of `periods`.
    #[serde(default)]
    #[param(inline)]
    period: AskedPeriod,
    /// Rows.
    #[serde(default)]
    #[param(inline)]
    limit: BoardLimit,
    /// Rows to leave out.
    #[serde(default)]
    #[param(inline)]
    offset: Offset,
}

impl Fields for Asked {}

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
struct BoardPage {
    success: bool,
    board: String,
    title: String,
    /// When the period began; null for a board that never resets, or where there is no such period.
    #[schema(value_type = Option<Moment>)]
    period: Option<Timestamp>,
    /// The periods there are, the latest first.
    #[schema(value_type = Vec<Moment>)]
    periods: Arc<[Timestamp]>,
    leaderboard: Vec<BoardRow>,
    total_players: u64,
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

/// A page of a board, of the running period or an earlier one.
#[utoipa::path(
    get, path = "/api/v2/leaderboards/{board}", tag = "Leaderboards", operation_id = "leaderboard",
    params(BoardPath, Asked),
    responses(
        (status = 200, description = "The page", body = BoardPage),
        (status = 304, description = "It is that of the tag in `If-None-Match`"),
        Missing,
    ),
)]
async fn handle(
    State(boards): State<Arc<Boards>>,
    Path(path): Path<BoardPath>,
    StrictQuery(asked): StrictQuery<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let ranking = boards.named(&path.board, asked.period.0).await?;
    let board = ranking.board();
    let page = boards.page(&ranking, asked.offset.0 as u64, asked.limit.0).await?;
    let content = BoardPage {
        success: true,
        board: board.name.to_string(),
        title: board.title.clone(),
        period: ranking.period(),
        periods: boards.periods(&ranking).await?,
        leaderboard: page.rows.iter().map(|row| BoardRow::of(row, board, &[])).collect(),
        total_players: page.total,
        age_seconds: age_seconds(page.age_ms),
        outdated: ranking.is_outdated(),
        cache_ttl_seconds: CACHE_SECONDS,
    };
    cached(&headers, &content)
}

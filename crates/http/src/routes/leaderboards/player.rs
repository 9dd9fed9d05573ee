//! `GET /api/v2/leaderboards/{board}/players/{user_id}`: a player between neighbours.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::limits::{NEIGHBOURS_DEFAULT, NEIGHBOURS_MAX};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::params::AskedPeriod;
use super::row::BoardRow;
use crate::access::Endpoint;
use crate::boards::{Boards, age_seconds};
use crate::openapi::Missing;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::kinds::{UserId, Whole};
use crate::request::path::Path;
use crate::request::query::StrictQuery;

/// Neighbours on each side.
type Neighbours = Whole<0, NEIGHBOURS_MAX, NEIGHBOURS_DEFAULT>;

/// Who, and on which board.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct Place {
    /// The board's name in the definition.
    board: String,
    /// The player.
    #[param(inline)]
    user_id: UserId,
}

impl Fields for Place {}

/// Which neighbours.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Neighbours on each side.
    #[serde(default)]
    #[param(inline)]
    around: Neighbours,
    /// `current`, `previous` or an id out of `periods`.
    #[serde(default)]
    #[param(inline)]
    period: AskedPeriod,
}

impl Fields for Asked {}

/// A player on a board, with neighbours.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "found": false, "player": null, "around": [], "total_players": 0,
    "age_seconds": 0, "outdated": false,
}))]
struct BoardPlayer {
    success: bool,
    found: bool,
    player: Option<BoardRow>,
    /// The player and the neighbours on both sides, best first.
    around: Vec<BoardRow>,
    total_players: u64,
    /// How many seconds ago this was exact, at most; 0 while this node hears the database.
    age_seconds: i64,
    /// Whether the board has another meaning by now and this is what it was: it is shown, and goes on
    /// counting, until a rebuild has filled the new one.
    outdated: bool,
}

/// Anybody may read boards.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::public(routes!(handle))
}

/// A player on a board, with the neighbours on both sides.
#[utoipa::path(
    get, path = "/api/v2/leaderboards/{board}/players/{user_id}", tag = "Leaderboards",
    operation_id = "leaderboardPlayer",
    params(Place, Asked),
    responses(
        (status = 200, description = "The player, or that they are not on it", body = BoardPlayer),
        Missing,
    ),
)]
async fn handle(
    State(boards): State<Arc<Boards>>,
    Path(place): Path<Place>,
    StrictQuery(asked): StrictQuery<Asked>,
) -> Result<Json<BoardPlayer>, Problem> {
    let player = place.user_id.0;
    let ranking = boards.named(&place.board, asked.period.0).await?;
    let board = ranking.board();
    let found = boards.around(&ranking, &player, asked.around.0).await?;
    let own = found.rows.iter().find(|row| row.player == player);
    Ok(Json(BoardPlayer {
        success: true,
        found: own.is_some(),
        player: own.map(|row| BoardRow::of(row, board, &[&player])),
        around: found.rows.iter().map(|row| BoardRow::of(row, board, &[&player])).collect(),
        total_players: found.total,
        age_seconds: age_seconds(found.age_ms),
        outdated: ranking.is_outdated(),
    }))
}

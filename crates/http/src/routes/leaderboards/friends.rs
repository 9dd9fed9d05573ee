//! `GET /api/v2/leaderboards/{board}/rank`: some players on a board.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::id::PlayerId;
use scoreline_core::limits::FRIENDS_MAX;
use serde::{Deserialize, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use utoipa_axum::routes;

use super::params::{AskedPeriod, BoardPath};
use super::row::BoardRow;
use crate::access::Endpoint;
use crate::boards::{Boards, age_seconds};
use crate::openapi::Missing;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::path::Path;
use crate::request::query::Query;

/// Players, with commas between their ids; each of them once.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Friends(Vec<PlayerId>);

impl TryFrom<String> for Friends {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let named = text.split(',').count();
        if named > FRIENDS_MAX {
            return Err(format!("must name at most {FRIENDS_MAX} players, but names {named}"));
        }
        let players = text.split(',').map(|id| PlayerId::new(id.trim()));
        let mut players = players
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| format!("names a player whose id {error}"))?;
        players.sort_unstable();
        players.dedup();
        Ok(Self(players))
    }
}

impl PartialSchema for Friends {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).into()
    }
}

impl ToSchema for Friends {}

/// Which players.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Up to 100 players, with commas between them.
    #[param(inline, example = "a,b,c")]
    user_ids: Friends,
    /// `current`, `previous` or an id out of `periods`.
    #[serde(default)]
    #[param(inline)]
    period: AskedPeriod,
}

impl Fields for Asked {
    const NEEDS: Option<&'static str> = Some("user_ids required");
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
struct BoardFriends {
    success: bool,
    /// Those who are on it, best first.
    players: Vec<BoardRow>,
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

/// Some players on a board: friends.
#[utoipa::path(
    get, path = "/api/v2/leaderboards/{board}/rank", tag = "Leaderboards",
    operation_id = "leaderboardFriends",
    params(BoardPath, Asked),
    responses(
        (status = 200, description = "Those who are on it", body = BoardFriends),
        Missing,
    ),
)]
async fn handle(
    State(boards): State<Arc<Boards>>,
    Path(path): Path<BoardPath>,
    Query(asked): Query<Asked>,
) -> Result<Json<BoardFriends>, Problem> {
    let ranking = boards.named(&path.board, asked.period.0).await?;
    let found = boards.players(&ranking, &asked.user_ids.0).await?;
    Ok(Json(BoardFriends {
        success: true,
        players: found.rows.iter().map(|row| BoardRow::of(row, ranking.board())).collect(),
        total_players: found.total,
        age_seconds: age_seconds(found.age_ms),
        outdated: ranking.is_outdated(),
    }))
}

//! `GET /api/v2/players/{user_id}/stats`: a player in numbers.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::fold::{FIRST_SEEN, LAST_SEEN, Plan, ProjectionKind};
use scoreline_core::operations::Operations;
use scoreline_core::store::{PlayerProfile, PlayerStore};
use scoreline_core::time::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::access::Endpoint;
use crate::openapi::{Missing, Moment};
use crate::problem::{Problem, Slug};
use crate::request::path::Path;
use crate::routes::player_path::PlayerPath;

/// A player in numbers.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "user_id": "device-1", "nickname": "Pilot",
    "first_seen": "2026-11-21T08:00:00.000Z", "last_seen": "2026-11-23T10:00:00.000Z",
    "statistics": { "games_played": 3 },
}))]
struct PlayerAnswer {
    success: bool,
    user_id: String,
    nickname: String,
    /// The time of the first event.
    #[schema(value_type = Option<Moment>)]
    first_seen: Option<Timestamp>,
    /// The time of the last event.
    #[schema(value_type = Option<Moment>)]
    last_seen: Option<Timestamp>,
    /// The statistics of the definition, by name.
    #[schema(value_type = HashMap<String, i64>)]
    statistics: Map<String, Value>,
}

/// Statistics are as public as boards.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::public(routes!(handle))
}

/// A player's statistics, as the definition names them.
#[utoipa::path(
    get, path = "/api/v2/players/{user_id}/stats", tag = "Players", operation_id = "playerStatistics",
    params(PlayerPath),
    responses((status = 200, description = "The player in numbers", body = PlayerAnswer), Missing),
)]
async fn handle(
    State(players): State<Arc<dyn PlayerStore>>,
    State(operations): State<Arc<dyn Operations>>,
    Path(path): Path<PlayerPath>,
) -> Result<Json<PlayerAnswer>, Problem> {
    let player = path.user_id.0;
    let Some(profile) = players.profile(player.clone()).await? else {
        let detail = format!("nothing was heard of player {player} yet");
        return Err(Problem::new(Slug::NotFound, detail));
    };
    let plan = operations.plan();
    let value = |name: &str| value_of(&profile, &plan, name);
    let names = plan.definition.statistics.keys();
    let statistics =
        names.map(|name| (name.to_string(), value(name).unwrap_or(0).into())).collect();
    // The first event is kept as a negative time, so that the greatest value is the earliest.
    let first_seen = value(FIRST_SEEN).and_then(|ms| Timestamp::from_ms(-ms));
    let last_seen = value(LAST_SEEN).and_then(Timestamp::from_ms);
    let default_nickname = &plan.definition.game.default_nickname;
    Ok(Json(PlayerAnswer {
        success: true,
        user_id: player.to_string(),
        nickname: profile.nickname.unwrap_or_else(|| default_nickname.clone()),
        first_seen,
        last_seen,
        statistics,
    }))
}

/// A statistic of a player, if it was ever counted.
fn value_of(profile: &PlayerProfile, plan: &Plan, name: &str) -> Option<i64> {
    // That of the former meaning while the present one is not filled yet.
    let slot = plan.shown(ProjectionKind::Statistic, name)?.slot;
    profile.statistics.iter().find(|(other, _)| *other == slot).map(|(_, value)| *value)
}

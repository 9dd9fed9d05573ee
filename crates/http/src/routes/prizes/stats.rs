//! `GET /api/v2/prizes/stats`: a player's prizes in numbers.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::store::PrizeStore;
use scoreline_core::tournament::PrizeStatistics;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::owner::Owner;
use crate::access::Endpoint;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::request::query::Query;

/// A player's prizes in numbers.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true,
    "stats": {
        "total_prizes": 1, "claimed_prizes": 1, "pending_prizes": 0, "total_coins_won": 5000,
        "total_gems_won": 250, "claimed_coins": 5000, "claimed_gems": 250, "best_rank": 1,
        "tournaments_won": 1,
    },
}))]
struct PrizeFigures {
    success: bool,
    stats: PrizeSums,
}

/// A player's prizes in numbers.
#[derive(Serialize, ToSchema)]
struct PrizeSums {
    total_prizes: u64,
    claimed_prizes: u64,
    pending_prizes: u64,
    total_coins_won: i64,
    total_gems_won: i64,
    claimed_coins: i64,
    claimed_gems: i64,
    /// Null without prizes.
    best_rank: Option<u64>,
    tournaments_won: u64,
}

impl From<PrizeStatistics> for PrizeSums {
    fn from(found: PrizeStatistics) -> Self {
        Self {
            total_prizes: found.total_prizes,
            claimed_prizes: found.claimed_prizes,
            pending_prizes: found.total_prizes - found.claimed_prizes,
            total_coins_won: found.total_coins,
            total_gems_won: found.total_gems,
            claimed_coins: found.claimed_coins,
            claimed_gems: found.claimed_gems,
            best_rank: found.best_rank,
            tournaments_won: found.tournaments_won,
        }
    }
}

/// A player reads their own prizes.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::player(routes!(handle))
}

/// A player's prizes in numbers.
#[utoipa::path(
    get, path = "/api/v2/prizes/stats", tag = "Prizes", operation_id = "prizeFigures",
    params(Owner),
    responses((status = 200, description = "The numbers", body = PrizeFigures)),
)]
async fn handle(
    State(prizes): State<Arc<dyn PrizeStore>>,
    caller: Caller,
    Query(owner): Query<Owner>,
) -> Result<Json<PrizeFigures>, Problem> {
    let player = owner.user_id.0;
    caller.speaker.may_be(&player)?;
    let stats = prizes.prize_statistics(player).await?.into();
    Ok(Json(PrizeFigures { success: true, stats }))
}

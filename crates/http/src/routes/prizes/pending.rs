//! `GET /api/v2/prizes/pending`: the prizes that wait for a player.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::store::PrizeStore;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::owner::Owner;
use super::won::WonPrize;
use crate::access::Endpoint;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::request::query::Query;

/// The prizes that a player can claim.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "count": 1, "has_prizes": true,
    "prizes": [{
        "prize_id": "0b9e5d6a-2f0c-8f1e-9f4b-3a1d6c7e8f90", "tournament_id": "weekly_2026_w47",
        "tournament_name": "Weekly Tournament", "rank": 1, "rank_label": "1st Place",
        "coins": 5000, "gems": 250, "awarded_at": "2026-11-23T00:00:05.000Z",
        "total_value": 7500, "celebration_message": "Champion! You won the tournament!",
    }],
}))]
struct PendingPrizes {
    success: bool,
    count: usize,
    has_prizes: bool,
    prizes: Vec<WonPrize>,
}

/// A player reads their own prizes.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::player(routes!(handle))
}

/// The prizes that wait for a player.
#[utoipa::path(
    get, path = "/api/v2/prizes/pending", tag = "Prizes", operation_id = "pendingPrizes",
    params(Owner),
    responses((status = 200, description = "The prizes", body = PendingPrizes)),
)]
async fn handle(
    State(prizes): State<Arc<dyn PrizeStore>>,
    caller: Caller,
    Query(owner): Query<Owner>,
) -> Result<Json<PendingPrizes>, Problem> {
    let player = owner.user_id.0;
    caller.speaker.may_be(&player)?;
    let prizes = prizes.pending_prizes(player).await?;
    Ok(Json(PendingPrizes {
        success: true,
        count: prizes.len(),
        has_prizes: !prizes.is_empty(),
        prizes: prizes.iter().map(WonPrize::from).collect(),
    }))
}

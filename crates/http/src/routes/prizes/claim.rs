//! `POST /api/v2/prizes/claim`: a player takes a prize.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::store::PrizeStore;
use scoreline_core::time::{Clock, Timestamp};
use scoreline_core::tournament::Claim;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::access::Endpoint;
use crate::auth::Caller;
use crate::openapi::Moment;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::body::Body;
use crate::request::kinds::{Text, UserId};

/// A prize to be claimed. What a device sends beside it, such as its `claimed_at`, is not looked at.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({
    "prize_id": "0b9e5d6a-2f0c-8f1e-9f4b-3a1d6c7e8f90", "user_id": "device-1",
}))]
struct ClaimRequest {
    prize_id: Text,
    user_id: UserId,
}

impl Fields for ClaimRequest {
    const NEEDS: Option<&'static str> = Some("prize_id and user_id required");
}

/// What became of a claim.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "message": "Prize claim acknowledged",
    "prize_id": "0b9e5d6a-2f0c-8f1e-9f4b-3a1d6c7e8f90", "status": "claimed",
    "claimed_at": "2026-11-23T10:00:00.000Z", "coins": 5000, "gems": 250,
}))]
struct ClaimAnswer {
    success: bool,
    message: &'static str,
    prize_id: String,
    status: ClaimStatus,
    /// When it was claimed first; null if there is no such prize of this player.
    #[schema(value_type = Option<Moment>)]
    claimed_at: Option<Timestamp>,
    coins: Option<i64>,
    gems: Option<i64>,
}

/// How a claim ended.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ClaimStatus {
    /// Now, by this request.
    Claimed,
    /// Before; nothing is given twice.
    AlreadyClaimed,
    /// There is no such prize, or it is someone else's.
    NotFound,
}

/// A player claims their own prizes.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::player(routes!(handle))
}

/// Claims a prize. The store decides before the answer; claiming again changes nothing.
#[utoipa::path(
    post, path = "/api/v2/prizes/claim", tag = "Prizes", operation_id = "claimPrize",
    request_body = ClaimRequest,
    responses((status = 200, description = "What became of it", body = ClaimAnswer)),
)]
async fn handle(
    State(prizes): State<Arc<dyn PrizeStore>>,
    State(clock): State<Arc<dyn Clock>>,
    caller: Caller,
    Body(request): Body<ClaimRequest>,
) -> Result<Json<ClaimAnswer>, Problem> {
    let (prize_id, player) = (request.prize_id.0, request.user_id.0);
    caller.speaker.may_be(&player)?;
    // What is no UUID is no prize of ours.
    let claim = match Uuid::try_parse(&prize_id) {
        Ok(id) => prizes.claim_prize(id, player, clock.now()).await?,
        Err(_) => Claim::NotFound,
    };
    let (status, found) = match &claim {
        Claim::Claimed(prize) => (ClaimStatus::Claimed, Some(prize)),
        Claim::AlreadyClaimed(prize) => (ClaimStatus::AlreadyClaimed, Some(prize)),
        Claim::NotFound => (ClaimStatus::NotFound, None),
    };
    Ok(Json(ClaimAnswer {
        success: true,
        message: "Prize claim acknowledged",
        prize_id,
        status,
        claimed_at: found.and_then(|prize| prize.claimed_at),
        coins: found.map(|prize| prize.coins),
        gems: found.map(|prize| prize.gems),
    }))
}

//! `GET /api/v2/prizes/history`: everything that a player won.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::limits::{PRIZE_HISTORY_DEFAULT, PRIZE_HISTORY_MAX};
use scoreline_core::store::PrizeStore;
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::Prize;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::won::WonPrize;
use crate::access::Endpoint;
use crate::auth::Caller;
use crate::openapi::Moment;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::kinds::{UserId, Whole};
use crate::request::query::Query;

/// Rows of a history.
type HistoryLimit = Whole<1, PRIZE_HISTORY_MAX, PRIZE_HISTORY_DEFAULT>;

/// Whose prizes, and how many.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// The player; with `SCORELINE_AUTH=player` the token's.
    #[param(inline)]
    user_id: UserId,
    /// Rows.
    #[serde(default)]
    #[param(inline)]
    limit: HistoryLimit,
}

impl Fields for Asked {
    const NEEDS: Option<&'static str> = Some("user_id required");
}

/// What a player won.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "count": 1,
    "prizes": [{
        "prize_id": "0b9e5d6a-2f0c-8f1e-9f4b-3a1d6c7e8f90", "tournament_id": "weekly_2026_w47",
        "tournament_name": "Weekly Tournament", "rank": 1, "rank_label": "1st Place",
        "coins": 5000, "gems": 250, "awarded_at": "2026-11-23T00:00:05.000Z",
        "total_value": 7500, "celebration_message": "Champion! You won the tournament!",
        "claimed_at": "2026-11-23T10:00:00.000Z", "claimed": true,
    }],
}))]
struct PrizeHistory {
    success: bool,
    count: usize,
    prizes: Vec<PastPrize>,
}

/// A prize, claimed or not.
#[derive(Serialize, ToSchema)]
struct PastPrize {
    #[serde(flatten)]
    prize: WonPrize,
    /// Null until it is claimed.
    #[schema(value_type = Option<Moment>)]
    claimed_at: Option<Timestamp>,
    claimed: bool,
}

impl From<&Prize> for PastPrize {
    fn from(prize: &Prize) -> Self {
        let claimed_at = prize.claimed_at;
        Self { prize: prize.into(), claimed_at, claimed: claimed_at.is_some() }
    }
}

/// A player reads their own prizes.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::player(routes!(handle))
}

/// What a player won, newest first.
#[utoipa::path(
    get, path = "/api/v2/prizes/history", tag = "Prizes", operation_id = "prizeHistory",
    params(Asked),
    responses((status = 200, description = "The prizes", body = PrizeHistory)),
)]
async fn handle(
    State(prizes): State<Arc<dyn PrizeStore>>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Json<PrizeHistory>, Problem> {
    let player = asked.user_id.0;
    caller.speaker.may_be(&player)?;
    let prizes = prizes.prize_history(player, asked.limit.0, false).await?;
    let prizes: Vec<PastPrize> = prizes.iter().map(PastPrize::from).collect();
    Ok(Json(PrizeHistory { success: true, count: prizes.len(), prizes }))
}

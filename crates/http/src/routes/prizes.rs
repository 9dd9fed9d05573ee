//! `/api/v2/prizes/*`: what a player won. The store decides every claim before the answer.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use scoreline_core::id::PlayerId;
use scoreline_core::limits::{PRIZE_HISTORY_DEFAULT, PRIZE_HISTORY_MAX};
use scoreline_core::prize::{celebration_message, rank_label, total_value};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::{Claim, Prize};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::app::{App, bounded, player_id, text};
use crate::openapi::{Content, Guarded, Limited, Moment, Parameters as WrongParameters};
use crate::problem::Problem;

type Parameters = Query<HashMap<String, String>>;

fn owner(
    app: &App,
    headers: &HeaderMap,
    parameters: &HashMap<String, String>,
) -> Result<PlayerId, Problem> {
    let user = parameters.get("user_id").filter(|user| !user.is_empty());
    let missing = || Problem::required("user_id required", &[("user_id", None)]);
    let player = player_id("user_id", user.ok_or_else(missing)?)?;
    app.auth.speaker(headers)?.may_be(&player)?;
    Ok(player)
}

/// Whose prizes.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters whose faults are told one by one")]
struct OwnerParameters {
    /// The player; with `SCORELINE_AUTH=player` the token's.
    #[param(min_length = 1, max_length = 255)]
    user_id: String,
}

/// What was won.
#[derive(Serialize, ToSchema)]
pub(crate) struct WonPrize {
    prize_id: Uuid,
    tournament_id: String,
    tournament_name: String,
    rank: u64,
    /// Such as `1st Place`.
    rank_label: String,
    coins: i64,
    gems: i64,
    #[schema(value_type = Moment)]
    awarded_at: Timestamp,
    /// Coins and ten times the gems.
    total_value: i64,
    celebration_message: String,
}

/// A prize, claimed or not.
#[derive(Serialize, ToSchema)]
pub(crate) struct PastPrize {
    #[serde(flatten)]
    prize: WonPrize,
    /// Null until it is claimed.
    #[schema(value_type = Option<Moment>)]
    claimed_at: Option<Timestamp>,
    claimed: bool,
}

impl From<&Prize> for WonPrize {
    fn from(prize: &Prize) -> Self {
        Self {
            prize_id: prize.id,
            tournament_id: prize.tournament_id.to_string(),
            tournament_name: prize.tournament_name.clone(),
            rank: prize.rank,
            rank_label: rank_label(prize.rank),
            coins: prize.coins,
            gems: prize.gems,
            awarded_at: prize.awarded_at,
            total_value: total_value(prize.coins, prize.gems),
            celebration_message: celebration_message(prize.rank),
        }
    }
}

impl From<&Prize> for PastPrize {
    fn from(prize: &Prize) -> Self {
        let claimed_at = prize.claimed_at;
        Self { prize: prize.into(), claimed_at, claimed: claimed_at.is_some() }
    }
}

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
pub(crate) struct PendingPrizes {
    success: bool,
    count: usize,
    has_prizes: bool,
    prizes: Vec<WonPrize>,
}

/// The prizes that wait for a player.
#[utoipa::path(
    get, path = "/api/v2/prizes/pending", tag = "Prizes", operation_id = "pendingPrizes",
    params(OwnerParameters),
    responses(
        (status = 200, description = "The prizes", body = PendingPrizes),
        WrongParameters, Guarded, Limited,
    ),
    security((), ("player_token" = []), ("server_key" = [])),
)]
pub(crate) async fn pending(
    State(app): State<App>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Result<Json<PendingPrizes>, Problem> {
    let player = owner(&app, &headers, &parameters)?;
    let prizes = app.store.pending_prizes(player).await?;
    Ok(Json(PendingPrizes {
        success: true,
        count: prizes.len(),
        has_prizes: !prizes.is_empty(),
        prizes: prizes.iter().map(WonPrize::from).collect(),
    }))
}

/// A prize to be claimed. What a device sends beside it, such as its `claimed_at`, is not looked at.
#[derive(Deserialize, Default, ToSchema)]
#[schema(example = json!({
    "prize_id": "0b9e5d6a-2f0c-8f1e-9f4b-3a1d6c7e8f90", "user_id": "device-1",
}))]
pub(crate) struct ClaimRequest {
    #[schema(required, value_type = String)]
    prize_id: Option<Value>,
    #[schema(required, value_type = String, min_length = 1, max_length = 255)]
    user_id: Option<Value>,
}

/// What became of a claim.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "message": "Prize claim acknowledged",
    "prize_id": "0b9e5d6a-2f0c-8f1e-9f4b-3a1d6c7e8f90", "status": "claimed",
    "claimed_at": "2026-11-23T10:00:00.000Z", "coins": 5000, "gems": 250,
}))]
pub(crate) struct ClaimAnswer {
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

/// Claims a prize. The store decides before the answer; claiming again changes nothing.
#[utoipa::path(
    post, path = "/api/v2/prizes/claim", tag = "Prizes", operation_id = "claimPrize",
    request_body = ClaimRequest,
    responses(
        (status = 200, description = "What became of it", body = ClaimAnswer),
        Content, Guarded, Limited,
    ),
    security((), ("player_token" = []), ("server_key" = [])),
)]
pub(crate) async fn claim(
    State(app): State<App>,
    headers: HeaderMap,
    crate::routes::Body(request): crate::routes::Body<ClaimRequest>,
) -> Result<Json<ClaimAnswer>, Problem> {
    let (prize, user) = (request.prize_id.as_ref(), request.user_id.as_ref());
    let missing = || {
        let fields = [("prize_id", prize), ("user_id", user)];
        Problem::required("prize_id and user_id required", &fields)
    };
    let (Some(prize), Some(user)) = (text(prize), text(user)) else { return Err(missing()) };
    let player = player_id("user_id", user)?;
    let now = app.clock.now();
    app.auth.speaker(&headers)?.may_be(&player)?;
    // What is no UUID is no prize of ours.
    let claim = match Uuid::try_parse(prize) {
        Ok(id) => app.store.claim_prize(id, player, now).await?,
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
        prize_id: prize.to_owned(),
        status,
        claimed_at: found.and_then(|prize| prize.claimed_at),
        coins: found.map(|prize| prize.coins),
        gems: found.map(|prize| prize.gems),
    }))
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
pub(crate) struct PrizeHistory {
    success: bool,
    count: usize,
    prizes: Vec<PastPrize>,
}

/// What a player won, newest first.
#[utoipa::path(
    get, path = "/api/v2/prizes/history", tag = "Prizes", operation_id = "prizeHistory",
    params(
        OwnerParameters,
        ("limit" = Option<u32>, Query, description = "Rows, 10 by default", minimum = 1, maximum = 1000),
    ),
    responses(
        (status = 200, description = "The prizes", body = PrizeHistory),
        WrongParameters, Guarded, Limited,
    ),
    security((), ("player_token" = []), ("server_key" = [])),
)]
pub(crate) async fn history(
    State(app): State<App>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Result<Json<PrizeHistory>, Problem> {
    let player = owner(&app, &headers, &parameters)?;
    let limit = parameters.get("limit").map(String::as_str);
    let limit = bounded("limit", limit, PRIZE_HISTORY_DEFAULT, 1, PRIZE_HISTORY_MAX)?;
    let prizes = app.store.prize_history(player, limit).await?;
    let prizes: Vec<PastPrize> = prizes.iter().map(PastPrize::from).collect();
    Ok(Json(PrizeHistory { success: true, count: prizes.len(), prizes }))
}

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
pub(crate) struct PrizeFigures {
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

/// A player's prizes in numbers.
#[utoipa::path(
    get, path = "/api/v2/prizes/stats", tag = "Prizes", operation_id = "prizeFigures",
    params(OwnerParameters),
    responses(
        (status = 200, description = "The numbers", body = PrizeFigures),
        WrongParameters, Guarded, Limited,
    ),
    security((), ("player_token" = []), ("server_key" = [])),
)]
pub(crate) async fn stats(
    State(app): State<App>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Result<Json<PrizeFigures>, Problem> {
    let player = owner(&app, &headers, &parameters)?;
    let found = app.store.prize_statistics(player).await?;
    let stats = PrizeSums {
        total_prizes: found.total_prizes,
        claimed_prizes: found.claimed_prizes,
        pending_prizes: found.total_prizes - found.claimed_prizes,
        total_coins_won: found.total_coins,
        total_gems_won: found.total_gems,
        claimed_coins: found.claimed_coins,
        claimed_gems: found.claimed_gems,
        best_rank: found.best_rank,
        tournaments_won: found.tournaments_won,
    };
    Ok(Json(PrizeFigures { success: true, stats }))
}

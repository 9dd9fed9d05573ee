//! `/api/v2/prizes/*`: what a player won. The store decides every claim before the answer.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use scoreline_core::id::PlayerId;
use scoreline_core::limits::{PRIZE_HISTORY_DEFAULT, PRIZE_HISTORY_MAX};
use scoreline_core::prize::{celebration_message, rank_label, total_value};
use scoreline_core::tournament::{Claim, Prize};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, bounded, player_id};
use crate::auth;
use crate::problem::Problem;

type Parameters = Query<HashMap<String, String>>;

fn owner(
    app: &App,
    headers: &HeaderMap,
    parameters: &HashMap<String, String>,
) -> Result<PlayerId, Problem> {
    let user = parameters.get("user_id").filter(|user| !user.is_empty());
    let player = player_id("user_id", user.ok_or_else(|| Problem::required("user_id required"))?)?;
    auth::speaker(app, headers, app.clock.now())?.may_be(&player)?;
    Ok(player)
}

fn as_json(prize: &Prize) -> Value {
    json!({
        "prize_id": prize.id,
        "tournament_id": &*prize.tournament_id,
        "tournament_name": prize.tournament_name,
        "rank": prize.rank,
        "rank_label": rank_label(prize.rank),
        "coins": prize.coins,
        "gems": prize.gems,
        "awarded_at": prize.awarded_at,
        "total_value": total_value(prize.coins, prize.gems),
        "celebration_message": celebration_message(prize.rank),
    })
}

/// `GET /api/v2/prizes/pending?user_id=`
pub(crate) async fn pending(
    State(app): State<Arc<App>>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    let player = owner(&app, &headers, &parameters)?;
    let prizes: Vec<Value> = app.store.pending_prizes(player).await?.iter().map(as_json).collect();
    Ok(Json(json!({
        "success": true,
        "count": prizes.len(),
        "has_prizes": !prizes.is_empty(),
        "prizes": prizes,
    })))
}

#[derive(Deserialize, Default)]
pub(crate) struct ClaimRequest {
    prize_id: Option<Value>,
    user_id: Option<Value>,
}

/// `POST /api/v2/prizes/claim`. The device's `claimed_at` is not looked at.
pub(crate) async fn claim(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    crate::routes::Body(request): crate::routes::Body<ClaimRequest>,
) -> Result<Json<Value>, Problem> {
    let (Some(Value::String(prize)), Some(Value::String(user))) =
        (&request.prize_id, &request.user_id)
    else {
        return Err(Problem::required("prize_id and user_id required"));
    };
    if prize.is_empty() || user.is_empty() {
        return Err(Problem::required("prize_id and user_id required"));
    }
    let player = player_id("user_id", user)?;
    let now = app.clock.now();
    auth::speaker(&app, &headers, now)?.may_be(&player)?;
    // What is no UUID is no prize of ours.
    let claim = match Uuid::try_parse(prize) {
        Ok(id) => app.store.claim_prize(id, player, now).await?,
        Err(_) => Claim::NotFound,
    };
    let (status, found) = match &claim {
        Claim::Claimed(prize) => ("claimed", Some(prize)),
        Claim::AlreadyClaimed(prize) => ("already_claimed", Some(prize)),
        Claim::NotFound => ("not_found", None),
    };
    Ok(Json(json!({
        "success": true,
        "message": "Prize claim acknowledged",
        "prize_id": prize,
        "status": status,
        "claimed_at": found.and_then(|prize| prize.claimed_at),
        "coins": found.map(|prize| prize.coins),
        "gems": found.map(|prize| prize.gems),
    })))
}

/// `GET /api/v2/prizes/history?user_id=&limit=`
pub(crate) async fn history(
    State(app): State<Arc<App>>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    let player = owner(&app, &headers, &parameters)?;
    let limit = parameters.get("limit").map(String::as_str);
    let limit = bounded("limit", limit, PRIZE_HISTORY_DEFAULT, 1, PRIZE_HISTORY_MAX)?;
    let prizes: Vec<Value> = app
        .store
        .prize_history(player, limit)
        .await?
        .iter()
        .map(|prize| {
            let mut json = as_json(prize);
            json["claimed_at"] = json!(prize.claimed_at);
            json["claimed"] = prize.claimed_at.is_some().into();
            json
        })
        .collect();
    Ok(Json(json!({ "success": true, "count": prizes.len(), "prizes": prizes })))
}

/// `GET /api/v2/prizes/stats?user_id=`
pub(crate) async fn stats(
    State(app): State<Arc<App>>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    let player = owner(&app, &headers, &parameters)?;
    let found = app.store.prize_statistics(player).await?;
    Ok(Json(json!({
        "success": true,
        "stats": {
            "total_prizes": found.total_prizes,
            "claimed_prizes": found.claimed_prizes,
            "pending_prizes": found.total_prizes - found.claimed_prizes,
            "total_coins_won": found.total_coins,
            "total_gems_won": found.total_gems,
            "claimed_coins": found.claimed_coins,
            "claimed_gems": found.claimed_gems,
            "best_rank": found.best_rank,
            "tournaments_won": found.tournaments_won,
        },
    })))
}

//! `/api/v2/players/*`: statistics, and sessions that prove who a device is.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::fold::{FIRST_SEEN, LAST_SEEN, ProjectionKind};
use scoreline_core::store::{BindOutcome, PlayerProfile};
use scoreline_core::time::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::app::{App, player_id};
use crate::auth::{TOKEN_SECONDS, make_token, secret_hash};
use crate::path::Path;
use crate::problem::{Problem, Slug};

/// Characters of a device secret, least and most.
const SECRET_CHARS: std::ops::RangeInclusive<usize> = 16..=255;

/// `GET /api/v2/players/{user_id}/stats`
pub(crate) async fn stats(
    State(app): State<Arc<App>>,
    Path(user): Path<String>,
) -> Result<Json<Value>, Problem> {
    let player = player_id("user_id", &user)?;
    let Some(profile) = app.store.profile(player.clone()).await? else {
        return Err(Problem::new(
            Slug::NotFound,
            format!("nothing was heard of player {player} yet"),
        ));
    };
    let plan = app.operations.plan();
    let value = |name: &str| {
        let slot = plan.projection(ProjectionKind::Statistic, name)?.slot;
        find(&profile, slot)
    };
    let statistics: Map<String, Value> = plan
        .definition
        .statistics
        .keys()
        .map(|name| (name.to_string(), value(name).unwrap_or(0).into()))
        .collect();
    // The first event is kept as a negative time, so that the greatest value is the earliest.
    let first_seen = value(FIRST_SEEN).and_then(|ms| Timestamp::from_ms(-ms));
    let last_seen = value(LAST_SEEN).and_then(Timestamp::from_ms);
    let default_nickname = &plan.definition.game.default_nickname;
    Ok(Json(json!({
        "success": true,
        "user_id": player.as_str(),
        "nickname": profile.nickname.as_ref().unwrap_or(default_nickname),
        "first_seen": first_seen,
        "last_seen": last_seen,
        "statistics": statistics,
    })))
}

fn find(profile: &PlayerProfile, slot: scoreline_core::id::Slot) -> Option<i64> {
    profile.statistics.iter().find(|(other, _)| *other == slot).map(|(_, value)| *value)
}

#[derive(Deserialize)]
pub(crate) struct SessionRequest {
    user_id: Option<String>,
    device_secret: Option<String>,
}

/// `POST /api/v2/players/session`
pub(crate) async fn session(
    State(app): State<Arc<App>>,
    crate::routes::Body(request): crate::routes::Body<SessionRequest>,
) -> Result<Json<Value>, Problem> {
    let user = request.user_id.ok_or_else(|| Problem::required("user_id required"))?;
    let player = player_id("user_id", &user)?;
    let now = app.clock.now();
    let made = request.device_secret.is_none().then(|| {
        // Two random UUIDs hold 244 random bits.
        format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
    });
    let secret = request.device_secret.as_ref().or(made.as_ref()).expect("one of them is there");
    if !SECRET_CHARS.contains(&secret.chars().count()) {
        let reason =
            format!("must have {} to {} characters", SECRET_CHARS.start(), SECRET_CHARS.end());
        return Err(Problem::field("device_secret", reason));
    }
    let hash = secret_hash(&app.settings.token_secret, &player, secret);
    let outcome = app.store.bind_secret(player.clone(), hash.clone(), now).await?;
    if let BindOutcome::Known(known) = &outcome {
        let same: bool = known.as_bytes().ct_eq(hash.as_bytes()).into();
        if !same {
            let detail = "this player is bound to another device secret";
            return Err(Problem::new(Slug::Forbidden, detail));
        }
    }
    let (token, expires_at) = make_token(&app.settings.token_secret, &player, now);
    let mut answer = json!({
        "success": true,
        "user_id": player.as_str(),
        "token": token,
        "expires_at": expires_at,
        "expires_in_seconds": TOKEN_SECONDS,
    });
    if let Some(secret) = made {
        // Said once: the device keeps it, the server keeps its hash.
        answer["device_secret"] = secret.into();
    }
    Ok(Json(answer))
}

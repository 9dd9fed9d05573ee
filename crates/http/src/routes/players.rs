//! `/api/v2/players/*`: statistics, and sessions that prove who a device is.

use axum::Json;
use axum::extract::State;
use scoreline_core::fold::{FIRST_SEEN, LAST_SEEN, ProjectionKind};
use scoreline_core::store::{BindOutcome, PlayerProfile};
use scoreline_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::{App, player_id};
use crate::auth::token::{TOKEN_SECONDS, secret_hash};
use crate::openapi::{Bound, Content, Limited, Missing, Moment, Parameters};
use crate::path::Path;
use crate::problem::{Problem, Slug};

/// Characters of a device secret, least and most.
const SECRET_CHARS: std::ops::RangeInclusive<usize> = 16..=255;

/// A player in numbers.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "user_id": "device-1", "nickname": "Pilot",
    "first_seen": "2026-11-21T08:00:00.000Z", "last_seen": "2026-11-23T10:00:00.000Z",
    "statistics": { "games_played": 3 },
}))]
pub(crate) struct PlayerAnswer {
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

/// A player's statistics, as the definition names them.
#[utoipa::path(
    get, path = "/api/v2/players/{user_id}/stats", tag = "Players", operation_id = "playerStatistics",
    params(("user_id" = String, Path, description = "The player", max_length = 255)),
    responses(
        (status = 200, description = "The player in numbers", body = PlayerAnswer),
        Parameters, Missing, Limited,
    ),
)]
pub(crate) async fn stats(
    State(app): State<App>,
    Path(user): Path<String>,
) -> Result<Json<PlayerAnswer>, Problem> {
    let player = player_id("user_id", &user)?;
    let Some(profile) = app.store.profile(player.clone()).await? else {
        return Err(Problem::new(
            Slug::NotFound,
            format!("nothing was heard of player {player} yet"),
        ));
    };
    let plan = app.operations.plan();
    let value = |name: &str| {
        // That of the former meaning while the present one is not filled yet.
        let slot = plan.shown(ProjectionKind::Statistic, name)?.slot;
        find(&profile, slot)
    };
    let statistics = plan
        .definition
        .statistics
        .keys()
        .map(|name| (name.to_string(), value(name).unwrap_or(0).into()))
        .collect();
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

fn find(profile: &PlayerProfile, slot: scoreline_core::id::Slot) -> Option<i64> {
    profile.statistics.iter().find(|(other, _)| *other == slot).map(|(_, value)| *value)
}

/// Who wants a session.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "user_id": "device-1" }))]
pub(crate) struct SessionRequest {
    #[schema(required, value_type = String, min_length = 1, max_length = 255)]
    user_id: Option<String>,
    /// What the device is bound to; one is made if absent.
    #[schema(min_length = 16, max_length = 255)]
    device_secret: Option<String>,
}

/// A session.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "user_id": "device-1", "token": "v1.6465766963652d31.1795431600.9f86d081",
    "expires_at": "2026-11-23T11:00:00.000Z", "expires_in_seconds": 3600,
}))]
pub(crate) struct Session {
    success: bool,
    user_id: String,
    /// To be sent as `Authorization: Bearer <token>`.
    token: String,
    #[schema(value_type = Moment)]
    expires_at: Timestamp,
    expires_in_seconds: i64,
    /// The secret that was made; said once: the device keeps it, the server keeps its hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    device_secret: Option<String>,
}

/// Binds a device to a secret at first use, and answers a token that is good for an hour.
#[utoipa::path(
    post, path = "/api/v2/players/session", tag = "Players", operation_id = "startSession",
    request_body = SessionRequest,
    responses(
        (status = 200, description = "A session", body = Session),
        Content, Bound, Limited,
    ),
)]
pub(crate) async fn session(
    State(app): State<App>,
    crate::routes::Body(request): crate::routes::Body<SessionRequest>,
) -> Result<Json<Session>, Problem> {
    let user = request
        .user_id
        .ok_or_else(|| Problem::required("user_id required", &[("user_id", None)]))?;
    let player = player_id("user_id", &user)?;
    if app.operations.definition().game.is_nobody(&user) {
        let reason = "is nobody's id; it would bind the devices of many players to one secret";
        return Err(Problem::field("user_id", reason));
    }
    let now = app.clock.now();
    let made = request.device_secret.is_none().then(fresh_secret);
    let secret = request.device_secret.as_ref().or(made.as_ref()).expect("one of them is there");
    if !SECRET_CHARS.contains(&secret.chars().count()) {
        let reason =
            format!("must have {} to {} characters", SECRET_CHARS.start(), SECRET_CHARS.end());
        return Err(Problem::field("device_secret", reason));
    }
    let hash = secret_hash(&player, secret);
    let outcome = app.store.bind_secret(player.clone(), hash.clone(), now).await?;
    if let BindOutcome::Known(known) = &outcome {
        let same: bool = known.as_bytes().ct_eq(hash.as_bytes()).into();
        if !same {
            let detail = "this player is bound to another device secret";
            return Err(Problem::new(Slug::Forbidden, detail));
        }
    }
    let (token, expires_at) = app.auth.make_token(&player, now);
    Ok(Json(Session {
        success: true,
        user_id: player.to_string(),
        token,
        expires_at,
        expires_in_seconds: TOKEN_SECONDS,
        device_secret: made,
    }))
}

/// A secret that nobody guesses: two random UUIDs hold 244 random bits.
#[expect(clippy::disallowed_methods, reason = "secrets are made of the system's randomness")]
fn fresh_secret() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

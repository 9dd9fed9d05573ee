//! `POST /api/v2/players/session`: a device proves who it is, and gets a token.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use scoreline_core::limits::DEVICE_SECRET_CHARS;
use scoreline_core::operations::Operations;
use scoreline_core::time::{Clock, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use crate::access::{Endpoint, Scope};
use crate::auth::Auth;
use crate::auth::token::{TOKEN_SECONDS, TokenSession};
use crate::limits::Sender;
use crate::openapi::{Bound, Clash, Moment};
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::body::Body;
use crate::request::kinds::UserId;
use crate::sessions::{Entrant, Sessions};

/// What a device is bound to.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct DeviceSecret(String);

impl DeviceSecret {
    /// A new one that nobody guesses: two random UUIDs hold 244 random bits.
    #[expect(clippy::disallowed_methods, reason = "secrets are made of the system's randomness")]
    fn make() -> Self {
        Self(format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()))
    }
}

impl TryFrom<String> for DeviceSecret {
    type Error = String;

    fn try_from(secret: String) -> Result<Self, String> {
        if DEVICE_SECRET_CHARS.contains(&secret.chars().count()) {
            return Ok(Self(secret));
        }
        let (least, most) = DEVICE_SECRET_CHARS.into_inner();
        Err(format!("must have {least} to {most} characters"))
    }
}

impl PartialSchema for DeviceSecret {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(*DEVICE_SECRET_CHARS.start()))
            .max_length(Some(*DEVICE_SECRET_CHARS.end()))
            .into()
    }
}

impl ToSchema for DeviceSecret {}

/// Who wants a session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "user_id": "device-1" }))]
struct SessionRequest {
    user_id: UserId,
    /// What the device is bound to; one is made if absent.
    device_secret: Option<DeviceSecret>,
    /// Something random that the device thought of, in place of a secret: the same key gets the same secret
    /// again, so that an answer that was lost on its way can be asked for again.
    idempotency_key: Option<DeviceSecret>,
    /// The `event_id` or the `session_id` of one of the last events that the device sent. Only for a player who
    /// has played before and has no secret, where the server wants to know who played
    /// (`SCORELINE_CLAIMS=proof`).
    proof: Option<DeviceSecret>,
}

impl Fields for SessionRequest {
    const NEEDS: Option<&'static str> = Some("user_id required");
}

/// A session.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "user_id": "device-1", "token": "v1.6465766963652d31.0.1795431600.9f86d081",
    "expires_at": "2026-11-23T11:00:00.000Z", "expires_in_seconds": 3600,
}))]
struct Session {
    success: bool,
    user_id: String,
    /// To be sent as `Authorization: Bearer <token>`.
    token: String,
    #[schema(value_type = Moment)]
    expires_at: Timestamp,
    expires_in_seconds: i64,
    /// The secret that was made: the device keeps it, the server keeps its hash. Said once, or again for
    /// the same `idempotency_key`.
    #[serde(skip_serializing_if = "Option::is_none")]
    device_secret: Option<String>,
}

/// Whoever has no token yet asks here.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::public(routes!(handle))
}

/// Binds a device to a secret at first use, and answers a token that is good for an hour.
#[utoipa::path(
    post, path = "/api/v2/players/session", tag = "Players", operation_id = "startSession",
    request_body = SessionRequest,
    responses((status = 200, description = "A session", body = Session), Bound, Clash),
)]
async fn handle(
    State(auth): State<Arc<Auth>>,
    State(operations): State<Arc<dyn Operations>>,
    State(clock): State<Arc<dyn Clock>>,
    State(sessions): State<Arc<Sessions>>,
    Sender(from): Sender,
    headers: HeaderMap,
    Body(request): Body<SessionRequest>,
) -> Result<Json<Session>, Problem> {
    let player = request.user_id.0;
    if operations.definition().game.is_nobody(player.as_str()) {
        let reason = "is nobody's id; it would bind the devices of many players to one secret";
        return Err(Problem::field("user_id", reason));
    }
    let now = clock.now();
    let is_made = request.device_secret.is_none();
    let is_trusted = auth.caller(&headers).await.is_ok_and(|caller| caller.key.is_some())
        || auth.operator(&headers, Scope::PlayersAct).await.is_ok();
    let entrant = Entrant { from, is_trusted, proof: request.proof.map(|proof| proof.0) };
    let offered = |revocations| match (request.device_secret, request.idempotency_key) {
        (Some(secret), _) => vec![secret.0],
        (None, Some(key)) => auth.device_secrets(&player, &key.0, revocations),
        (None, None) => vec![DeviceSecret::make().0],
    };
    let entered = sessions.enter(entrant, &player, offered, now).await?;
    let session = TokenSession { player, revocations: entered.revocations };
    let (token, expires_at) = auth.make_token(&session, now);
    Ok(Json(Session {
        success: true,
        user_id: session.player.to_string(),
        token,
        expires_at,
        expires_in_seconds: TOKEN_SECONDS,
        device_secret: is_made.then_some(entered.secret),
    }))
}

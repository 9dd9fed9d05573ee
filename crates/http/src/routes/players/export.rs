//! `GET /api/v2/players/{user_id}/export`: everything that is kept of a player.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use scoreline_core::time::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::access::{Endpoint, Scope};
use crate::openapi::Moment;
use crate::player_export::PlayerExports;
use crate::request::path::Path;
use crate::routes::player_path::PlayerPath;

/// Everything that is kept of a player.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "user_id": "device-1", "exported_at": "2026-11-23T10:00:00.000Z",
    "profile": {
        "nickname": "Pilot", "device_bound": true, "sessions_revoked": 0, "ban": { "banned": false },
    },
    "statistics": { "games_played": 1 },
    "analytics": {
        "zone": "UTC", "first_day": "2026-11-23", "active_days": ["2026-11-23"],
        "first_paid_day": null, "paid_days": [], "steps": [],
        "days": [{
            "day": "2026-11-23", "seen_with": [{ "platform": "ios", "app_version": "1.0.0" }],
            "sessions": [{
                "first_at": "2026-11-23T09:00:00.000Z", "last_at": "2026-11-23T09:00:00.000Z",
            }],
        }],
    },
    "boards": [{
        "kind": "board", "name": "global", "period_start": null, "score": 1200, "attempts": 1,
        "reached_at": "2026-11-23T09:00:00.000Z", "last_at": "2026-11-23T09:00:00.000Z",
    }],
    "prizes": [], "rejected": [], "dead": [], "acts": [],
    "events": [{
        "received_at": "2026-11-23T09:00:00.000Z", "processed_at": "2026-11-23T09:00:00.000Z",
        "voided": false,
        "event": { "event_type": "game_ended", "user_id": "device-1", "score": 1200 },
    }],
}))]
struct PlayerExport {
    user_id: String,
    #[schema(value_type = Moment)]
    exported_at: Timestamp,
    /// `nickname`, whether a device is bound, how often sessions were revoked, and the `ban`.
    #[schema(value_type = Object)]
    profile: Value,
    /// The statistics of the definition, by name.
    #[schema(value_type = HashMap<String, i64>)]
    statistics: Value,
    /// What analytics keep: the `zone` of days, `first_day`, `active_days`, `first_paid_day`, `paid_days`, the
    /// `steps` of funnels that were reached, and of each of the `days` the sessions and what the player was seen with.
    /// What was paid is in the events alone. Null while analytics are being filled for the first time.
    #[schema(value_type = Option<Object>)]
    analytics: Value,
    /// Places on boards and in tournaments: `kind`, `name`, `period_start`, `score`, `reached_at`,
    /// `attempts`, `last_at`.
    #[schema(value_type = Vec<Object>)]
    boards: Value,
    /// Prizes, claimed or not.
    #[schema(value_type = Vec<Object>)]
    prizes: Value,
    /// Events that are stored, in the order in which they were applied: `received_at`, `processed_at`,
    /// `voided`, and the `event` as the device sent it.
    #[schema(value_type = Vec<Object>)]
    events: Value,
    /// Events that are not valid: `received_at`, `code`, `message`, `times_seen`, and the text of the
    /// `event`, as far as it is kept.
    #[schema(value_type = Vec<Object>)]
    rejected: Value,
    /// Events that could not be applied.
    #[schema(value_type = Vec<Object>)]
    dead: Value,
    /// What operators did to the player: `at`, `act`, `before`, `after`.
    #[schema(value_type = Vec<Object>)]
    acts: Value,
}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator(Scope::PlayersRead, routes!(handle))
}

/// Everything that is kept of a player, as one JSON document, which is sent as it is read. A player of whom
/// nothing is known has empty lists.
#[utoipa::path(
    get, path = "/api/v2/players/{user_id}/export", tag = "Players", operation_id = "exportPlayer",
    params(PlayerPath),
    responses((status = 200, description = "The player", body = PlayerExport)),
)]
async fn handle(
    State(exports): State<Arc<PlayerExports>>,
    Path(path): Path<PlayerPath>,
) -> Response {
    let body = Body::from_stream(exports.document(path.user_id.0));
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

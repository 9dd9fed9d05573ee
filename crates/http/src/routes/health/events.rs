//! `GET /api/events/health`: how the intake of events is doing.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use scoreline_core::intake::Intake;
use scoreline_core::time::{Clock, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::condition::Condition;
use crate::access::Endpoint;
use crate::figures::Figures;
use crate::openapi::Moment;
use crate::vitals::{in_time, takes_no_events};

/// How long an event may wait before it counts as stuck: an hour.
const STUCK_AFTER_MS: i64 = 60 * 60 * 1000;

/// How the intake of events is doing.
#[derive(Serialize, ToSchema)]
struct EventsHealth {
    success: bool,
    status: Condition,
    /// `connected` or `disconnected`.
    database: &'static str,
    /// `exists`, or `unknown` while the database does not answer.
    events_table: &'static str,
    /// About how many events the last five minutes had; null while the database does not answer.
    recent_events: Option<u64>,
    /// Events accepted more than an hour ago and not applied.
    stuck_events: u64,
    #[schema(value_type = Moment)]
    timestamp: Timestamp,
}

/// For whoever watches.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::unlimited(routes!(handle))
}

/// How the intake of events is doing.
#[utoipa::path(
    get, path = "/api/events/health", tag = "Health", operation_id = "eventsHealth",
    responses(
        (status = 200, description = "Events are taken", body = EventsHealth),
        (status = 503, description = "They can be put nowhere", body = EventsHealth),
    ),
)]
async fn handle(
    State(figures): State<Arc<Figures>>,
    State(intake): State<Arc<dyn Intake>>,
    State(clock): State<Arc<dyn Clock>>,
) -> Response {
    let now = clock.now();
    let recent = in_time(figures.recent_events()).await;
    let intake = intake.figures();
    let is_stuck = intake.oldest_waiting.is_some_and(|at| now.ms_since(at) > STUCK_AFTER_MS);
    let status = if takes_no_events(&intake, recent.is_ok()) {
        Condition::Unhealthy
    } else if is_stuck || recent.is_err() {
        Condition::Degraded
    } else {
        Condition::Healthy
    };
    let health = EventsHealth {
        success: true,
        status,
        database: if recent.is_ok() { "connected" } else { "disconnected" },
        events_table: if recent.is_ok() { "exists" } else { "unknown" },
        recent_events: recent.ok(),
        stuck_events: if is_stuck { intake.waiting_by_class.total() } else { 0 },
        timestamp: now,
    };
    (status.code(), Json(health)).into_response()
}

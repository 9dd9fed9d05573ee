//! `GET /api/events/health`: how the intake of events is doing.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use scoreline_core::fold::{FIGURES, FINE_GRAIN_MS, ProjectionKind};
use scoreline_core::store;
use scoreline_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Condition, in_time, is_broken};
use crate::app::App;
use crate::openapi::Moment;

/// How long an event may wait before it counts as stuck: an hour.
const STUCK_AFTER_MS: i64 = 60 * 60 * 1000;

/// How the intake of events is doing.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventsHealth {
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

/// How the intake of events is doing.
#[utoipa::path(
    get, path = "/api/events/health", tag = "Health", operation_id = "eventsHealth",
    responses(
        (status = 200, description = "Events are taken", body = EventsHealth),
        (status = 503, description = "They can be put nowhere", body = EventsHealth),
    ),
)]
pub(crate) async fn handle(State(app): State<App>) -> Response {
    let now = app.clock.now();
    let recent = in_time(recent_events(&app, now)).await;
    let intake = app.intake.figures();
    let is_stuck = intake.oldest_waiting.is_some_and(|at| now.ms_since(at) > STUCK_AFTER_MS);
    let status = if is_broken(&intake, recent.is_ok()) {
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

/// Figures lie in slots of five minutes: of the one in which the last five minutes began, as much
/// counts as lies within them.
async fn recent_events(app: &App, now: Timestamp) -> store::Result<u64> {
    let plan = app.operations.plan();
    let slot = plan.projection(ProjectionKind::Figures, FIGURES).expect("every plan has it").slot;
    let since = now.plus_ms(-FINE_GRAIN_MS);
    let rows = app.store.figures(slot, FINE_GRAIN_MS, since).await?;
    let of_all_types = rows.iter().filter(|row| row.event_type.is_empty());
    let counted = of_all_types.map(|row| {
        let before_ms = since.ms_since(row.start).clamp(0, FINE_GRAIN_MS);
        let within = row.figure.events.unsigned_abs() * (FINE_GRAIN_MS - before_ms).unsigned_abs();
        within.div_ceil(FINE_GRAIN_MS.unsigned_abs())
    });
    Ok(counted.sum())
}

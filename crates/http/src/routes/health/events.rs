//! `GET /api/events/health`: how the intake of events is doing.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::fold::{FINE_GRAIN_MS, ProjectionKind};
use scoreline_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::Condition;
use crate::app::App;
use crate::openapi::{Moment, Unlimited};
use crate::problem::Problem;

/// How the intake of events is doing.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventsHealth {
    success: bool,
    status: Condition,
    /// `connected` or `disconnected`.
    database: &'static str,
    /// Events of the last five minutes.
    recent_events: i64,
    /// Events accepted more than an hour ago and not applied.
    stuck_events: u64,
    #[schema(value_type = Moment)]
    timestamp: Timestamp,
}

/// How the intake of events is doing.
#[utoipa::path(
    get, path = "/api/events/health", tag = "Health", operation_id = "eventsHealth",
    responses(
        (status = 200, description = "How it is doing", body = EventsHealth),
        Unlimited,
    ),
)]
pub(crate) async fn handle(State(app): State<Arc<App>>) -> Result<Json<EventsHealth>, Problem> {
    let database = app.store.ping().await;
    let intake = app.intake.figures();
    let plan = app.operations.plan();
    let slot = plan.projection(ProjectionKind::Figures, scoreline_core::fold::FIGURES);
    let now = app.clock.now();
    let recent: i64 = match slot {
        Some(projection) => app
            .store
            .figures(projection.slot, FINE_GRAIN_MS, now.plus_ms(-FINE_GRAIN_MS))
            .await?
            .iter()
            .filter(|row| row.event_type.is_empty())
            .map(|row| row.figure.events)
            .sum(),
        None => 0,
    };
    let an_hour_ago = now.plus_ms(-3_600_000);
    let stuck = intake.oldest_waiting.is_some_and(|oldest| oldest < an_hour_ago);
    let status = match (&database, intake.refusing.is_some() || stuck) {
        (Err(_), _) => Condition::Unhealthy,
        (Ok(()), true) => Condition::Degraded,
        (Ok(()), false) => Condition::Healthy,
    };
    let waiting = if stuck { intake.waiting_by_class.iter().sum::<u64>() } else { 0 };
    Ok(Json(EventsHealth {
        success: true,
        status,
        database: if database.is_ok() { "connected" } else { "disconnected" },
        recent_events: recent,
        stuck_events: waiting,
        timestamp: now,
    }))
}

//! `GET /api/health`: how well the whole server is.

use std::sync::Arc;

use axum::Json;
use axum::extract;
use axum::response::{IntoResponse, Response};
use scoreline_core::alert::Alert;
use scoreline_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::condition::Condition;
use super::services::{DatabaseService, QueueService, RanksService, Services};
use crate::access::Endpoint;
use crate::openapi::Moment;
use crate::vitals::{State, Vitals, Wellness};

/// Whether the server is well.
#[derive(Serialize, ToSchema)]
struct Health {
    status: Condition,
    #[schema(value_type = Moment)]
    timestamp: Timestamp,
    version: &'static str,
    /// Seconds since the process started.
    uptime: i64,
    services: Services,
    performance: Performance,
    /// Figures above their thresholds.
    #[schema(value_type = Vec<AlertView>)]
    alerts: Vec<Alert>,
}

/// How much is done.
#[derive(Serialize, ToSchema)]
struct Performance {
    /// Since the database was made.
    events_applied: u64,
    events_waiting: u64,
    /// Measured over the last minute at full load; null if there was no full load.
    capacity_per_second: Option<f64>,
    /// Share of the workers' time that was busy over the last minute.
    current_load_percent: f64,
}

/// A figure above its threshold.
#[derive(ToSchema)]
#[schema(as = Alert)]
#[expect(dead_code, reason = "describes a type of the core, which knows nothing of documents")]
struct AlertView {
    metric: String,
    value: f64,
    warning: f64,
    critical: f64,
    level: AlertLevel,
    /// What to do about it.
    advice: String,
}

/// How bad it is.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes a type of the core, which knows nothing of documents")]
enum AlertLevel {
    Critical,
    Warning,
}

/// For whoever watches.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::unlimited(routes!(handle))
}

/// The same under a shorter path.
pub(super) fn short_endpoint() -> Endpoint {
    Endpoint::unlimited(routes!(short))
}

/// Whether the server is well: services, figures, alerts.
#[utoipa::path(
    get, path = "/api/health", tag = "Health", operation_id = "health",
    responses(
        (status = 200, description = "It can serve", body = Health),
        (status = 503, description = "It cannot take or show anything", body = Health),
    ),
)]
async fn handle(extract::State(vitals): extract::State<Arc<Vitals>>) -> Response {
    let health = judge(&vitals).await;
    (health.status.code(), Json(health)).into_response()
}

/// The same as `/api/health`.
#[utoipa::path(
    get, path = "/health", tag = "Health", operation_id = "healthShort",
    responses(
        (status = 200, description = "It can serve", body = Health),
        (status = 503, description = "It cannot take or show anything", body = Health),
    ),
)]
async fn short(vitals: extract::State<Arc<Vitals>>) -> Response {
    handle(vitals).await
}

async fn judge(vitals: &Vitals) -> Health {
    let state = vitals.state().await;
    let status = match state.wellness() {
        Wellness::Healthy => Condition::Healthy,
        Wellness::Degraded => Condition::Degraded,
        Wellness::Unhealthy => Condition::Unhealthy,
    };
    let State { ping, ping_ms, connections_short, totals, intake, .. } = state;
    let State { boards, boards_outdated, .. } = state;
    let services = Services {
        database: DatabaseService {
            status: Condition::of(ping.is_ok()),
            response_ms: ping_ms,
            reason: ping.as_ref().err().map(ToString::to_string).or(connections_short),
            risks: vitals.database_exposure.into_iter().collect(),
        },
        redis: intake.queue.as_ref().into(),
        queue: QueueService {
            status: Condition::of(intake.refusing.is_none()),
            mode: intake.mode,
            reason: intake.refusing.clone(),
        },
        ranks: RanksService {
            status: Condition::of(boards_outdated.is_none()),
            boards,
            reason: boards_outdated,
        },
        nodes: state.other_nodes.into(),
        scheduler: state.failing_jobs.into(),
        clock: state.clock_doubt.into(),
        limits: state.counting.into(),
        set_aside: vitals.operations.set_aside().into(),
    };
    let performance = Performance {
        events_applied: totals.unwrap_or_default().applied,
        events_waiting: intake.waiting_by_class.total(),
        capacity_per_second: intake.capacity_per_second,
        current_load_percent: intake.current_load_percent,
    };
    Health {
        status,
        timestamp: vitals.clock.now(),
        version: env!("CARGO_PKG_VERSION"),
        uptime: vitals.uptime_seconds(),
        services,
        performance,
        alerts: state.alerts,
    }
}

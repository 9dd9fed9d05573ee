//! `GET /api/health/pool`: the connections to the database.

use axum::Json;
use axum::extract::State;
use scoreline_core::store::PoolFigures;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;

/// The connections to the database.
#[derive(Serialize, ToSchema)]
pub(crate) struct Pool {
    total: u32,
    idle: u32,
    waiting: u32,
    max: u32,
    /// In percent, as text.
    #[schema(example = "4.00%")]
    utilization: String,
    utilization_percent: f64,
    health: PoolHealth,
    message: &'static str,
}

/// How well the connections suffice.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PoolHealth {
    Healthy,
    Warning,
    Critical,
}

/// The connections in numbers, judged by the configured thresholds.
fn pool_view(app: &App, pool: PoolFigures) -> Pool {
    let threshold = app.settings.thresholds.pool_utilization;
    let percent = pool.utilization_percent();
    let (health, message) = if percent > threshold.critical {
        (PoolHealth::Critical, "nearly all connections are in use: look for slow operator queries")
    } else if percent > threshold.warning {
        (PoolHealth::Warning, "most connections are in use")
    } else {
        (PoolHealth::Healthy, "connections are free")
    };
    Pool {
        total: pool.total,
        idle: pool.idle,
        waiting: pool.waiting,
        max: pool.max,
        utilization: format!("{percent:.2}%"),
        utilization_percent: (percent * 100.0).round() / 100.0,
        health,
        message,
    }
}

/// The connections to the database.
#[utoipa::path(
    get, path = "/api/health/pool", tag = "Health", operation_id = "pool",
    responses((status = 200, description = "The connections", body = Pool)),
)]
pub(crate) async fn handle(State(app): State<App>) -> Json<Pool> {
    Json(pool_view(&app, app.store.pool()))
}

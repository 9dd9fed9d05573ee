//! `GET /api/health/pool`: the connections to the database.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::alert::Thresholds;
use scoreline_core::store::PoolFigures;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::access::Endpoint;
use crate::vitals::Vitals;

/// The connections to the database.
#[derive(Serialize, ToSchema)]
struct Pool {
    total: u32,
    idle: u32,
    waiting: u32,
    /// The most there may be now.
    max: u32,
    /// The most that the settings want. The server may give fewer.
    wanted: u32,
    /// In percent, as text.
    #[schema(example = "4.00%")]
    utilization: String,
    utilization_percent: f64,
    health: PoolHealth,
    message: String,
}

/// How well the connections suffice.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PoolHealth {
    Healthy,
    Warning,
    Critical,
}

impl Pool {
    /// The connections in numbers, judged by the configured thresholds.
    fn of(pool: PoolFigures, thresholds: &Thresholds) -> Self {
        let threshold = thresholds.pool_utilization;
        let percent = pool.utilization_percent();
        let (health, message) = if percent > threshold.critical {
            let message = "nearly all connections are in use: look for slow operator queries";
            (PoolHealth::Critical, message.to_owned())
        } else if let Some(shortage) = pool.shortage() {
            (PoolHealth::Warning, shortage)
        } else if percent > threshold.warning {
            (PoolHealth::Warning, "most connections are in use".to_owned())
        } else {
            (PoolHealth::Healthy, "connections are free".to_owned())
        };
        Self {
            total: pool.total,
            idle: pool.idle,
            waiting: pool.waiting,
            max: pool.max,
            wanted: pool.wanted,
            utilization: format!("{percent:.2}%"),
            utilization_percent: (percent * 100.0).round() / 100.0,
            health,
            message,
        }
    }
}

/// For whoever watches.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::unlimited(routes!(handle))
}

/// The connections to the database.
#[utoipa::path(
    get, path = "/api/health/pool", tag = "Health", operation_id = "pool",
    responses((status = 200, description = "The connections", body = Pool)),
)]
async fn handle(State(vitals): State<Arc<Vitals>>) -> Json<Pool> {
    Json(Pool::of(vitals.pool(), &vitals.thresholds))
}

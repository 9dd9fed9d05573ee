//! `GET /metrics`, for Prometheus.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::metrics::Readings;
use crate::openapi::Unlimited;

/// Figures for Prometheus; names begin with `scoreline_`.
#[utoipa::path(
    get, path = "/metrics", tag = "Health", operation_id = "metrics",
    responses(
        (
            status = 200, description = "The figures", body = String,
            content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8",
        ),
        Unlimited,
    ),
)]
pub(crate) async fn handle(State(app): State<App>) -> Response {
    let readings = Readings {
        now: app.clock.now(),
        totals: app.store.totals().await.ok(),
        intake: app.intake.figures(),
        store: app.store.store_figures().await.ok(),
        pool: app.store.pool(),
        jobs: app.operations.jobs(),
        other_nodes: app.operations.other_nodes().len(),
    };
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.metrics.text(&readings)).into_response()
}

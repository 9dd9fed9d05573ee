//! `GET /metrics`, for Prometheus.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa_axum::routes;

use crate::access::Endpoint;
use crate::metrics::Metrics;
use crate::openapi::Unlimited;
use crate::vitals::Vitals;

/// For whoever scrapes.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::unlimited(routes!(handle))
}

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
async fn handle(
    State(vitals): State<Arc<Vitals>>,
    State(metrics): State<Arc<Metrics>>,
) -> Response {
    let readings = vitals.readings().await;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], metrics.text(&readings)).into_response()
}

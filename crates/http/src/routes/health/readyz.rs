//! `GET /readyz`: whether requests may be sent here.

use std::sync::Arc;

use axum::extract::State;
use utoipa_axum::routes;

use crate::access::Endpoint;
use crate::openapi::Unready;
use crate::problem::{Problem, Slug};
use crate::vitals::Vitals;

/// For orchestrators and load balancers.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::unlimited(routes!(handle))
}

/// Whether requests may be sent here.
#[utoipa::path(
    get, path = "/readyz", tag = "Health", operation_id = "readyz",
    responses(
        (status = 200, description = "They may", body = String, content_type = "text/plain; charset=utf-8", example = "ok"),
        Unready,
    ),
)]
async fn handle(State(vitals): State<Arc<Vitals>>) -> Result<&'static str, Problem> {
    if vitals.is_ready() {
        Ok("ok")
    } else {
        Err(Problem::new(Slug::Unavailable, "the server is starting or shutting down"))
    }
}

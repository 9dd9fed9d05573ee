//! `GET /livez`: whether the process runs.

use utoipa_axum::routes;

use crate::access::Endpoint;

/// For orchestrators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::unlimited(routes!(handle))
}

/// Whether the process runs.
#[utoipa::path(
    get, path = "/livez", tag = "Health", operation_id = "livez",
    responses((status = 200, description = "It runs", body = String, content_type = "text/plain; charset=utf-8", example = "ok")),
)]
async fn handle() -> &'static str {
    "ok"
}

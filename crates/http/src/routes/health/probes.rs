//! `/livez` and `/readyz`, for orchestrators.

use std::sync::atomic::Ordering;

use axum::extract::State;

use crate::app::App;
use crate::openapi::Unready;
use crate::problem::{Problem, Slug};

/// Whether the process runs.
#[utoipa::path(
    get, path = "/livez", tag = "Health", operation_id = "livez",
    responses((status = 200, description = "It runs", body = String, content_type = "text/plain; charset=utf-8", example = "ok")),
)]
pub(crate) async fn livez() -> &'static str {
    "ok"
}

/// Whether requests may be sent here.
#[utoipa::path(
    get, path = "/readyz", tag = "Health", operation_id = "readyz",
    responses(
        (status = 200, description = "They may", body = String, content_type = "text/plain; charset=utf-8", example = "ok"),
        Unready,
    ),
)]
pub(crate) async fn readyz(State(app): State<App>) -> Result<&'static str, Problem> {
    if app.ready.load(Ordering::Acquire) {
        Ok("ok")
    } else {
        Err(Problem::new(Slug::Unavailable, "the server is starting or shutting down"))
    }
}

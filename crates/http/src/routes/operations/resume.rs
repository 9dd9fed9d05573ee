//! `POST /api/admin/queue/resume`: events of a class, applied again.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::operations::Operations;
use utoipa_axum::routes;

use super::queue::{Queue, QueueAnswer};
use crate::access::{Endpoint, Scope};
use crate::openapi::Clash;
use crate::problem::Problem;
use crate::request::body::Body;

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator(Scope::Admin, routes!(handle))
}

/// Applies the events of a class again.
#[utoipa::path(
    post, path = "/api/admin/queue/resume", tag = "Operations", operation_id = "resumeQueue",
    request_body = Queue,
    responses((status = 200, description = "What waited is applied", body = QueueAnswer), Clash),
)]
async fn handle(
    State(operations): State<Arc<dyn Operations>>,
    Body(queue): Body<Queue>,
) -> Result<Json<QueueAnswer>, Problem> {
    operations.resume(queue.class()).await?;
    Ok(Json(queue.answer("Resumed: what waited is applied")))
}

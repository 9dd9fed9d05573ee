//! `POST /api/admin/queue/pause`: events of a class, held back in the queue.

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

/// Holds the events of a class back in the queue, on every node and across restarts.
#[utoipa::path(
    post, path = "/api/admin/queue/pause", tag = "Operations", operation_id = "pauseQueue",
    request_body = Queue,
    responses((status = 200, description = "Events are accepted and wait", body = QueueAnswer), Clash),
)]
async fn handle(
    State(operations): State<Arc<dyn Operations>>,
    Body(queue): Body<Queue>,
) -> Result<Json<QueueAnswer>, Problem> {
    operations.pause(queue.class()).await?;
    Ok(Json(queue.answer("Paused: events are accepted and wait")))
}

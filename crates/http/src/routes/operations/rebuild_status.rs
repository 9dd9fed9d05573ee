//! `GET /api/admin/rebuild`: how a rebuild is going.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::operations::Operations;
use utoipa_axum::routes;

use super::rebuild_answer::RebuildAnswer;
use crate::access::{Endpoint, Scope};

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator(Scope::Admin, routes!(handle))
}

/// How a rebuild is going.
#[utoipa::path(
    get, path = "/api/admin/rebuild", tag = "Operations", operation_id = "rebuildStatus",
    responses((status = 200, description = "How far it is", body = RebuildAnswer)),
)]
async fn handle(State(operations): State<Arc<dyn Operations>>) -> Json<RebuildAnswer> {
    Json(operations.rebuild_status().into())
}

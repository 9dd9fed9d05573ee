//! `GET /api/admin/erasure-requests`: who asked to be erased without having proved who they are.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::erasure::ErasureRequest;
use scoreline_core::store::ErasureRequestStore;
use scoreline_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::access::{Endpoint, Scope};
use crate::openapi::Moment;
use crate::problem::Problem;

/// Requests that wait.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true,
    "requests": [{
        "user_id": "device-1", "message": "write to ann@example.com", "asked_at": "2026-11-23T10:00:00.000Z",
    }],
}))]
struct ErasureRequests {
    success: bool,
    /// All of them, the oldest first: 1,000 at most.
    requests: Vec<Waiting>,
}

/// That somebody asked for a player to be erased.
#[derive(Serialize, ToSchema)]
#[schema(as = ErasureRequest)]
struct Waiting {
    user_id: String,
    /// What they said beside it, as anybody may write it.
    message: Option<String>,
    #[schema(value_type = Moment)]
    asked_at: Timestamp,
}

impl From<ErasureRequest> for Waiting {
    fn from(request: ErasureRequest) -> Self {
        let ErasureRequest { player, message, asked_at } = request;
        Self { user_id: player.to_string(), message, asked_at }
    }
}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator(Scope::PlayersRead, routes!(handle))
}

/// Players for whom somebody asked at `/privacy/erase` that they be erased, without having proved to be them. Nothing
/// comes of it before an operator erases the player or dismisses the request.
#[utoipa::path(
    get, path = "/api/admin/erasure-requests", tag = "Players", operation_id = "erasureRequests",
    responses((status = 200, description = "All that wait", body = ErasureRequests)),
)]
async fn handle(
    State(requests): State<Arc<dyn ErasureRequestStore>>,
) -> Result<Json<ErasureRequests>, Problem> {
    let requests = requests.erasure_requests().await?;
    let requests = requests.into_iter().map(Waiting::from).collect();
    Ok(Json(ErasureRequests { success: true, requests }))
}

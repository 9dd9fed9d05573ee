//! `POST /api/admin/erasure-requests/dismiss`: a request to be erased that nothing comes of.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::store::ErasureRequestStore;
use scoreline_core::time::Clock;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::access::{Endpoint, Scope};
use crate::gate::Operator;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::body::Body;
use crate::request::kinds::{Note, UserId};

/// Whose request, and why nothing comes of it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "user_id": "device-1", "note": "did not answer" }))]
#[schema(as = DismissErasureRequest)]
struct Wanted {
    user_id: UserId,
    /// Why.
    note: Option<Note>,
}

impl Fields for Wanted {}

/// What became of a request.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "success": true, "changed": true }))]
#[schema(as = ErasureRequestDismissed)]
struct Dismissed {
    success: bool,
    /// Whether there was one.
    changed: bool,
}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::act(Scope::PlayersAct, routes!(handle))
}

/// Takes a request to be erased off the list. Nobody is erased.
#[utoipa::path(
    post, path = "/api/admin/erasure-requests/dismiss", tag = "Players",
    operation_id = "dismissErasureRequest", request_body = Wanted,
    responses((status = 200, description = "There is no request of this player", body = Dismissed)),
)]
async fn handle(
    operator: Operator,
    State(requests): State<Arc<dyn ErasureRequestStore>>,
    State(clock): State<Arc<dyn Clock>>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Dismissed>, Problem> {
    let player = wanted.user_id.0;
    let act = operator.act(&player, wanted.note.map(|note| note.0), clock.now());
    let changed = requests.dismiss_erasure_request(player, act).await?;
    Ok(Json(Dismissed { success: true, changed }))
}

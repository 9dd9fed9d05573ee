//! `DELETE /api/v2/players/{user_id}`: a player, erased.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use scoreline_core::erasure::Erasure;
use scoreline_core::store::ErasureStore;
use scoreline_core::time::Clock;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::access::{Endpoint, Scope};
use crate::boards::Boards;
use crate::erasure::new_erasure;
use crate::gate::Operator;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::body::Body;
use crate::request::kinds::{Note, UserId};
use crate::request::path::Path;
use crate::routes::player_path::PlayerPath;

/// Whom again, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "confirm": "device-1", "note": "asked for it by mail" }))]
#[schema(as = EraseRequest)]
struct Wanted {
    /// The id again, so that nobody is erased by a slip.
    confirm: UserId,
    /// Why. It stays in the log of acts: write no name into it.
    note: Option<Note>,
}

impl Fields for Wanted {}

/// A job that erases a player.
#[derive(Serialize, ToSchema)]
#[schema(as = ErasureBegun)]
#[schema(example = json!({ "success": true, "job_id": "0190a1b2-c3d4-4e5f-8a6b-7c8d9e0f1a2b" }))]
struct Begun {
    success: bool,
    /// `GET /api/admin/jobs/{job_id}` says how it is doing.
    job_id: Uuid,
}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::act(Scope::PlayersAct, routes!(handle))
}

/// Erases a player for good: events, places, statistics, the name, the device's secret, and what is in
/// quarantine or could not be applied. Boards pass over the player before the answer; a job does the rest. Nothing
/// of the player is taken in any more: `player_erased`. Asking again answers the same job.
#[utoipa::path(
    delete, path = "/api/v2/players/{user_id}", tag = "Players", operation_id = "erasePlayer",
    params(PlayerPath), request_body = Wanted,
    responses((status = 202, description = "A job does it", body = Begun)),
)]
async fn handle(
    operator: Operator,
    State(erasures): State<Arc<dyn ErasureStore>>,
    State(boards): State<Arc<Boards>>,
    State(clock): State<Arc<dyn Clock>>,
    Path(path): Path<PlayerPath>,
    Body(wanted): Body<Wanted>,
) -> Result<(StatusCode, Json<Begun>), Problem> {
    let player = path.user_id.0;
    if wanted.confirm.0 != player {
        return Err(Problem::field("confirm", "must be the id of the player in the path"));
    }
    let (erasure, key) = new_erasure(player);
    // The log of acts must not say who it was.
    let target = Erasure::placeholder(erasure.job);
    let act = operator.act(&target, wanted.note.map(|note| note.0), clock.now());
    let job_id = erasures.request_erasure(erasure, key, act).await?;
    boards.show_at_once().await;
    Ok((StatusCode::ACCEPTED, Json(Begun { success: true, job_id })))
}

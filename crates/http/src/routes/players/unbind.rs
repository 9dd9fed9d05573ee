//! `DELETE /api/v2/players/{user_id}/secret`: a player, bound to no device any more.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::session::Unbinding;
use scoreline_core::store::ActStore;
use scoreline_core::time::Clock;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::access::{Endpoint, Scope};
use crate::boards::Boards;
use crate::gate::Operator;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::body::Body;
use crate::request::kinds::Note;
use crate::request::path::Path;
use crate::routes::player_path::PlayerPath;

/// Why, and how much.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "note": "a lost phone" }))]
#[schema(as = UnbindRequest)]
struct Wanted {
    /// Why.
    note: Option<Note>,
    /// Only revokes the sessions: the device gets the next one for the secret it has.
    #[serde(default)]
    keep_secret: bool,
}

impl Fields for Wanted {}

/// What a player is bound to now.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "user_id": "device-1", "bound": false, "changed": true,
}))]
struct Unbound {
    success: bool,
    user_id: String,
    /// Whether the player is still bound to a secret.
    bound: bool,
    /// Whether sessions were revoked: there are none of a player who is bound to no secret.
    changed: bool,
}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::act(Scope::PlayersAct, routes!(handle))
}

/// Takes the secret of a player's device away and revokes all sessions, on every node: the next device that
/// asks for a session is bound. For a lost phone, and for an app that was installed anew.
#[utoipa::path(
    delete, path = "/api/v2/players/{user_id}/secret", tag = "Players", operation_id = "unbindPlayer",
    params(PlayerPath), request_body = Wanted,
    responses((status = 200, description = "No session of before is good", body = Unbound)),
)]
async fn handle(
    operator: Operator,
    State(acts): State<Arc<dyn ActStore>>,
    State(boards): State<Arc<Boards>>,
    State(clock): State<Arc<dyn Clock>>,
    Path(path): Path<PlayerPath>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Unbound>, Problem> {
    let player = path.user_id.0;
    let unbinding = if wanted.keep_secret { Unbinding::Sessions } else { Unbinding::Secret };
    let act = operator.act(&player, wanted.note.map(|note| note.0), clock.now());
    let changed = acts.unbind(player.clone(), unbinding, act).await?;
    // This node hears of it before the answer, the others through the change feed.
    boards.show_at_once().await;
    let bound = changed && wanted.keep_secret;
    Ok(Json(Unbound { success: true, user_id: player.to_string(), bound, changed }))
}

//! `POST /api/v2/players/{user_id}/unban`: a ban, lifted.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::store::ActStore;
use scoreline_core::time::Clock;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::ban_answer::{BanAnswer, carry_out};
use crate::access::{Endpoint, Scope};
use crate::boards::Boards;
use crate::gate::Operator;
use crate::openapi::Clash;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::body::Body;
use crate::request::kinds::Note;
use crate::request::path::Path;
use crate::routes::player_path::PlayerPath;

/// Why the ban is lifted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "note": "it was a friend's phone" }))]
#[schema(as = UnbanRequest)]
struct Wanted {
    /// Why.
    note: Option<Note>,
}

impl Fields for Wanted {}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::act(Scope::PlayersAct, routes!(handle))
}

/// Lifts a ban: the player has the places again that their events give, at once.
#[utoipa::path(
    post, path = "/api/v2/players/{user_id}/unban", tag = "Players", operation_id = "unbanPlayer",
    params(PlayerPath), request_body = Wanted,
    responses((status = 200, description = "The player is not banned", body = BanAnswer), Clash),
)]
async fn handle(
    operator: Operator,
    State(acts): State<Arc<dyn ActStore>>,
    State(boards): State<Arc<Boards>>,
    State(clock): State<Arc<dyn Clock>>,
    Path(path): Path<PlayerPath>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<BanAnswer>, Problem> {
    let player = path.user_id.0;
    let act = operator.act(&player, wanted.note.map(|note| note.0), clock.now());
    carry_out(&acts, &boards, player, None, act).await
}

//! `POST /api/v2/players/{user_id}/ban`: a player whom boards and prizes pass over.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::ban::Ban;
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
use crate::request::kinds::{Note, Time};
use crate::request::path::Path;
use crate::routes::player_path::PlayerPath;

/// How to ban.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "note": "a score that no game gives", "shadow": true }))]
#[schema(as = BanRequest)]
struct Wanted {
    /// Why.
    note: Option<Note>,
    /// Whether the player is shown the boards as if there were no ban.
    #[serde(default)]
    shadow: bool,
    /// When the ban ends by itself.
    until: Option<Time>,
}

impl Fields for Wanted {}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::act(Scope::PlayersAct, routes!(handle))
}

/// Bans a player: boards, tournaments and prizes pass over them, and those behind move up, on every
/// node. What the player does goes on being counted, and is shown again once the ban is lifted.
#[utoipa::path(
    post, path = "/api/v2/players/{user_id}/ban", tag = "Players", operation_id = "banPlayer",
    params(PlayerPath), request_body = Wanted,
    responses((status = 200, description = "The player is banned", body = BanAnswer), Clash),
)]
async fn handle(
    operator: Operator,
    State(acts): State<Arc<dyn ActStore>>,
    State(boards): State<Arc<Boards>>,
    State(clock): State<Arc<dyn Clock>>,
    Path(path): Path<PlayerPath>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<BanAnswer>, Problem> {
    let (player, now) = (path.user_id.0, clock.now());
    let ban = Ban { shadow: wanted.shadow, until: wanted.until.map(|time| time.0) };
    if ban.is_over(now) {
        return Err(Problem::field("until", "must be in the future"));
    }
    let act = operator.act(&player, wanted.note.map(|note| note.0), now);
    carry_out(&acts, &boards, player, Some(ban), act).await
}

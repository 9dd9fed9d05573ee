//! `POST /api/v2/players/{user_id}/move`: a player, who becomes another.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::joining::{Joined, JoinedCounts};
use scoreline_core::operations::Operations;
use scoreline_core::time::Clock;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::access::{Endpoint, Scope};
use crate::boards::Boards;
use crate::gate::Operator;
use crate::joining::new_joining;
use crate::openapi::Clash;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::body::Body;
use crate::request::kinds::{Note, UserId};
use crate::request::path::Path;
use crate::routes::player_path::PlayerPath;

/// Who the player becomes, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "to": "device-2", "note": "a new phone, ticket 41" }))]
#[schema(as = MoveRequest)]
struct Wanted {
    /// Who the player becomes.
    to: UserId,
    /// Why.
    note: Option<Note>,
    /// Only tells what would change.
    #[serde(default)]
    dry_run: bool,
}

impl Fields for Wanted {}

/// What was moved, or would be.
#[derive(Serialize, ToSchema)]
#[schema(as = MoveAnswer)]
#[schema(example = json!({
    "success": true, "user_id": "device-1", "to": "device-2", "changed": true, "events": 120, "repeated": 2,
    "conflicting": 0, "dead": 0, "rejected": 1, "prizes": 3, "places_apart": 0,
}))]
struct Answer {
    success: bool,
    user_id: String,
    /// Who the player is now. Where `to` was moved before, whoever that player became.
    to: String,
    /// Whether anything changed, or would: not if the player was moved before.
    changed: bool,
    /// Events that are the other's now.
    events: u64,
    /// Events that the other had as well: they count once.
    repeated: u64,
    /// Events whose ids the other has used for something else: they are in quarantine, as `conflicting_id`.
    conflicting: u64,
    /// Events that could not be applied, and wait for that.
    dead: u64,
    /// Entries that wait in quarantine.
    rejected: u64,
    /// Prizes.
    prizes: u64,
    /// Places of closed tournaments in which both took part: they stay, under a name that says nothing.
    places_apart: u64,
}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::act(Scope::PlayersAct, routes!(handle))
}

/// Moves a player to another id: everything that is kept of the two is one player's from now on, and so is
/// whatever still comes under the former id. Its sessions end, and it is nobody's any more. It cannot be taken back.
#[utoipa::path(
    post, path = "/api/v2/players/{user_id}/move", tag = "Players", operation_id = "movePlayer",
    params(PlayerPath), request_body = Wanted,
    responses((status = 200, description = "The two are one", body = Answer), Clash),
)]
async fn handle(
    operator: Operator,
    State(operations): State<Arc<dyn Operations>>,
    State(boards): State<Arc<Boards>>,
    State(clock): State<Arc<dyn Clock>>,
    Path(path): Path<PlayerPath>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Answer>, Problem> {
    let player = path.user_id.0;
    let act = operator.act(&player, wanted.note.map(|note| note.0), clock.now());
    let joining = new_joining(player.clone(), wanted.to.0, wanted.dry_run);
    let Joined { to, changed, counts } = operations.move_player(joining, act).await?;
    // This node hears of it before the answer, the others through the change feed.
    boards.show_at_once().await;
    let JoinedCounts { events, repeated, conflicting, dead, rejected, prizes, places_apart } =
        counts;
    Ok(Json(Answer {
        success: true,
        user_id: player.to_string(),
        to: to.to_string(),
        changed,
        events,
        repeated,
        conflicting,
        dead,
        rejected,
        prizes,
        places_apart,
    }))
}

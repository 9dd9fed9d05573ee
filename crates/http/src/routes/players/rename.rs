//! `POST /api/v2/players/{user_id}/nickname`: another name for a player, given by an operator.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::naming::{Named, NewName};
use scoreline_core::operations::Operations;
use scoreline_core::store::ActStore;
use scoreline_core::time::Clock;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::access::{Endpoint, Scope};
use crate::boards::Boards;
use crate::gate::Operator;
use crate::openapi::Clash;
use crate::problem::{Problem, Slug};
use crate::request::Fields;
use crate::request::body::Body;
use crate::request::kinds::{Note, Text};
use crate::request::path::Path;
use crate::routes::player_path::PlayerPath;

/// How a player is to be called.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "nickname": "Pilot 17", "note": "an insult" }))]
#[schema(as = RenameRequest)]
struct Wanted {
    /// By the rules of the definition; it may be a reserved or a blocked one.
    nickname: Text,
    /// Why.
    note: Option<Note>,
}

impl Fields for Wanted {}

/// A name that is in force.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "success": true, "user_id": "device-1", "nickname": "Pilot 17" }))]
struct Renamed {
    success: bool,
    user_id: String,
    /// As it is shown.
    nickname: String,
}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::act(Scope::PlayersAct, routes!(handle))
}

/// Names a player, on every board and at once. The player may choose another name again; block the one that
/// must not come back.
#[utoipa::path(
    post, path = "/api/v2/players/{user_id}/nickname", tag = "Players", operation_id = "renamePlayer",
    params(PlayerPath), request_body = Wanted,
    responses((status = 200, description = "The name is in force", body = Renamed), Clash),
)]
async fn handle(
    operator: Operator,
    State(acts): State<Arc<dyn ActStore>>,
    State(operations): State<Arc<dyn Operations>>,
    State(boards): State<Arc<Boards>>,
    State(clock): State<Arc<dyn Clock>>,
    Path(path): Path<PlayerPath>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Renamed>, Problem> {
    let player = path.user_id.0;
    let definition = operations.definition();
    let name = NewName::given(&wanted.nickname.0, &definition.game.nicknames)
        .map_err(|error| Problem::in_words("nickname", &error.to_string()))?;
    let nickname = name.nickname.clone();
    let act = operator.act(&player, wanted.note.map(|note| note.0), clock.now());
    if acts.rename(player.clone(), name, act).await? != Named::Given {
        let reason = format!("another player is called \"{nickname}\", or nearly so");
        return Err(Problem::new(Slug::Conflict, reason));
    }
    boards.show_at_once().await;
    Ok(Json(Renamed { success: true, user_id: player.to_string(), nickname }))
}

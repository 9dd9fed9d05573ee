//! `POST /api/v2/nicknames/block`: a name that nobody can choose any more.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::limits::OPERATOR_PAGE_DEFAULT;
use scoreline_core::operations::Operations;
use scoreline_core::store::ActStore;
use scoreline_core::time::Clock;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::access::{Endpoint, Scope};
use crate::gate::Operator;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::body::Body;
use crate::request::kinds::{Note, Text};

/// Which name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "nickname": "Ace", "note": "an insult in our town" }))]
#[schema(as = BlockNameRequest)]
struct Wanted {
    /// A name by the rules of the definition.
    nickname: Text,
    /// Why.
    note: Option<Note>,
}

impl Fields for Wanted {}

/// What became of a name.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "success": true, "nickname": "Ace", "changed": true, "players": ["device-1"] }))]
struct Blocked {
    success: bool,
    /// The name; whatever looks like it is blocked, too.
    nickname: String,
    /// Whether it was not blocked before.
    changed: bool,
    /// Who is called so and keeps the name until they are renamed; at most 100 of them.
    players: Vec<String>,
}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::act(Scope::PlayersAct, routes!(handle))
}

/// Blocks a name: nobody can choose it any more, nor what looks like it. Who has it keeps it until they are
/// renamed.
#[utoipa::path(
    post, path = "/api/v2/nicknames/block", tag = "Players", operation_id = "blockNickname",
    request_body = Wanted,
    responses((status = 200, description = "The name is blocked", body = Blocked)),
)]
async fn handle(
    operator: Operator,
    State(acts): State<Arc<dyn ActStore>>,
    State(operations): State<Arc<dyn Operations>>,
    State(clock): State<Arc<dyn Clock>>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Blocked>, Problem> {
    let definition = operations.definition();
    let nickname = definition
        .game
        .nicknames
        .check_form(&wanted.nickname.0)
        .map_err(|error| Problem::in_words("nickname", &error.to_string()))?;
    let act = operator.act(&nickname, wanted.note.map(|note| note.0), clock.now());
    let changed = acts.block_name(nickname.clone(), act).await?;
    let bearers = acts.bearers(nickname.clone(), OPERATOR_PAGE_DEFAULT).await?;
    let players = bearers.into_iter().map(|one| one.player.to_string()).collect();
    Ok(Json(Blocked { success: true, nickname, changed, players }))
}

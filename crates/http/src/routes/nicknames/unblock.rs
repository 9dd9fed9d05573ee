//! `POST /api/v2/nicknames/unblock`: a name that can be chosen again.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
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
#[schema(example = json!({ "nickname": "Ace" }))]
#[schema(as = UnblockNameRequest)]
struct Wanted {
    /// The name, or one that looks like it.
    nickname: Text,
    /// Why.
    note: Option<Note>,
}

impl Fields for Wanted {}

/// What became of a name.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "success": true, "changed": true }))]
struct Unblocked {
    success: bool,
    /// Whether it was blocked before.
    changed: bool,
}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::act(Scope::PlayersAct, routes!(handle))
}

/// Lifts the block of a name: players can choose it again.
#[utoipa::path(
    post, path = "/api/v2/nicknames/unblock", tag = "Players", operation_id = "unblockNickname",
    request_body = Wanted,
    responses((status = 200, description = "The name is not blocked", body = Unblocked)),
)]
async fn handle(
    operator: Operator,
    State(acts): State<Arc<dyn ActStore>>,
    State(clock): State<Arc<dyn Clock>>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Unblocked>, Problem> {
    let nickname = wanted.nickname.0;
    if nickname.contains('\0') {
        return Err(Problem::field("nickname", "must not contain the NUL character"));
    }
    let act = operator.act(&nickname, wanted.note.map(|note| note.0), clock.now());
    let changed = acts.unblock_name(nickname, act).await?;
    Ok(Json(Unblocked { success: true, changed }))
}

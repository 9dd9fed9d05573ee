//! `GET /api/v2/nicknames/blocked`: the names that nobody can choose.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::naming::BlockedName;
use scoreline_core::store::ActStore;
use scoreline_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use crate::access::{Endpoint, Scope};
use crate::openapi::Moment;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::cursor;
use crate::request::kinds::{ListLimit, Text};
use crate::request::query::StrictQuery;

/// Which of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Rows.
    #[serde(default)]
    #[param(inline)]
    limit: ListLimit,
    /// The `next_cursor` of the page before.
    #[param(inline)]
    cursor: Option<Text>,
}

impl Fields for Asked {}

/// A page of blocked names.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "next_cursor": null,
    "nicknames": [{
        "nickname": "Ace", "blocked_at": "2026-11-23T10:00:00.000Z", "note": "an insult in our town",
    }],
}))]
struct BlockedNames {
    success: bool,
    nicknames: Vec<Entry>,
    /// Where the next page starts; null if this is the last.
    next_cursor: Option<String>,
}

/// A blocked name.
#[derive(Serialize, ToSchema)]
#[schema(as = BlockedName)]
struct Entry {
    /// As the operator wrote it; whatever looks like it is blocked, too.
    nickname: String,
    #[schema(value_type = Moment)]
    blocked_at: Timestamp,
    note: Option<String>,
}

impl From<BlockedName> for Entry {
    fn from(name: BlockedName) -> Self {
        let BlockedName { nickname, blocked_at, note, .. } = name;
        Self { nickname, blocked_at, note }
    }
}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator(Scope::PlayersRead, routes!(handle))
}

/// The names that operators have blocked.
#[utoipa::path(
    get, path = "/api/v2/nicknames/blocked", tag = "Players", operation_id = "blockedNicknames",
    params(Asked),
    responses((status = 200, description = "A page of them", body = BlockedNames)),
)]
async fn handle(
    State(acts): State<Arc<dyn ActStore>>,
    StrictQuery(asked): StrictQuery<Asked>,
) -> Result<Json<BlockedNames>, Problem> {
    let after = asked.cursor.map(|text| text.0);
    if after.as_ref().is_some_and(|after| after.contains('\0')) {
        return Err(cursor::not_one());
    }
    let names = acts.blocked_names(after, asked.limit.0).await?;
    let is_full = names.len() == asked.limit.0;
    let next_cursor = names.last().filter(|_| is_full).map(|last| last.skeleton.clone());
    let nicknames = names.into_iter().map(Entry::from).collect();
    Ok(Json(BlockedNames { success: true, nicknames, next_cursor }))
}

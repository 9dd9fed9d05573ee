//! `POST /api/v2/tournaments`: a tournament beside those of the definition.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use scoreline_core::operations::Operations;
use scoreline_core::time::Clock;
use scoreline_core::tournament::ExtraTournament;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::changed::ChangedTournament;
use crate::access::{Endpoint, Scope};
use crate::boards::Boards;
use crate::openapi::Clash;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::body::Body;
use crate::request::kinds::Time;

/// A tournament that an operator wants.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WantedTournament, example = json!({
    "id": "flash-1", "name": "Flash Cup", "board": "global",
    "starts_at": "2026-11-23T10:00:00.000Z", "ends_at": "2026-11-23T12:00:00.000Z",
    "prizes": [{ "first_rank": 1, "last_rank": 3, "coins": 100, "gems": 5 }],
}))]
struct Wanted {
    /// Letters, digits, `_` and `-`.
    #[schema(min_length = 1, max_length = 100)]
    id: String,
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// The board whose measure it uses.
    board: String,
    starts_at: Time,
    /// The first moment that no longer counts.
    ends_at: Time,
    /// What ranks win; an empty list where nothing is to be won. Checked as in the definition file.
    #[schema(required, value_type = Vec<Tier>)]
    prizes: Option<Value>,
}

impl Fields for Wanted {}

/// What the ranks of one range win.
#[derive(ToSchema)]
#[schema(as = PrizeTier)]
#[expect(dead_code, reason = "describes tiers that core reads as they are written")]
struct Tier {
    /// A rank, or a range such as `"4-10"`; or else `first_rank` and `last_rank`.
    #[schema(required = false, value_type = String, example = "4-10")]
    ranks: String,
    #[schema(minimum = 1, required = false)]
    first_rank: u64,
    #[schema(required = false)]
    last_rank: u64,
    #[schema(minimum = 0, required = false, default = 0)]
    coins: i64,
    #[schema(minimum = 0, required = false, default = 0)]
    gems: i64,
}

impl From<Wanted> for ExtraTournament {
    fn from(wanted: Wanted) -> Self {
        Self {
            id: wanted.id,
            name: wanted.name,
            board: wanted.board,
            starts_at: wanted.starts_at.0,
            ends_at: wanted.ends_at.0,
            prizes: wanted.prizes,
        }
    }
}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator(Scope::DefinitionWrite, routes!(handle))
}

/// Makes a tournament beside those of the definition.
#[utoipa::path(
    post, path = "/api/v2/tournaments", tag = "Tournaments", operation_id = "createTournament",
    request_body = Wanted,
    responses((status = 201, description = "It is made", body = ChangedTournament), Clash),
)]
async fn handle(
    State(operations): State<Arc<dyn Operations>>,
    State(boards): State<Arc<Boards>>,
    State(clock): State<Arc<dyn Clock>>,
    Body(wanted): Body<Wanted>,
) -> Result<(StatusCode, Json<ChangedTournament>), Problem> {
    let made = operations.create_tournament(wanted.into()).await?;
    Ok((StatusCode::CREATED, ChangedTournament::of(&made, &boards, &clock).await?))
}

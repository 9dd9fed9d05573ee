//! `GET /api/v2/tournaments`: all tournaments.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::time::Clock;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::state::TournamentState;
use super::view::{TournamentView, example};
use crate::access::Endpoint;
use crate::boards::Boards;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::kinds::{ListLimit, Offset};
use crate::request::query::StrictQuery;
use crate::tournaments::Tournaments;

/// Which tournaments.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Those that stand there only.
    status: Option<TournamentState>,
    /// Rows.
    #[serde(default)]
    #[param(inline)]
    limit: ListLimit,
    /// Rows to leave out.
    #[serde(default)]
    #[param(inline)]
    offset: Offset,
}

impl Fields for Asked {}

/// Tournaments, the latest start first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "success": true, "count": 1, "tournaments": [example()] }))]
struct TournamentList {
    success: bool,
    count: usize,
    tournaments: Vec<TournamentView>,
}

/// Anybody may read tournaments.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::public(routes!(handle))
}

/// All tournaments, the latest start first.
#[utoipa::path(
    get, path = "/api/v2/tournaments", tag = "Tournaments", operation_id = "tournaments",
    params(Asked),
    responses((status = 200, description = "The tournaments", body = TournamentList)),
)]
async fn handle(
    State(tournaments): State<Arc<Tournaments>>,
    State(boards): State<Arc<Boards>>,
    State(clock): State<Arc<dyn Clock>>,
    StrictQuery(asked): StrictQuery<Asked>,
) -> Result<Json<TournamentList>, Problem> {
    let status = asked.status.map(Into::into);
    let found = tournaments.page(status, asked.offset.0, asked.limit.0).await?;
    let now = clock.now();
    let mut views = Vec::with_capacity(found.len());
    for tournament in &found {
        views.push(TournamentView::at(now, tournament, &boards).await?);
    }
    Ok(Json(TournamentList { success: true, count: views.len(), tournaments: views }))
}

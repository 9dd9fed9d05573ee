//! `POST /api/v2/tournaments/{id}/cancel`: a tournament, called off.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::operations::Operations;
use scoreline_core::time::Clock;
use utoipa_axum::routes;

use super::changed::ChangedTournament;
use super::path::TournamentPath;
use crate::access::{Endpoint, Scope};
use crate::boards::Boards;
use crate::openapi::{Clash, Missing};
use crate::problem::Problem;
use crate::request::path::Path;

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator(Scope::DefinitionWrite, routes!(handle))
}

/// Calls a tournament off: nobody wins.
#[utoipa::path(
    post, path = "/api/v2/tournaments/{id}/cancel", tag = "Tournaments",
    operation_id = "cancelTournament",
    params(TournamentPath),
    responses(
        (status = 200, description = "It is called off", body = ChangedTournament),
        Missing, Clash,
    ),
)]
async fn handle(
    State(operations): State<Arc<dyn Operations>>,
    State(boards): State<Arc<Boards>>,
    State(clock): State<Arc<dyn Clock>>,
    Path(path): Path<TournamentPath>,
) -> Result<Json<ChangedTournament>, Problem> {
    let changed = operations.cancel_tournament(&path.id).await?;
    ChangedTournament::of(&changed, &boards, &clock).await
}

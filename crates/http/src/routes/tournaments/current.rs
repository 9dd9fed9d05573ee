//! `GET /api/v2/tournaments/current`: the tournament that runs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::time::Clock;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::view::{TournamentView, example};
use crate::access::Endpoint;
use crate::boards::Boards;
use crate::problem::Problem;
use crate::tournaments::Tournaments;

/// The tournament that runs, if one does.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "success": true, "tournament": example() }))]
struct CurrentTournament {
    success: bool,
    tournament: Option<TournamentView>,
    /// Where none runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "No active tournament")]
    message: Option<&'static str>,
}

/// Anybody may read tournaments.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::public(routes!(handle))
}

/// The tournament that runs now.
#[utoipa::path(
    get, path = "/api/v2/tournaments/current", tag = "Tournaments", operation_id = "currentTournament",
    responses((status = 200, description = "The tournament, or null", body = CurrentTournament)),
)]
async fn handle(
    State(tournaments): State<Arc<Tournaments>>,
    State(boards): State<Arc<Boards>>,
    State(clock): State<Arc<dyn Clock>>,
) -> Result<Json<CurrentTournament>, Problem> {
    let tournament = match &tournaments.current().await? {
        Some(found) => Some(TournamentView::at(clock.now(), found, &boards).await?),
        None => None,
    };
    let message = tournament.is_none().then_some("No active tournament");
    Ok(Json(CurrentTournament { success: true, tournament, message }))
}

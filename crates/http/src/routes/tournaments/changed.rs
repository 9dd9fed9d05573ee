//! A tournament after an operator made or changed it.

use std::sync::Arc;

use axum::Json;
use scoreline_core::time::Clock;
use scoreline_core::tournament::Tournament;
use serde::Serialize;
use utoipa::ToSchema;

use super::view::{TournamentView, example};
use crate::boards::Boards;
use crate::problem::Problem;

/// A tournament after it was made or changed.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "success": true, "tournament": example() }))]
pub(super) struct ChangedTournament {
    success: bool,
    tournament: TournamentView,
}

impl ChangedTournament {
    /// The answer.
    pub async fn of(
        changed: &Tournament,
        boards: &Boards,
        clock: &Arc<dyn Clock>,
    ) -> Result<Json<Self>, Problem> {
        let tournament = TournamentView::at(clock.now(), changed, boards).await?;
        Ok(Json(Self { success: true, tournament }))
    }
}

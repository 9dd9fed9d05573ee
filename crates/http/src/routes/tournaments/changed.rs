//! A tournament after an operator made or changed it.

use serde::Serialize;
use utoipa::ToSchema;

use super::view::{TournamentView, example};

/// A tournament after it was made or changed.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "success": true, "tournament": example() }))]
pub(super) struct ChangedTournament {
    success: bool,
    tournament: TournamentView,
}

impl ChangedTournament {
    /// The answer.
    pub fn of(tournament: TournamentView) -> Self {
        Self { success: true, tournament }
    }
}

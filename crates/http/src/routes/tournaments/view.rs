//! A tournament, as answers show it.

use scoreline_core::time::Timestamp;
use scoreline_core::tournament::Tournament;
use serde::Serialize;
use utoipa::ToSchema;

use super::state::TournamentState;
use super::tier::TierPrize;
use crate::boards::Boards;
use crate::openapi::Moment;
use crate::problem::Problem;

/// A tournament.
#[derive(Serialize, ToSchema)]
#[schema(as = Tournament)]
pub(super) struct TournamentView {
    tournament_id: String,
    name: String,
    status: TournamentState,
    /// The board whose measure it uses.
    board: String,
    #[schema(value_type = Moment)]
    start_date: Timestamp,
    /// The first moment that no longer counts.
    #[schema(value_type = Moment)]
    end_date: Timestamp,
    seconds_remaining: i64,
    participants: u64,
    prizes: Vec<TierPrize>,
}

impl TournamentView {
    /// A tournament as it stands at `now`.
    pub async fn at(
        now: Timestamp,
        tournament: &Tournament,
        boards: &Boards,
    ) -> Result<Self, Problem> {
        Ok(Self {
            tournament_id: tournament.id.to_string(),
            name: tournament.name.clone(),
            status: tournament.status_at(now).into(),
            board: tournament.board.name.to_string(),
            start_date: tournament.starts_at,
            end_date: tournament.ends_at,
            seconds_remaining: tournament.ends_at.ms_since(now).max(0) / 1_000,
            participants: boards.participants(tournament).await?,
            prizes: tournament.prizes.iter().map(TierPrize::from).collect(),
        })
    }
}

/// A tournament as the `OpenAPI` document shows one.
pub(super) fn example() -> serde_json::Value {
    serde_json::json!({
        "tournament_id": "weekly_2026_w48", "name": "Weekly Tournament", "status": "active",
        "board": "global", "start_date": "2026-11-23T00:00:00.000Z",
        "end_date": "2026-11-30T00:00:00.000Z", "seconds_remaining": 568_800, "participants": 2,
        "prizes": [{ "coins": 5000, "gems": 250, "label": "1st Place", "rank": 1 }],
    })
}

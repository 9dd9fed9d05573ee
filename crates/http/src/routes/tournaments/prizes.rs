//! `GET /api/v2/tournaments/{id}/prizes`: what is won.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::path::TournamentPath;
use super::tier::TierPrize;
use crate::access::Endpoint;
use crate::problem::Problem;
use crate::request::path::Path;
use crate::tournaments::Tournaments;

/// What a tournament's ranks win.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "success": true, "tournament_id": "weekly_2026_w48",
    "prizes": [
        { "coins": 5000, "gems": 250, "label": "1st Place", "rank": 1 },
        { "coins": 500, "gems": 25, "label": "2nd-4th Place", "ranks": [2, 3, 4] },
    ],
}))]
struct PrizeList {
    success: bool,
    tournament_id: String,
    prizes: Vec<TierPrize>,
}

/// Anybody may read tournaments.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::public(routes!(handle))
}

/// What a tournament's ranks win.
#[utoipa::path(
    get, path = "/api/v2/tournaments/{id}/prizes", tag = "Tournaments",
    operation_id = "tournamentPrizes",
    params(TournamentPath),
    responses((status = 200, description = "The prizes", body = PrizeList)),
)]
async fn handle(
    State(tournaments): State<Arc<Tournaments>>,
    Path(path): Path<TournamentPath>,
) -> Result<Json<PrizeList>, Problem> {
    let tournament = tournaments.find(&path.id).await?;
    let tiers = tournament.iter().flat_map(|tournament| &tournament.prizes);
    let prizes = tiers.map(TierPrize::from).collect();
    Ok(Json(PrizeList { success: true, tournament_id: path.id, prizes }))
}

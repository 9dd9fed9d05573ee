//! `POST /api/v2/prizes/{prize_id}/revoke`: an operator takes a prize back.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::store::PrizeStore;
use scoreline_core::time::Clock;
use scoreline_core::tournament::Revocation;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use super::acted::ActedPrize;
use crate::access::{Endpoint, Scope};
use crate::gate::Operator;
use crate::openapi::Missing;
use crate::problem::{Problem, Slug};
use crate::request::Fields;
use crate::request::body::Body;
use crate::request::kinds::Note;
use crate::request::path::Path;

/// Which prize.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct PrizePath {
    /// The prize.
    prize_id: String,
}

impl Fields for PrizePath {}

/// Why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RevokePrizeRequest, example = json!({ "note": "won with a changed app" }))]
struct Wanted {
    /// Why.
    note: Note,
}

impl Fields for Wanted {}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::act(Scope::PlayersAct, routes!(handle))
}

/// Takes a prize back. It cannot be claimed any more, is not among the player's prizes, and nobody else gets it.
/// What the game gave for one that was claimed is the game's to take back: `claimed_at` says so.
#[utoipa::path(
    post, path = "/api/v2/prizes/{prize_id}/revoke", tag = "Prizes", operation_id = "revokePrize",
    params(PrizePath), request_body = Wanted,
    responses((status = 200, description = "The prize is revoked", body = ActedPrize), Missing),
)]
async fn handle(
    operator: Operator,
    State(prizes): State<Arc<dyn PrizeStore>>,
    State(clock): State<Arc<dyn Clock>>,
    Path(path): Path<PrizePath>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<ActedPrize>, Problem> {
    let missing = || Problem::new(Slug::NotFound, format!("there is no prize {}", path.prize_id));
    let id = Uuid::try_parse(&path.prize_id).map_err(|_| missing())?;
    let act = operator.act(&id, Some(wanted.note.0), clock.now());
    match prizes.revoke_prize(id, act).await? {
        Revocation::Revoked(prize) => Ok(Json(ActedPrize::of(&prize, true))),
        Revocation::RevokedBefore(prize) => Ok(Json(ActedPrize::of(&prize, false))),
        Revocation::NotFound => Err(missing()),
    }
}

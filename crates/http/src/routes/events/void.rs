//! `POST /api/events/void`: events that are not to count.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::operations::Operations;
use scoreline_core::time::Clock;
use utoipa_axum::routes;

use super::voiding::{Answer, Hands, Wanted, carry_out};
use crate::access::{Endpoint, Scope};
use crate::boards::Boards;
use crate::gate::Operator;
use crate::openapi::Clash;
use crate::problem::Problem;
use crate::request::body::Body;

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::act(Scope::PlayersAct, routes!(handle))
}

/// Makes events not count. The player's entries and statistics are what the other events give, at once, on every node,
/// and so are figures and analytics. Tournaments that are closed stay as they were.
#[utoipa::path(
    post, path = "/api/events/void", tag = "Events", operation_id = "voidEvents",
    request_body = Wanted,
    responses((status = 200, description = "What does not count", body = Answer), Clash),
)]
async fn handle(
    operator: Operator,
    State(operations): State<Arc<dyn Operations>>,
    State(boards): State<Arc<Boards>>,
    State(clock): State<Arc<dyn Clock>>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Answer>, Problem> {
    let hands =
        Hands { operator: &operator, operations: &operations, boards: &boards, clock: &clock };
    carry_out(hands, wanted, true).await
}

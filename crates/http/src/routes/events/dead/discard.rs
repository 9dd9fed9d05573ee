//! `POST /api/events/dead/discard`: dead events, given up.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::store::DeadStore;
use scoreline_core::time::Clock;
use utoipa_axum::routes;

use crate::access::{Endpoint, Scope};
use crate::problem::Problem;
use crate::request::body::Body;
use crate::routes::events::set_aside::{Discard, DiscardedEvents};

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator(Scope::Admin, routes!(handle))
}

/// Gives dead events up, visibly; `note` must say why.
#[utoipa::path(
    post, path = "/api/events/dead/discard", tag = "Events", operation_id = "discardDead",
    request_body = Discard,
    responses((status = 200, description = "How many were given up", body = DiscardedEvents)),
)]
async fn handle(
    State(events): State<Arc<dyn DeadStore>>,
    State(clock): State<Arc<dyn Clock>>,
    Body(wanted): Body<Discard>,
) -> Result<Json<DiscardedEvents>, Problem> {
    let (filter, note, limit) = wanted.order()?;
    let discarded = events.discard_dead(filter, note, clock.now(), limit).await?;
    Ok(Json(DiscardedEvents::of(discarded)))
}

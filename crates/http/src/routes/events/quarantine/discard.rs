//! `POST /api/events/quarantine/discard`: quarantined events, given up.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::store::QuarantineStore;
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

/// Gives quarantined events up, visibly; `note` must say why.
#[utoipa::path(
    post, path = "/api/events/quarantine/discard", tag = "Events", operation_id = "discardQuarantined",
    request_body = Discard,
    responses((status = 200, description = "How many were given up", body = DiscardedEvents)),
)]
async fn handle(
    State(events): State<Arc<dyn QuarantineStore>>,
    State(clock): State<Arc<dyn Clock>>,
    Body(wanted): Body<Discard>,
) -> Result<Json<DiscardedEvents>, Problem> {
    let (filter, note, limit) = wanted.order()?;
    let discarded = events.discard_quarantined(filter, note, clock.now(), limit).await?;
    Ok(Json(DiscardedEvents::of(discarded)))
}

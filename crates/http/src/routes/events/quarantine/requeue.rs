//! `POST /api/events/requeue-quarantined`: events in quarantine, checked again.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::operations::Operations;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::access::{Endpoint, Scope};
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::body::Body;
use crate::routes::events::set_aside::Filter;

/// Events to be checked again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "filter": { "code": "unknown_event_type" } }))]
struct Requeue {
    /// Which events; all that wait if it is absent.
    #[serde(default)]
    filter: Filter,
}

impl Fields for Requeue {}

/// What became of quarantined events.
#[derive(Serialize, ToSchema)]
struct RequeuedEvents {
    success: bool,
    /// Entries that were checked again.
    checked: u64,
    /// Those that are accepted now and left quarantine.
    accepted: u64,
    /// Those that the definition still does not allow.
    still_rejected: u64,
}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator(Scope::Admin, routes!(handle))
}

/// Checks quarantined events again under the present definition; safe to repeat.
#[utoipa::path(
    post, path = "/api/events/requeue-quarantined", tag = "Events",
    operation_id = "requeueQuarantined",
    request_body = Requeue,
    responses((status = 200, description = "What became of them", body = RequeuedEvents)),
)]
async fn handle(
    State(operations): State<Arc<dyn Operations>>,
    Body(wanted): Body<Requeue>,
) -> Result<Json<RequeuedEvents>, Problem> {
    let done = operations.requeue_quarantined(wanted.filter.try_into()?).await?;
    Ok(Json(RequeuedEvents {
        success: true,
        checked: done.checked,
        accepted: done.accepted,
        still_rejected: done.still_rejected,
    }))
}

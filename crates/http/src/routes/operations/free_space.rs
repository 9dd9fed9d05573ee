//! `POST /api/admin/free-space`: what nobody needs, removed for good.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::operations::{Operations, RoomMade, RoomOrder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::access::{Endpoint, Scope};
use crate::openapi::Clash;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::body::Body;

/// What is to go for good. Events that were discarded always do.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "quarantine": true }))]
struct FreeSpace {
    /// All that waits in quarantine, too.
    #[serde(default)]
    quarantine: bool,
    /// All that waits among the dead, too.
    #[serde(default)]
    dead: bool,
    /// Also remove raw events older than this many days, at least 31. Scores and statistics stay.
    #[serde(default)]
    events_older_than_days: Option<u32>,
}

impl Fields for FreeSpace {}

/// What is gone.
#[derive(Serialize, ToSchema)]
struct FreedSpace {
    success: bool,
    /// Entries of quarantine.
    quarantined: u64,
    /// Dead events.
    dead: u64,
    /// Raw events.
    events: u64,
    /// Bytes by which the database is smaller on the disk. PostgreSQL gives space back by itself.
    bytes: u64,
}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator(Scope::Admin, routes!(handle))
}

/// Removes what nobody needs for good, and gives the space back to the disk. Works on a full disk, too.
#[utoipa::path(
    post, path = "/api/admin/free-space", tag = "Operations", operation_id = "freeSpace",
    request_body = FreeSpace,
    responses((status = 200, description = "What is gone", body = FreedSpace), Clash),
)]
async fn handle(
    State(operations): State<Arc<dyn Operations>>,
    Body(wanted): Body<FreeSpace>,
) -> Result<Json<FreedSpace>, Problem> {
    let FreeSpace { quarantine, dead, events_older_than_days } = wanted;
    let order = RoomOrder { quarantine, dead, events_older_than_days };
    let RoomMade { quarantined, dead, events, bytes } = operations.make_room(order).await?;
    Ok(Json(FreedSpace { success: true, quarantined, dead, events, bytes }))
}

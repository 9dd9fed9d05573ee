//! `GET /api/events/dead`: events that were accepted and could not be applied.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::store::{self, DeadStore};
use scoreline_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::access::{Endpoint, Scope};
use crate::openapi::Moment;
use crate::problem::Problem;
use crate::request::query::StrictQuery;
use crate::routes::events::set_aside::{Filter, PageQuery, answered, as_sent, text};

/// Events that could not be applied.
#[derive(Serialize, ToSchema)]
struct DeadEvents {
    success: bool,
    count: usize,
    events: Vec<DeadEvent>,
    /// For the next page; null on the last one.
    next_cursor: Option<String>,
}

/// An event that could not be applied.
#[derive(Serialize, ToSchema)]
struct DeadEvent {
    id: Uuid,
    event_type: String,
    user_id: String,
    #[schema(value_type = Moment)]
    timestamp: Timestamp,
    #[schema(value_type = Moment)]
    received_at: Timestamp,
    /// Who proved to have sent it: `player:` with the player of the session, or `key:` with a key; null where
    /// nobody had to.
    sent_by: Option<String>,
    processing_attempts: u32,
    /// Why it could not be applied.
    processing_error: String,
    #[schema(value_type = Moment)]
    died_at: Timestamp,
    /// The beginning of its fields, as JSON text; null unless `raw=true` asks for it.
    payload: Option<String>,
    /// When it was given up, if it was.
    #[schema(value_type = Option<Moment>)]
    discarded_at: Option<Timestamp>,
    /// Why it was given up.
    note: Option<String>,
}

impl DeadEvent {
    fn new(dead: store::DeadEvent, raw: bool) -> Self {
        let (discarded_at, note) = dead.discarded.unzip();
        Self {
            id: dead.event.id,
            event_type: dead.event.event_type.to_string(),
            user_id: dead.event.player.to_string(),
            timestamp: dead.event.time,
            received_at: dead.event.received_at,
            sent_by: dead.event.sent_by.as_deref().map(str::to_owned),
            processing_attempts: dead.attempts,
            processing_error: dead.reason,
            died_at: dead.died_at,
            payload: raw.then(|| as_sent(&dead.event.payload)),
            discarded_at,
            note,
        }
    }
}

/// What single players sent is for operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator(Scope::PlayersRead, routes!(handle))
}

/// Events that could not be applied, with the reason.
#[utoipa::path(
    get, path = "/api/events/dead", tag = "Events", operation_id = "deadEvents",
    params(Filter, PageQuery),
    responses((status = 200, description = "A page of them", body = DeadEvents)),
)]
async fn handle(
    State(events): State<Arc<dyn DeadStore>>,
    StrictQuery((filter, page)): StrictQuery<(Filter, PageQuery)>,
) -> Result<Json<DeadEvents>, Problem> {
    let (after, raw) = (page.after()?, page.raw);
    let found = events.list_dead(filter.try_into()?, after, page.limit.0, text(raw)).await?;
    let (events, next_cursor) = answered(found, |dead| DeadEvent::new(dead, raw));
    Ok(Json(DeadEvents { success: true, count: events.len(), events, next_cursor }))
}

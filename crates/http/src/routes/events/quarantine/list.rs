//! `GET /api/events/quarantine`: events that the definition did not allow.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::id::PlayerId;
use scoreline_core::store::{QuarantineEntry, QuarantineStore};
use scoreline_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::access::{Endpoint, Scope};
use crate::openapi::Moment;
use crate::problem::Problem;
use crate::request::query::StrictQuery;
use crate::routes::events::reject_reason::RejectReason;
use crate::routes::events::set_aside::{Filter, PageQuery, answered, as_sent, text};

/// Events that are not valid.
#[derive(Serialize, ToSchema)]
struct QuarantinedEvents {
    success: bool,
    count: usize,
    events: Vec<QuarantinedEvent>,
    /// For the next page; null on the last one.
    next_cursor: Option<String>,
}

/// An event that is not valid.
#[derive(Serialize, ToSchema)]
struct QuarantinedEvent {
    /// Its number in quarantine.
    id: i64,
    event_type: Option<String>,
    user_id: Option<String>,
    event_id: Option<String>,
    /// Who proved to have sent it: `player:` with the player of the session, or `key:` with a key; null where
    /// nobody had to.
    sent_by: Option<String>,
    /// What is wrong: a code of docs/api.md.
    #[schema(value_type = RejectReason)]
    code: &'static str,
    field: Option<String>,
    message: String,
    #[schema(value_type = Moment)]
    received_at: Timestamp,
    /// How often the same event came.
    times_seen: u64,
    /// The beginning of its own text; null unless `raw=true` asks for it.
    event: Option<String>,
    #[schema(value_type = Option<Moment>)]
    discarded_at: Option<Timestamp>,
    note: Option<String>,
}

impl QuarantinedEvent {
    fn new(entry: QuarantineEntry, raw: bool) -> Self {
        let rejected = entry.rejected;
        let (discarded_at, note) = entry.discarded.unzip();
        Self {
            id: entry.no.0,
            event: raw.then(|| as_sent(&rejected.raw)),
            event_type: rejected.event_type,
            user_id: rejected.player.as_ref().map(PlayerId::to_string),
            event_id: rejected.event_id,
            sent_by: rejected.sent_by.as_deref().map(str::to_owned),
            code: rejected.code.as_str(),
            field: rejected.field,
            message: rejected.message,
            received_at: rejected.received_at,
            times_seen: entry.times_seen,
            discarded_at,
            note,
        }
    }
}

/// What single players sent is for operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator(Scope::PlayersRead, routes!(handle))
}

/// Events that are not valid, with what is wrong and how often they came.
#[utoipa::path(
    get, path = "/api/events/quarantine", tag = "Events", operation_id = "quarantinedEvents",
    params(Filter, PageQuery),
    responses((status = 200, description = "A page of them", body = QuarantinedEvents)),
)]
async fn handle(
    State(events): State<Arc<dyn QuarantineStore>>,
    StrictQuery((filter, page)): StrictQuery<(Filter, PageQuery)>,
) -> Result<Json<QuarantinedEvents>, Problem> {
    let (after, raw) = (page.after()?, page.raw);
    let found = events.list_quarantined(filter.try_into()?, after, page.limit.0, text(raw)).await?;
    let (events, next_cursor) = answered(found, |entry| QuarantinedEvent::new(entry, raw));
    Ok(Json(QuarantinedEvents { success: true, count: events.len(), events, next_cursor }))
}

//! `GET /api/events/recent`: the events that were received last.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::store::{EventFilter, EventStore, StoredEvent};
use scoreline_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use crate::access::{Endpoint, Scope};
use crate::openapi::Moment;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::kinds::{ListLimit, Time, UserId};
use crate::request::query::StrictQuery;
use crate::routes::events::set_aside::{as_sent, text};

/// Which events.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Rows.
    #[serde(default)]
    #[param(inline)]
    limit: ListLimit,
    /// Of this type only.
    event_type: Option<String>,
    /// Of this player only.
    #[param(inline)]
    user_id: Option<UserId>,
    /// Not before this time, by the event's own.
    #[param(inline)]
    from: Option<Time>,
    /// Before this time, by the event's own.
    #[param(inline)]
    until: Option<Time>,
    /// Also the beginning of what each says.
    #[serde(default)]
    raw: bool,
}

impl Fields for Asked {}

/// The last events received.
#[derive(Serialize, ToSchema)]
struct RecentEvents {
    success: bool,
    count: usize,
    events: Vec<RecentEvent>,
}

/// An event that was applied.
#[derive(Serialize, ToSchema)]
struct RecentEvent {
    id: Uuid,
    event_type: String,
    user_id: String,
    /// The device's time.
    #[schema(value_type = Moment)]
    timestamp: Timestamp,
    #[schema(value_type = Moment)]
    received_at: Timestamp,
    #[schema(value_type = Moment)]
    processed_at: Timestamp,
    processing_attempts: u32,
    processing_error: Option<String>,
    /// Whether the event counts as of its receipt, because the device's time is absurd.
    clock_corrected: bool,
    /// The beginning of its fields, as JSON text; null unless `raw=true` asks for it.
    payload: Option<String>,
}

impl RecentEvent {
    fn new(stored: &StoredEvent, raw: bool) -> Self {
        Self {
            id: stored.event.id,
            event_type: stored.event.sent_type().into_owned(),
            user_id: stored.event.player.to_string(),
            timestamp: stored.event.time,
            received_at: stored.event.received_at,
            processed_at: stored.applied_at,
            processing_attempts: 1,
            processing_error: None,
            clock_corrected: stored.event.has_wrong_clock(),
            payload: raw.then(|| as_sent(&stored.event.payload)),
        }
    }
}

/// What single players do is for operators; a developer at home needs no token.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator_or_local(Scope::PlayersRead, routes!(handle))
}

/// The events applied last, newest first.
///
/// Without a player, the last 200,000 are looked through.
/// In open mode on loopback it needs no token.
#[utoipa::path(
    get, path = "/api/events/recent", tag = "Events", operation_id = "recentEvents",
    params(Asked),
    responses((status = 200, description = "The events", body = RecentEvents)),
)]
async fn handle(
    State(events): State<Arc<dyn EventStore>>,
    StrictQuery(asked): StrictQuery<Asked>,
) -> Result<Json<RecentEvents>, Problem> {
    let filter = EventFilter {
        event_type: asked.event_type,
        player: asked.user_id.map(|user| user.0),
        from: asked.from.map(|time| time.0),
        until: asked.until.map(|time| time.0),
    };
    let found = events.recent(filter, asked.limit.0, text(asked.raw)).await?;
    let events: Vec<RecentEvent> =
        found.iter().map(|stored| RecentEvent::new(stored, asked.raw)).collect();
    Ok(Json(RecentEvents { success: true, count: events.len(), events }))
}

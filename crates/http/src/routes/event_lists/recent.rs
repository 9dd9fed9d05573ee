//! `GET /api/events/recent`: the events that were received last.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use scoreline_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Filter, Parameters, page_limit};
use crate::app::App;
use crate::openapi::{Guarded, Limited, Moment, Parameters as WrongParameters};
use crate::problem::Problem;

/// The last events received.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecentEvents {
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
}

/// The last events received, newest first.
///
/// Without a player, the last 200,000 are looked through.
/// In open mode on loopback it needs no token.
#[utoipa::path(
    get, path = "/api/events/recent", tag = "Events", operation_id = "recentEvents",
    params(
        ("limit" = Option<u32>, Query, description = "Rows", minimum = 1, maximum = 1000),
        ("event_type" = Option<String>, Query, description = "Of this type only"),
        ("user_id" = Option<String>, Query, description = "Of this player only"),
        ("from" = Option<String>, Query, description = "Not before this time, by the event's own"),
        ("until" = Option<String>, Query, description = "Before this time, by the event's own"),
    ),
    responses(
        (status = 200, description = "The events", body = RecentEvents),
        WrongParameters, Guarded, Limited,
    ),
    security((), ("admin_token" = []), ("admin_token_header" = [])),
)]
pub(crate) async fn handle(
    State(app): State<App>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Result<Json<RecentEvents>, Problem> {
    app.auth.operator_or_local(&headers)?;
    let limit = page_limit(&parameters)?;
    let filter = Filter::of_parameters(&parameters).event()?;
    let events: Vec<RecentEvent> = app
        .store
        .recent(filter, limit)
        .await?
        .iter()
        .map(|stored| RecentEvent {
            id: stored.event.key.id,
            event_type: stored.event.event_type.to_string(),
            user_id: stored.event.player.to_string(),
            timestamp: stored.event.key.time,
            received_at: stored.event.received_at,
            processed_at: stored.applied_at,
            processing_attempts: 1,
            processing_error: None,
            clock_corrected: stored.event.has_wrong_clock(),
        })
        .collect();
    Ok(Json(RecentEvents { success: true, count: events.len(), events }))
}

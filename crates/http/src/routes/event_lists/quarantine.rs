//! `/api/events/quarantine`: events that the definition did not allow; checking them again, giving them
//! up.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use scoreline_core::id::PlayerId;
use scoreline_core::store::QuarantineNo;
use scoreline_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    DiscardedEvents, Filter, PageParameters, Parameters, Selection, as_sent, not_a_cursor, note,
    page_limit,
};
use crate::app::App;
use crate::openapi::{Content, Guarded, Limited, Moment, Parameters as WrongParameters};
use crate::problem::Problem;
use crate::routes::Body;
use crate::routes::events::reject_reason::RejectReason;

/// Events that are not valid.
#[derive(Serialize, ToSchema)]
pub(crate) struct QuarantinedEvents {
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
    /// What is wrong: a code of docs/api.md.
    #[schema(value_type = RejectReason)]
    code: &'static str,
    field: Option<String>,
    message: String,
    #[schema(value_type = Moment)]
    received_at: Timestamp,
    /// How often the same event came.
    times_seen: u64,
    /// The beginning of its own text.
    event: String,
    #[schema(value_type = Option<Moment>)]
    discarded_at: Option<Timestamp>,
    note: Option<String>,
}

/// Events that are not valid, with what is wrong and how often they came.
#[utoipa::path(
    get, path = "/api/events/quarantine", tag = "Events", operation_id = "quarantinedEvents",
    params(Filter, PageParameters),
    responses(
        (status = 200, description = "A page of them", body = QuarantinedEvents),
        WrongParameters, Guarded, Limited,
    ),
    security(("admin_token" = []), ("admin_token_header" = [])),
)]
pub(crate) async fn list(
    State(app): State<App>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Result<Json<QuarantinedEvents>, Problem> {
    app.auth.operator(&headers)?;
    let filter = Filter::of_parameters(&parameters).quarantine()?;
    let cursor = parameters.get("cursor");
    let after = cursor
        .map(|cursor| cursor.parse().map(QuarantineNo).map_err(|_| not_a_cursor()))
        .transpose()?;
    let page = app.store.quarantine(filter, after, page_limit(&parameters)?).await?;
    let next_cursor = page.next.map(|no| no.0.to_string());
    let events: Vec<QuarantinedEvent> = page
        .rows
        .into_iter()
        .map(|entry| {
            let rejected = entry.rejected;
            let (discarded_at, note) = entry.discarded.unzip();
            QuarantinedEvent {
                id: entry.no.0,
                event: as_sent(&rejected.raw),
                event_type: rejected.event_type,
                user_id: rejected.player.as_ref().map(PlayerId::to_string),
                event_id: rejected.event_id,
                code: rejected.code.as_str(),
                field: rejected.field,
                message: rejected.message,
                received_at: rejected.received_at,
                times_seen: entry.times_seen,
                discarded_at,
                note,
            }
        })
        .collect();
    Ok(Json(QuarantinedEvents { success: true, count: events.len(), events, next_cursor }))
}

/// What became of quarantined events.
#[derive(Serialize, ToSchema)]
pub(crate) struct RequeuedEvents {
    success: bool,
    /// Entries that were checked again.
    checked: u64,
    /// Those that are accepted now and left quarantine.
    accepted: u64,
    /// Those that the definition still does not allow.
    still_rejected: u64,
}

/// Checks quarantined events again under the present definition; safe to repeat.
#[utoipa::path(
    post, path = "/api/events/requeue-quarantined", tag = "Events",
    operation_id = "requeueQuarantined",
    request_body = Selection,
    responses(
        (status = 200, description = "What became of them", body = RequeuedEvents),
        Content, Guarded, Limited,
    ),
    security(("admin_token" = []), ("admin_token_header" = [])),
)]
pub(crate) async fn requeue(
    State(app): State<App>,
    Body(selection): Body<Selection>,
) -> Result<Json<RequeuedEvents>, Problem> {
    let done = app.operations.requeue_quarantined(selection.filter.quarantine()?).await?;
    Ok(Json(RequeuedEvents {
        success: true,
        checked: done.checked,
        accepted: done.accepted,
        still_rejected: done.still_rejected,
    }))
}

/// Gives quarantined events up, visibly; `note` must say why.
#[utoipa::path(
    post, path = "/api/events/quarantine/discard", tag = "Events", operation_id = "discardQuarantined",
    request_body = Selection,
    responses(
        (status = 200, description = "How many were given up", body = DiscardedEvents),
        Content, Guarded, Limited,
    ),
    security(("admin_token" = []), ("admin_token_header" = [])),
)]
pub(crate) async fn discard(
    State(app): State<App>,
    Body(selection): Body<Selection>,
) -> Result<Json<DiscardedEvents>, Problem> {
    let (filter, note) = (selection.filter.quarantine()?, note(&selection)?);
    let discarded = app.store.discard_quarantined(filter, note, app.clock.now()).await?;
    Ok(Json(DiscardedEvents { success: true, discarded }))
}

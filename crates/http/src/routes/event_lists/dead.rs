//! `/api/events/dead`: events that were accepted and could not be applied; trying them again, giving
//! them up.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use scoreline_core::id::EventKey;
use scoreline_core::limits::OPERATOR_PAGE_MAX;
use scoreline_core::time::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    DiscardedEvents, Filter, PageParameters, Parameters, Selection, as_sent, not_a_cursor, note,
    page_limit,
};
use crate::app::App;
use crate::openapi::{Content, Guarded, Limited, Moment, Parameters as WrongParameters};
use crate::problem::Problem;
use crate::routes::Body;

/// Events that could not be applied.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeadEvents {
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
    processing_attempts: u32,
    /// Why it could not be applied.
    processing_error: String,
    #[schema(value_type = Moment)]
    died_at: Timestamp,
    /// The beginning of its fields, as JSON text.
    payload: String,
    /// When it was given up, if it was.
    #[schema(value_type = Option<Moment>)]
    discarded_at: Option<Timestamp>,
    /// Why it was given up.
    note: Option<String>,
}

fn cursor_of(key: EventKey) -> String {
    format!("{}.{}", key.time.as_ms(), key.id.simple())
}

fn key_of(cursor: &str) -> Option<EventKey> {
    let (ms, id) = cursor.split_once('.')?;
    Some(EventKey { time: Timestamp::from_ms(ms.parse().ok()?)?, id: Uuid::try_parse(id).ok()? })
}

/// Events that could not be applied, with the reason.
#[utoipa::path(
    get, path = "/api/events/dead", tag = "Events", operation_id = "deadEvents",
    params(Filter, PageParameters),
    responses(
        (status = 200, description = "A page of them", body = DeadEvents),
        WrongParameters, Guarded, Limited,
    ),
    security(("admin_token" = []), ("admin_token_header" = [])),
)]
pub(crate) async fn list(
    State(app): State<App>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Result<Json<DeadEvents>, Problem> {
    app.auth.operator(&headers)?;
    let filter = Filter::of_parameters(&parameters).dead()?;
    let cursor = parameters.get("cursor");
    let after = cursor.map(|cursor| key_of(cursor).ok_or_else(not_a_cursor)).transpose()?;
    let page = app.store.dead(filter, after, page_limit(&parameters)?).await?;
    let next_cursor = page.next.map(cursor_of);
    let events: Vec<DeadEvent> = page
        .rows
        .into_iter()
        .map(|dead| {
            let (discarded_at, note) = dead.discarded.unzip();
            DeadEvent {
                id: dead.event.key.id,
                event_type: dead.event.event_type.to_string(),
                user_id: dead.event.player.to_string(),
                timestamp: dead.event.key.time,
                received_at: dead.event.received_at,
                processing_attempts: dead.attempts,
                processing_error: dead.reason,
                died_at: dead.died_at,
                payload: as_sent(&dead.event.payload),
                discarded_at,
                note,
            }
        })
        .collect();
    Ok(Json(DeadEvents { success: true, count: events.len(), events, next_cursor }))
}

/// What became of dead events.
#[derive(Serialize, ToSchema)]
pub(crate) struct RetriedEvents {
    success: bool,
    /// Events that were tried again.
    retried: u64,
    /// Those that are applied now, or were already.
    processed: u64,
    /// Those that failed again.
    failed: u64,
}

/// Applies dead events again; safe to repeat.
#[utoipa::path(
    post, path = "/api/events/retry-failed", tag = "Events", operation_id = "retryFailed",
    request_body = Selection,
    responses(
        (status = 200, description = "What became of them", body = RetriedEvents),
        Content, Guarded, Limited,
    ),
    security(("admin_token" = []), ("admin_token_header" = [])),
)]
pub(crate) async fn retry(
    State(app): State<App>,
    Body(selection): Body<Selection>,
) -> Result<Json<RetriedEvents>, Problem> {
    let limit = match &selection.limit {
        None | Some(Value::Null) => OPERATOR_PAGE_MAX,
        Some(limit) => {
            let given = limit.as_u64().filter(|limit| *limit > 0);
            let given = given.and_then(|limit| usize::try_from(limit).ok());
            given.ok_or_else(|| {
                Problem::field("limit", format!("must be a whole number from 1 on, but is {limit}"))
            })?
        }
    };
    let done = app.operations.retry_dead(selection.filter.dead()?, limit).await?;
    Ok(Json(RetriedEvents {
        success: true,
        retried: done.retried,
        processed: done.processed,
        failed: done.failed,
    }))
}

/// Gives dead events up, visibly; `note` must say why.
#[utoipa::path(
    post, path = "/api/events/dead/discard", tag = "Events", operation_id = "discardDead",
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
    let (filter, note) = (selection.filter.dead()?, note(&selection)?);
    let discarded = app.store.discard_dead(filter, note, app.clock.now()).await?;
    Ok(Json(DiscardedEvents { success: true, discarded }))
}

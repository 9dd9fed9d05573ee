//! Lists of events for operators: recent, dead, quarantined, and what to do with the latter two.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use scoreline_core::id::{EventKey, PlayerId};
use scoreline_core::limits::{ERROR_TEXT_CHARS_MAX, OPERATOR_PAGE_MAX};
use scoreline_core::store::{DeadFilter, EventFilter, QuarantineFilter, QuarantineNo};
use scoreline_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::app::{App, bounded, player_id, time};
use crate::auth;
use crate::openapi::{Content, Guarded, Limited, Moment, Parameters as WrongParameters};
use crate::problem::Problem;
use crate::routes::Body;

/// Rows of an operator's page when no limit is named.
const PAGE_DEFAULT: usize = 100;

/// What events to list, as parameters or in a body. What is absent excludes nothing.
#[derive(Deserialize, Default, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[schema(as = EventFilter)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    event_type: Option<String>,
    user_id: Option<String>,
    /// Received at or after this time.
    from: Option<String>,
    /// Received before this time.
    until: Option<String>,
    /// Why events are dead; for quarantine the same as `code`.
    reason: Option<String>,
    /// What is wrong with quarantined events: a code of docs/api.md.
    code: Option<String>,
    /// Those that were given up instead of those that wait.
    #[serde(default)]
    discarded: bool,
}

/// Which page of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters whose faults are told one by one")]
struct PageParameters {
    /// Rows of the page.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

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
    #[schema(value_type = super::post_events::RejectReason)]
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

impl Filter {
    fn of_parameters(parameters: &HashMap<String, String>) -> Self {
        let get = |name: &str| parameters.get(name).cloned();
        Self {
            event_type: get("event_type"),
            user_id: get("user_id"),
            from: get("from"),
            until: get("until"),
            reason: get("reason"),
            code: get("code"),
            discarded: parameters.get("discarded").is_some_and(|text| text == "true"),
        }
    }

    fn event(&self) -> Result<EventFilter, Problem> {
        Ok(EventFilter {
            event_type: self.event_type.clone(),
            player: self.user_id.as_deref().map(|user| player_id("user_id", user)).transpose()?,
            from: time("from", self.from.as_deref())?,
            until: time("until", self.until.as_deref())?,
        })
    }

    fn dead(&self) -> Result<DeadFilter, Problem> {
        Ok(DeadFilter {
            event: self.event()?,
            reason: self.reason.clone(),
            discarded: self.discarded,
        })
    }

    fn quarantine(&self) -> Result<QuarantineFilter, Problem> {
        let EventFilter { event_type, player, from, until } = self.event()?;
        let code = self.code.clone().or_else(|| self.reason.clone());
        Ok(QuarantineFilter { event_type, code, player, from, until, discarded: self.discarded })
    }
}

type Parameters = Query<HashMap<String, String>>;

fn page_limit(parameters: &HashMap<String, String>) -> Result<usize, Problem> {
    let limit = parameters.get("limit").map(String::as_str);
    bounded("limit", limit, PAGE_DEFAULT, 1, OPERATOR_PAGE_MAX)
}

/// The beginning of an event's own text. It stays text: numbers of any size and keys that stand
/// twice would not survive being parsed.
fn as_sent(raw: &str) -> String {
    raw.chars().take(ERROR_TEXT_CHARS_MAX).collect()
}

/// The last events received, newest first.
///
/// In open mode on loopback it needs no token.
#[utoipa::path(
    get, path = "/api/events/recent", tag = "Events", operation_id = "recentEvents",
    params(
        ("limit" = Option<u32>, Query, description = "Rows", minimum = 1, maximum = 1000),
        ("event_type" = Option<String>, Query, description = "Of this type only"),
        ("user_id" = Option<String>, Query, description = "Of this player only"),
        ("from" = Option<String>, Query, description = "Received at or after this time"),
        ("until" = Option<String>, Query, description = "Received before this time"),
    ),
    responses(
        (status = 200, description = "The events", body = RecentEvents),
        WrongParameters, Guarded, Limited,
    ),
    security((), ("admin_token" = []), ("admin_token_header" = [])),
)]
pub(crate) async fn recent(
    State(app): State<Arc<App>>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Result<Json<RecentEvents>, Problem> {
    auth::admin_or_local(&app, &headers)?;
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

fn cursor_of(key: EventKey) -> String {
    format!("{}.{}", key.time.as_ms(), key.id.simple())
}

fn key_of(cursor: &str) -> Option<EventKey> {
    let (ms, id) = cursor.split_once('.')?;
    Some(EventKey { time: Timestamp::from_ms(ms.parse().ok()?)?, id: Uuid::try_parse(id).ok()? })
}

fn not_a_cursor() -> Problem {
    Problem::field("cursor", "must be the next_cursor of the page before")
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
pub(crate) async fn dead(
    State(app): State<Arc<App>>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Result<Json<DeadEvents>, Problem> {
    auth::admin(&app, &headers)?;
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
pub(crate) async fn quarantine(
    State(app): State<Arc<App>>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Result<Json<QuarantinedEvents>, Problem> {
    auth::admin(&app, &headers)?;
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

/// Events to do something with.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EventSelection, example = json!({
    "filter": { "event_type": "game_ended", "code": "out_of_range" }, "note": "a test device",
}))]
pub(crate) struct Selection {
    /// At most so many; only retry-failed looks at it.
    #[schema(value_type = Option<u64>, minimum = 1, default = 1000)]
    limit: Option<Value>,
    #[serde(default)]
    filter: Filter,
    /// Why events are given up; discarding needs it.
    #[schema(max_length = 500)]
    note: Option<String>,
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

/// How many events were given up.
#[derive(Serialize, ToSchema)]
pub(crate) struct DiscardedEvents {
    success: bool,
    discarded: u64,
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
pub(crate) async fn retry_failed(
    State(app): State<Arc<App>>,
    _: auth::Operator,
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
pub(crate) async fn requeue_quarantined(
    State(app): State<Arc<App>>,
    _: auth::Operator,
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

fn note(selection: &Selection) -> Result<String, Problem> {
    let note = selection.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
    match note {
        Some(note) if note.chars().count() <= ERROR_TEXT_CHARS_MAX && !note.contains('\0') => {
            Ok(note.to_owned())
        }
        Some(_) => Err(Problem::field(
            "note",
            format!("must have at most {ERROR_TEXT_CHARS_MAX} characters and no NUL"),
        )),
        None => Err(Problem::field("note", "must say why the events are given up")),
    }
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
pub(crate) async fn discard_dead(
    State(app): State<Arc<App>>,
    _: auth::Operator,
    Body(selection): Body<Selection>,
) -> Result<Json<DiscardedEvents>, Problem> {
    let (filter, note) = (selection.filter.dead()?, note(&selection)?);
    let discarded = app.store.discard_dead(filter, note, app.clock.now()).await?;
    Ok(Json(DiscardedEvents { success: true, discarded }))
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
pub(crate) async fn discard_quarantined(
    State(app): State<Arc<App>>,
    _: auth::Operator,
    Body(selection): Body<Selection>,
) -> Result<Json<DiscardedEvents>, Problem> {
    let (filter, note) = (selection.filter.quarantine()?, note(&selection)?);
    let discarded = app.store.discard_quarantined(filter, note, app.clock.now()).await?;
    Ok(Json(DiscardedEvents { success: true, discarded }))
}

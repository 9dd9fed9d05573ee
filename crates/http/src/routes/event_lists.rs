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
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, bounded, player_id, time};
use crate::auth;
use crate::problem::Problem;
use crate::routes::Body;

/// Rows of an operator's page when no limit is named.
const PAGE_DEFAULT: usize = 100;

/// What events to list, as parameters or in a body.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    event_type: Option<String>,
    user_id: Option<String>,
    from: Option<String>,
    until: Option<String>,
    reason: Option<String>,
    code: Option<String>,
    #[serde(default)]
    discarded: bool,
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
fn as_sent(raw: &str) -> Value {
    raw.chars().take(ERROR_TEXT_CHARS_MAX).collect::<String>().into()
}

/// `GET /api/events/recent`
pub(crate) async fn recent(
    State(app): State<Arc<App>>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    auth::admin_or_local(&app, &headers)?;
    let limit = page_limit(&parameters)?;
    let filter = Filter::of_parameters(&parameters).event()?;
    let events: Vec<Value> = app
        .store
        .recent(filter, limit)
        .await?
        .iter()
        .map(|stored| {
            json!({
                "id": stored.event.key.id,
                "event_type": &*stored.event.event_type,
                "user_id": stored.event.player.as_str(),
                "timestamp": stored.event.key.time,
                "received_at": stored.event.received_at,
                "processed_at": stored.applied_at,
                "processing_attempts": 1,
                "processing_error": null,
                "clock_corrected": stored.event.has_wrong_clock(),
            })
        })
        .collect();
    Ok(Json(json!({ "success": true, "count": events.len(), "events": events })))
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

/// `GET /api/events/dead`
pub(crate) async fn dead(
    State(app): State<Arc<App>>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    auth::admin(&app, &headers)?;
    let filter = Filter::of_parameters(&parameters).dead()?;
    let cursor = parameters.get("cursor");
    let after = cursor.map(|cursor| key_of(cursor).ok_or_else(not_a_cursor)).transpose()?;
    let page = app.store.dead(filter, after, page_limit(&parameters)?).await?;
    let events: Vec<Value> = page
        .rows
        .iter()
        .map(|dead| {
            json!({
                "id": dead.event.key.id,
                "event_type": &*dead.event.event_type,
                "user_id": dead.event.player.as_str(),
                "timestamp": dead.event.key.time,
                "received_at": dead.event.received_at,
                "processing_attempts": dead.attempts,
                "processing_error": dead.reason,
                "died_at": dead.died_at,
                "payload": as_sent(&dead.event.payload),
                "discarded_at": dead.discarded.as_ref().map(|(at, _)| at),
                "note": dead.discarded.as_ref().map(|(_, note)| note),
            })
        })
        .collect();
    let next = page.next.map(cursor_of);
    Ok(Json(
        json!({ "success": true, "count": events.len(), "events": events, "next_cursor": next }),
    ))
}

/// `GET /api/events/quarantine`
pub(crate) async fn quarantine(
    State(app): State<Arc<App>>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    auth::admin(&app, &headers)?;
    let filter = Filter::of_parameters(&parameters).quarantine()?;
    let cursor = parameters.get("cursor");
    let after = cursor
        .map(|cursor| cursor.parse().map(QuarantineNo).map_err(|_| not_a_cursor()))
        .transpose()?;
    let page = app.store.quarantine(filter, after, page_limit(&parameters)?).await?;
    let events: Vec<Value> = page
        .rows
        .iter()
        .map(|entry| {
            let rejected = &entry.rejected;
            json!({
                "id": entry.no.0,
                "event_type": rejected.event_type,
                "user_id": rejected.player.as_ref().map(PlayerId::as_str),
                "event_id": rejected.event_id,
                "code": rejected.code.as_str(),
                "field": rejected.field,
                "message": rejected.message,
                "received_at": rejected.received_at,
                "times_seen": entry.times_seen,
                "event": as_sent(&rejected.raw),
                "discarded_at": entry.discarded.as_ref().map(|(at, _)| at),
                "note": entry.discarded.as_ref().map(|(_, note)| note),
            })
        })
        .collect();
    let next = page.next.map(|no| no.0.to_string());
    Ok(Json(
        json!({ "success": true, "count": events.len(), "events": events, "next_cursor": next }),
    ))
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct Selection {
    limit: Option<usize>,
    #[serde(default)]
    filter: Filter,
    note: Option<String>,
}

/// `POST /api/events/retry-failed`
pub(crate) async fn retry_failed(
    State(app): State<Arc<App>>,
    _: auth::Operator,
    Body(selection): Body<Selection>,
) -> Result<Json<Value>, Problem> {
    let limit = selection.limit.unwrap_or(OPERATOR_PAGE_MAX);
    if limit == 0 {
        return Err(Problem::field("limit", "must be at least 1"));
    }
    let done = app.operations.retry_dead(selection.filter.dead()?, limit).await?;
    Ok(Json(json!({
        "success": true,
        "retried": done.retried,
        "processed": done.processed,
        "failed": done.failed,
    })))
}

/// `POST /api/events/requeue-quarantined`
pub(crate) async fn requeue_quarantined(
    State(app): State<Arc<App>>,
    _: auth::Operator,
    Body(selection): Body<Selection>,
) -> Result<Json<Value>, Problem> {
    let done = app.operations.requeue_quarantined(selection.filter.quarantine()?).await?;
    Ok(Json(json!({
        "success": true,
        "checked": done.checked,
        "accepted": done.accepted,
        "still_rejected": done.still_rejected,
    })))
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

/// `POST /api/events/dead/discard`
pub(crate) async fn discard_dead(
    State(app): State<Arc<App>>,
    _: auth::Operator,
    Body(selection): Body<Selection>,
) -> Result<Json<Value>, Problem> {
    let (filter, note) = (selection.filter.dead()?, note(&selection)?);
    let discarded = app.store.discard_dead(filter, note, app.clock.now()).await?;
    Ok(Json(json!({ "success": true, "discarded": discarded })))
}

/// `POST /api/events/quarantine/discard`
pub(crate) async fn discard_quarantined(
    State(app): State<Arc<App>>,
    _: auth::Operator,
    Body(selection): Body<Selection>,
) -> Result<Json<Value>, Problem> {
    let (filter, note) = (selection.filter.quarantine()?, note(&selection)?);
    let discarded = app.store.discard_quarantined(filter, note, app.clock.now()).await?;
    Ok(Json(json!({ "success": true, "discarded": discarded })))
}

//! `POST /api/events`: events in.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use scoreline_core::event::body::{Body, BodyError};
use scoreline_core::event::validate::Validator;
use scoreline_core::event::{RejectCode, Rejected};
use scoreline_core::id::PlayerId;
use scoreline_core::intake::Submission;
use scoreline_core::time::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::app::App;
use crate::auth::{self, Speaker};
use crate::limits::TooMany;
use crate::openapi::{Content, Guarded, Limited, Moment};
use crate::problem::{Problem, Slug};
use crate::received::Text;

/// One event, a list of events, or a batch.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(example = json!({
    "sent_at": "2026-11-23T10:00:01Z",
    "events": [{
        "event_type": "game_ended", "user_id": "device-1", "timestamp": "2026-11-23T10:00:00Z",
        "app_version": "1.0.0", "platform": "ios", "game_mode": "endless", "score": 1200,
        "duration_seconds": 90, "obstacles_dodged": 40, "coins_collected": 25,
        "gems_collected": 1, "hearts_remaining": 0, "cause_of_death": "missile", "max_combo": 12,
    }],
}))]
#[expect(dead_code, reason = "describes a body that is read without being built")]
enum EventBody {
    One(Box<EventForm>),
    List(Vec<Option<EventForm>>),
    Batch(BatchForm),
}

/// An event: the fields that every one has, then those of its type.
#[derive(Serialize, ToSchema)]
#[schema(as = Event, example = json!({
    "event_type": "game_ended", "user_id": "device-1", "timestamp": "2026-11-23T10:00:00Z",
    "app_version": "1.0.0", "platform": "ios", "game_mode": "endless", "score": 1200,
    "duration_seconds": 90, "obstacles_dodged": 40, "coins_collected": 25, "gems_collected": 1,
    "hearts_remaining": 0, "cause_of_death": "missile", "max_combo": 12,
}))]
struct EventForm {
    /// A type of the game definition.
    event_type: String,
    /// The device's id.
    #[schema(min_length = 1, max_length = 255)]
    user_id: String,
    /// ISO 8601 with or without fraction and zone (none is UTC), a date, or epoch milliseconds.
    #[schema(value_type = Value)]
    timestamp: (),
    app_version: String,
    /// `ios`, `android`, or what else the definition names.
    platform: String,
    /// Known when the event is sent again; derived from the content if absent.
    #[schema(format = Uuid)]
    event_id: Option<String>,
    session_id: Option<String>,
    locale: Option<String>,
    country: Option<String>,
    campaign_id: Option<String>,
    /// The fields of the type.
    #[serde(flatten)]
    fields: HashMap<String, Value>,
}

/// Events, with the device's time when it sent them.
#[derive(Serialize, ToSchema)]
#[schema(as = EventBatch)]
struct BatchForm {
    events: Vec<Option<EventForm>>,
    /// Corrects a wrong device clock.
    #[schema(value_type = Option<Value>)]
    sent_at: (),
}

/// What became of the events of a body.
#[derive(Serialize, ToSchema)]
#[schema(as = EventsAnswer, example = json!({
    "success": true, "message": "Events received", "count": 2, "received": 2, "accepted": 1,
    "rejected": [{
        "index": 1, "event_type": "game_ended", "event_id": null, "code": "out_of_range",
        "field": "score", "message": "score must be at least 0, but is -5",
    }],
    "timestamp": "2026-11-23T10:00:00.000Z",
}))]
struct Answer {
    success: bool,
    message: &'static str,
    /// Events in the body.
    count: usize,
    /// The same.
    received: usize,
    /// Events that are durable now; one that was sent before is among them.
    accepted: usize,
    /// Events that are kept in quarantine, and why.
    rejected: Vec<RejectedEvent>,
    #[schema(value_type = Moment)]
    timestamp: Timestamp,
}

/// An event that is not valid.
#[derive(Serialize, ToSchema)]
struct RejectedEvent {
    /// Its place in the body, from 0.
    index: usize,
    event_type: Option<String>,
    event_id: Option<String>,
    /// What is wrong: a code of docs/api.md.
    #[schema(value_type = RejectReason)]
    code: &'static str,
    /// The field at fault, where one is.
    field: Option<String>,
    /// Field, problem and limit, for people.
    message: String,
}

/// What may be wrong with an event.
pub(crate) struct RejectReason;

impl ToSchema for RejectReason {}

impl PartialSchema for RejectReason {
    fn schema() -> RefOr<Schema> {
        let codes = RejectCode::ALL.iter().map(|code| code.as_str());
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes)).into()
    }
}

impl From<&Rejected> for RejectedEvent {
    fn from(rejected: &Rejected) -> Self {
        Self {
            index: rejected.index,
            event_type: rejected.event_type.clone(),
            event_id: rejected.event_id.clone(),
            code: rejected.code.as_str(),
            field: rejected.field.clone(),
            message: rejected.message.clone(),
        }
    }
}

/// Takes events in, and answers after every accepted one is durable.
///
/// The body is one event, a list of events, or `{"events": [...], "sent_at": "..."}`; an empty list
/// or no body is fine. It may be gzip or zstd. There is an answer for every event: those that are
/// not valid are kept in quarantine, the others go through.
#[utoipa::path(
    post, path = "/api/events", tag = "Events", operation_id = "postEvents",
    request_body(content = EventBody, description = "One event, a list, or a batch"),
    responses(
        (status = 200, description = "Every accepted event is durable", body = Answer),
        Content, Guarded, Limited,
    ),
    security((), ("player_token" = []), ("server_key" = [])),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Text, Problem>,
) -> Result<Response, Response> {
    let arrival = app.intake.arrive();
    let received_at = arrival.received_at();
    let speaker =
        auth::speaker(&app, &headers, received_at).map_err(IntoResponse::into_response)?;
    let body = body.map_err(IntoResponse::into_response)?;
    let (submission, count) =
        check(&app, &body, received_at, speaker.only()).map_err(IntoResponse::into_response)?;
    if !auth::is_trusted(&app, &headers) {
        limit_players(&app, &speaker, &submission).map_err(IntoResponse::into_response)?;
    }
    let rejected: Vec<RejectedEvent> = submission.rejected.iter().map(Into::into).collect();
    let codes: Vec<RejectCode> = submission.rejected.iter().map(|one| one.code).collect();
    let receipt = app
        .intake
        .submit(arrival, submission)
        .await
        .map_err(|error| Problem::from(error).into_response())?;
    // Before, nothing is in quarantine: a request that is refused comes again.
    for code in codes {
        app.metrics.rejected(code);
    }
    let now = app.clock.now();
    app.metrics.acknowledged(receipt.accepted, now.ms_since(received_at) as f64 / 1_000.0);
    let answer = Answer {
        success: true,
        message: "Events received",
        count,
        received: count,
        accepted: receipt.accepted,
        rejected,
        timestamp: now,
    };
    Ok(Json(answer).into_response())
}

fn check(
    app: &App,
    body: &[u8],
    received_at: Timestamp,
    only: Option<PlayerId>,
) -> Result<(Submission, usize), Problem> {
    let body = Body::parse(body, app.settings.batch_events_max).map_err(|error| match error {
        BodyError::NotJson { .. } => {
            Problem::new(Slug::InvalidJson, error.to_string()).error("Invalid JSON payload")
        }
        BodyError::TooManyEvents { .. } => Problem::new(Slug::TooLarge, error.to_string()),
    })?;
    let definition = app.definition();
    let mut validator = Validator::new(&definition, received_at, body.sent_at, only);
    let mut submission = Submission::default();
    for (index, raw) in body.events.iter().enumerate() {
        match validator.check(index, raw) {
            Ok(event) => submission.events.push(event),
            Err(rejected) => submission.rejected.push(*rejected),
        }
    }
    Ok((submission, body.events.len()))
}

/// Counts the request for those it speaks for. Whoever floods with nonsense is limited like whoever
/// floods with sense; but a token spends its own player's share only, whomever the events name.
fn limit_players(app: &App, speaker: &Speaker, submission: &Submission) -> Result<(), TooMany> {
    if let Speaker::Player(player) = speaker {
        return app.limits.players(std::iter::once(player));
    }
    let accepted = submission.events.iter().map(|event| &event.player);
    let rejected = submission.rejected.iter().filter_map(|rejected| rejected.player.as_ref());
    app.limits.players(accepted.chain(rejected))
}

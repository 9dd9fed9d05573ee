//! `POST /api/events`: events in.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::event::recognise::CONFLICT;
use scoreline_core::event::{Flaw, RejectCode, Rejected};
use scoreline_core::time::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use super::reject_reason::RejectReason;
use crate::access::Endpoint;
use crate::auth::Caller;
use crate::intake::{Conflict, EventIntake};
use crate::openapi::Moment;
use crate::problem::Problem;
use crate::received::{Bodies, Received};

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
        "errors": [{
            "field": "score", "code": "out_of_range",
            "message": "score must be at least 0, but is -5",
        }],
    }],
    "flaws": [{
        "index": 0, "field": "country", "code": "wrong_length",
        "message": "country must have exactly 2 characters, but has 3",
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
    /// Values of accepted events that were set aside, because they are not as defined and nothing
    /// depends on them.
    flaws: Vec<FlawedField>,
    /// Tickets for the runs that events begin, where the game has them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    tickets: Vec<RunTicket>,
    #[schema(value_type = Moment)]
    timestamp: Timestamp,
}

/// A ticket that the event which ends the run must bring.
#[derive(Serialize, ToSchema)]
struct RunTicket {
    /// The place of the event that begins the run in the body, from 0.
    index: usize,
    event_id: String,
    ticket: String,
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
    /// Field, problem and limit, for people; of all mistakes, where there are more.
    message: String,
    /// Each mistake of its own.
    errors: Vec<Mistake>,
}

/// One mistake of an event that is not valid.
#[derive(Serialize, ToSchema)]
#[schema(as = EventMistake)]
struct Mistake {
    field: Option<String>,
    #[schema(value_type = RejectReason)]
    code: &'static str,
    message: String,
}

/// A value of an accepted event that was set aside.
#[derive(Serialize, ToSchema)]
struct FlawedField {
    /// The place of its event in the body, from 0.
    index: usize,
    field: Option<String>,
    /// What is wrong: a code of docs/api.md.
    #[schema(value_type = RejectReason)]
    code: &'static str,
    /// Field, problem and limit, for people.
    message: String,
}

impl RejectedEvent {
    /// `mistakes` are those of the whole body.
    fn new(rejected: &Rejected, mistakes: &[Flaw]) -> Self {
        let own = mistakes.iter().filter(|mistake| mistake.index == rejected.index);
        let errors = own.map(|mistake| Mistake {
            field: mistake.field.clone(),
            code: mistake.code.as_str(),
            message: mistake.message.clone(),
        });
        Self {
            index: rejected.index,
            event_type: rejected.event_type.clone(),
            event_id: rejected.event_id.clone(),
            code: rejected.code.as_str(),
            field: rejected.field.clone(),
            message: rejected.message.clone(),
            errors: errors.collect(),
        }
    }
}

impl RejectedEvent {
    /// An event of a player who was erased. Nothing of it is kept, nor told.
    fn of_erased(index: usize) -> Self {
        let (code, message) = (RejectCode::PlayerErased.as_str(), ERASED.to_owned());
        let errors = vec![Mistake { field: None, code, message: message.clone() }];
        Self { index, event_type: None, event_id: None, code, field: None, message, errors }
    }
}

impl From<&Flaw> for FlawedField {
    fn from(flaw: &Flaw) -> Self {
        Self {
            index: flaw.index,
            field: flaw.field.clone(),
            code: flaw.code.as_str(),
            message: flaw.message.clone(),
        }
    }
}

impl From<Conflict> for RejectedEvent {
    fn from(conflict: Conflict) -> Self {
        let (code, field) = (RejectCode::ConflictingId.as_str(), Some("event_id".to_owned()));
        let message = CONFLICT.to_owned();
        Self {
            index: conflict.index,
            event_type: Some(conflict.event_type.to_string()),
            event_id: Some(conflict.id.to_string()),
            code,
            field: field.clone(),
            message: message.clone(),
            errors: vec![Mistake { field, code, message }],
        }
    }
}

/// What the sender of an event of an erased player is told.
const ERASED: &str = "this player was erased; nothing of them is taken in any more";

/// Who may send events: a player their own, a game server anybody's.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::player(routes!(handle))
}

/// Takes events in, and answers after every accepted one is durable.
///
/// The body is one event, a list of events, or `{"events": [...], "sent_at": "..."}`; an empty list
/// or no body is fine. It may be gzip or zstd. There is an answer for every event: those that are
/// not valid are kept in quarantine, the others go through. A value that is not as defined and on which
/// nothing depends is set aside: its event counts, and `flaws` tells of it.
#[utoipa::path(
    post, path = "/api/events", tag = "Events", operation_id = "postEvents",
    request_body(content = EventBody, description = "One event, a list, or a batch"),
    responses((status = 200, description = "Every accepted event is durable", body = Answer)),
)]
async fn handle(
    State(events): State<Arc<EventIntake>>,
    State(bodies): State<Arc<Bodies>>,
    caller: Caller,
    body: Received,
) -> Result<Json<Answer>, Problem> {
    let checks = Arc::clone(&events);
    let mut checked = bodies.work_on(body, move |body| checks.check(&caller, body)).await??;
    let given = std::mem::take(&mut checked.tickets);
    let (count, told) = (checked.count, &checked.told);
    let rejected = checked.rejected().iter();
    let mut rejected: Vec<_> =
        rejected.map(|one| RejectedEvent::new(one, &told.mistakes)).collect();
    let flaws = told.flaws.iter().map(FlawedField::from).collect();
    rejected.extend(checked.erased.iter().map(|index| RejectedEvent::of_erased(*index)));
    let taken = events.submit(checked).await?;
    rejected.extend(taken.conflicting.into_iter().map(RejectedEvent::from));
    rejected.sort_by_key(|one| one.index);
    // What conflicts with another event begins no run.
    let begins = |index: &usize| rejected.iter().all(|one| one.index != *index);
    let tickets = given.into_iter().filter(|(index, ..)| begins(index));
    let ticket = |(index, id, ticket): (usize, Uuid, String)| RunTicket {
        index,
        event_id: id.to_string(),
        ticket,
    };
    let tickets = tickets.map(ticket).collect();
    Ok(Json(Answer {
        success: true,
        message: "Events received",
        count,
        received: count,
        accepted: taken.accepted,
        rejected,
        flaws,
        tickets,
        timestamp: events.clock.now(),
    }))
}

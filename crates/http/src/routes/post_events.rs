//! `POST /api/events`: events in.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use scoreline_core::event::Rejected;
use scoreline_core::event::body::{Body, BodyError};
use scoreline_core::event::validate::Validator;
use scoreline_core::id::PlayerId;
use scoreline_core::intake::Submission;
use scoreline_core::time::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::auth::{self, Speaker};
use crate::encoding::decompressed;
use crate::limits::TooMany;
use crate::problem::{Problem, Slug};

#[derive(Serialize)]
struct Answer {
    success: bool,
    message: &'static str,
    count: usize,
    received: usize,
    accepted: usize,
    rejected: Vec<RejectedEvent>,
    timestamp: Timestamp,
}

#[derive(Serialize)]
struct RejectedEvent {
    index: usize,
    event_type: Option<String>,
    event_id: Option<String>,
    code: &'static str,
    field: Option<String>,
    message: String,
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

/// Answers after every accepted event is durable.
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Response> {
    let arrival = app.intake.arrive();
    let received_at = arrival.received_at();
    let speaker =
        auth::speaker(&app, &headers, received_at).map_err(IntoResponse::into_response)?;
    let body = decompressed(&app, &headers, body).map_err(IntoResponse::into_response)?;
    let (submission, count) =
        check(&app, &body, received_at, speaker.only()).map_err(IntoResponse::into_response)?;
    limit_players(&app, &speaker, &submission).map_err(IntoResponse::into_response)?;
    let rejected: Vec<RejectedEvent> = submission.rejected.iter().map(Into::into).collect();
    for one in &submission.rejected {
        app.metrics.rejected(one.code);
    }
    let receipt = app
        .intake
        .submit(arrival, submission)
        .await
        .map_err(|error| Problem::from(error).into_response())?;
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

//! `GET /api/admin/review`: events that count only once an operator accepts them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::review::{Review, ReviewFilter, ReviewNo, Standing};
use scoreline_core::store::ReviewStore;
use scoreline_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use crate::access::{Endpoint, Scope};
use crate::openapi::Moment;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::cursor::{self, Cursor};
use crate::request::kinds::{ListLimit, Text, Time, UserId};
use crate::request::query::StrictQuery;

/// Where events stand.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReviewState)]
enum Stage {
    /// Nobody has decided yet.
    #[default]
    Waiting,
    /// They count.
    Accepted,
    /// They do not count.
    Refused,
}

impl From<Standing> for Stage {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Waiting => Self::Waiting,
            Standing::Accepted => Self::Accepted,
            Standing::Refused => Self::Refused,
        }
    }
}

impl From<Stage> for Standing {
    fn from(state: Stage) -> Self {
        match state {
            Stage::Waiting => Self::Waiting,
            Stage::Accepted => Self::Accepted,
            Stage::Refused => Self::Refused,
        }
    }
}

/// Which of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Those that wait, the oldest first, or those that were accepted or refused, the newest first.
    #[serde(default)]
    #[param(inline)]
    state: Stage,
    #[param(inline)]
    user_id: Option<UserId>,
    /// The rule that they broke, such as `clock`.
    rule: Option<String>,
    /// Those that were held before this time.
    #[param(inline)]
    held_before: Option<Time>,
    /// Rows of the page.
    #[serde(default)]
    #[param(inline)]
    limit: ListLimit,
    /// The `next_cursor` of the page before.
    #[param(inline)]
    cursor: Option<Text>,
}

impl Fields for Asked {}

/// A page of the review list.
#[derive(Serialize, ToSchema)]
#[schema(as = ReviewList)]
struct Answer {
    success: bool,
    count: usize,
    reviews: Vec<Entry>,
    /// For the next page; null on the last one.
    next_cursor: Option<String>,
}

/// An event that broke a rule.
#[derive(Serialize, ToSchema)]
#[schema(as = ReviewEntry, example = json!({
    "id": 7, "state": "waiting", "rule": "clock", "user_id": "device-1", "event_type": "game_ended",
    "event_id": "018f2c7e-0000-7000-8000-000000000001",
    "reason": "says that 3600 s were played; only 40 s lie between it and the game_ended beside it",
    "event_time": "2026-11-23T10:00:00.000Z", "received_at": "2026-11-23T10:00:00.000Z",
    "held_at": "2026-11-23T10:00:00.000Z", "event": "{}", "decided_at": null, "note": null,
}))]
struct Entry {
    /// Its number in the list.
    id: i64,
    state: Stage,
    /// The kind of the rule that it broke.
    rule: String,
    /// How it broke the rule.
    reason: String,
    user_id: String,
    event_type: String,
    event_id: String,
    #[schema(value_type = Moment)]
    event_time: Timestamp,
    #[schema(value_type = Moment)]
    received_at: Timestamp,
    /// Since when it does not count.
    #[schema(value_type = Moment)]
    held_at: Timestamp,
    /// What it says, as JSON text.
    event: String,
    #[schema(value_type = Option<Moment>)]
    decided_at: Option<Timestamp>,
    note: Option<String>,
}

impl From<Review> for Entry {
    fn from(review: Review) -> Self {
        let state = review.standing().into();
        let Review { no, event, rule, reason, held_at, decided } = review;
        Self {
            id: no.0,
            state,
            rule,
            reason,
            user_id: event.player.to_string(),
            event_id: event.id.to_string(),
            event_time: event.time,
            received_at: event.received_at,
            held_at,
            decided_at: decided.as_ref().map(|one| one.at),
            note: decided.and_then(|one| one.note),
            event_type: event.event_type.to_string(),
            event: event.payload.into(),
        }
    }
}

/// What single players sent is for operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator(Scope::PlayersRead, routes!(handle))
}

/// Events that broke a rule of the definition and wait for somebody to decide whether they count, and those that were
/// decided. Only their players see those that wait.
#[utoipa::path(
    get, path = "/api/admin/review", tag = "Players", operation_id = "listReviews",
    params(Asked),
    responses((status = 200, description = "A page of them", body = Answer)),
)]
async fn handle(
    State(reviews): State<Arc<dyn ReviewStore>>,
    StrictQuery(asked): StrictQuery<Asked>,
) -> Result<Json<Answer>, Problem> {
    let after: Option<ReviewNo> = cursor::after(asked.cursor.as_ref())?;
    let (player, rule) = (asked.user_id.map(|user| user.0), asked.rule);
    let held_before = asked.held_before.map(|time| time.0);
    let filter = ReviewFilter { standing: asked.state.into(), player, rule, held_before };
    let page = reviews.reviews(filter, after, asked.limit.0).await?;
    let reviews: Vec<Entry> = page.rows.into_iter().map(Entry::from).collect();
    let next_cursor = page.next.map(|next| next.text());
    Ok(Json(Answer { success: true, count: reviews.len(), reviews, next_cursor }))
}

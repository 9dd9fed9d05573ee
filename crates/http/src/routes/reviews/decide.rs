//! `POST /api/admin/review`: whether events count that broke a rule.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::limits::REVIEWS_DECIDED_MAX;
use scoreline_core::operations::{Operations, ReviewOrder};
use scoreline_core::review::{ReviewFilter, ReviewNo};
use scoreline_core::time::Clock;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::access::{Endpoint, Scope};
use crate::boards::Boards;
use crate::gate::Operator;
use crate::openapi::Clash;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::body::Body;
use crate::request::kinds::{Note, Time, UserId};

/// What is decided.
#[derive(Deserialize, ToSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReviewDecision)]
enum Decision {
    /// They count, as if they had never been held, by their own time of receipt.
    Accept,
    /// They do not count.
    Refuse,
}

/// Which events, and what is decided.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DecideReviews, example = json!({
    "ids": [7, 8], "decision": "refuse", "note": "a changed app",
}))]
struct Wanted {
    decision: Decision,
    /// The numbers of entries, at most 1000.
    #[serde(default)]
    ids: Vec<i64>,
    /// Of those that wait, all of this player.
    user_id: Option<UserId>,
    /// Of those that wait, all that broke this rule. With several conditions, those that fit all of them: the oldest 1000.
    rule: Option<String>,
    /// Of those that wait, all that were held before this time.
    held_before: Option<Time>,
    /// Why.
    note: Note,
}

impl Fields for Wanted {}

/// What became of the events.
#[derive(Serialize, ToSchema)]
#[schema(as = DecidedReviews)]
struct Answer {
    success: bool,
    /// How many entries changed. Those that were decided so before do not. Of more than 1000 that fit, ask again until
    /// nothing changes.
    changed: u64,
}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::act(Scope::PlayersAct, routes!(handle))
}

/// Accepts or refuses events of the review list. What is accepted counts as if it had never been held; tournaments that
/// closed meanwhile stay as they were. What was refused can be accepted later; what was accepted is voided instead.
#[utoipa::path(
    post, path = "/api/admin/review", tag = "Players", operation_id = "decideReviews",
    request_body = Wanted,
    responses((status = 200, description = "What was decided", body = Answer), Clash),
)]
async fn handle(
    operator: Operator,
    State(operations): State<Arc<dyn Operations>>,
    State(boards): State<Arc<Boards>>,
    State(clock): State<Arc<dyn Clock>>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Answer>, Problem> {
    let Wanted { decision, ids, user_id, rule, held_before, note } = wanted;
    let fitting = ReviewFilter {
        player: user_id.map(|user| user.0),
        rule,
        held_before: held_before.map(|time| time.0),
        ..ReviewFilter::default()
    };
    if ids.is_empty() && !fitting.is_narrow() {
        let reason = "must name entries; or say by user_id, rule or held_before which are meant";
        return Err(Problem::field("ids", reason));
    }
    if ids.len() > REVIEWS_DECIDED_MAX {
        let reason = format!("must be at most {REVIEWS_DECIDED_MAX}, but are {}", ids.len());
        return Err(Problem::field("ids", reason));
    }
    let order = ReviewOrder {
        entries: ids.into_iter().map(ReviewNo).collect(),
        fitting,
        accept: decision == Decision::Accept,
    };
    let act = operator.act("", Some(note.0), clock.now());
    let changed = operations.decide_reviews(order, act).await?;
    boards.show_at_once().await;
    Ok(Json(Answer { success: true, changed }))
}

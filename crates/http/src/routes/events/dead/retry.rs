//! `POST /api/events/retry-failed`: dead events, applied again.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::limits::OPERATOR_PAGE_MAX;
use scoreline_core::operations::Operations;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::access::{Endpoint, Scope};
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::body::Body;
use crate::request::kinds::Whole;
use crate::routes::events::set_aside::Filter;

/// How many events are tried again at most.
type RetryLimit = Whole<1, { usize::MAX }, OPERATOR_PAGE_MAX>;

/// Events to be applied again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "limit": 100, "filter": { "event_type": "purchase_completed" } }))]
struct Retry {
    /// How many events to apply again in one call, at most.
    #[schema(inline)]
    limit: Option<RetryLimit>,
    /// Which events; all that wait if it is absent.
    #[serde(default)]
    filter: Filter,
}

impl Fields for Retry {}

/// What became of dead events.
#[derive(Serialize, ToSchema)]
struct RetriedEvents {
    success: bool,
    /// Events that were tried again.
    retried: u64,
    /// Those that are applied now, or were already.
    processed: u64,
    /// Those that failed again.
    failed: u64,
}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator(Scope::Admin, routes!(handle))
}

/// Applies dead events again; safe to repeat.
#[utoipa::path(
    post, path = "/api/events/retry-failed", tag = "Events", operation_id = "retryFailed",
    request_body = Retry,
    responses((status = 200, description = "What became of them", body = RetriedEvents)),
)]
async fn handle(
    State(operations): State<Arc<dyn Operations>>,
    Body(wanted): Body<Retry>,
) -> Result<Json<RetriedEvents>, Problem> {
    let limit = wanted.limit.unwrap_or_default().0;
    let done = operations.retry_dead(wanted.filter.try_into()?, limit).await?;
    Ok(Json(RetriedEvents {
        success: true,
        retried: done.retried,
        processed: done.processed,
        failed: done.failed,
    }))
}

//! `GET /api/admin/jobs/{job_id}`: how a job on a player is doing.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::store::ErasureStore;
use scoreline_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use crate::access::{Endpoint, Scope};
use crate::openapi::{Missing, Moment};
use crate::problem::{Problem, Slug};
use crate::request::Fields;
use crate::request::path::Path;

/// Which job.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct JobPath {
    /// The job.
    job_id: String,
}

impl Fields for JobPath {}

/// How a job is doing.
#[derive(Serialize, ToSchema)]
#[schema(as = PlayerJob)]
#[schema(example = json!({
    "success": true, "status": "done", "progress": 1.0,
    "requested_at": "2026-11-23T10:00:00.000Z", "finished_at": "2026-11-23T10:00:02.000Z",
    "receipt": { "events": 120, "entries": 4, "prizes": 1, "places_kept_anonymous": 1, "dead": 0, "rejected": 2 },
}))]
struct Job {
    success: bool,
    /// `running` or `done`. A job that cannot go on yet, because a rebuild fills a board, goes on running.
    status: &'static str,
    /// From 0 to 1.
    progress: f64,
    #[schema(value_type = Moment)]
    requested_at: Timestamp,
    #[schema(value_type = Option<Moment>)]
    finished_at: Option<Timestamp>,
    /// What was done, in numbers, once it is. It does not say who it was.
    #[schema(value_type = Option<Object>)]
    receipt: Option<Value>,
}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator(Scope::PlayersAct, routes!(handle))
}

/// How a job that erases a player is doing, and its receipt once it is done.
#[utoipa::path(
    get, path = "/api/admin/jobs/{job_id}", tag = "Players", operation_id = "playerJob",
    params(JobPath),
    responses((status = 200, description = "The job", body = Job), Missing),
)]
async fn handle(
    State(erasures): State<Arc<dyn ErasureStore>>,
    Path(path): Path<JobPath>,
) -> Result<Json<Job>, Problem> {
    let missing = || Problem::new(Slug::NotFound, format!("there is no job {}", path.job_id));
    let id = Uuid::try_parse(&path.job_id).map_err(|_| missing())?;
    let state = erasures.erasure(id).await?.ok_or_else(missing)?;
    Ok(Json(Job {
        success: true,
        status: if state.finished_at.is_some() { "done" } else { "running" },
        progress: state.progress(),
        requested_at: state.requested_at,
        finished_at: state.finished_at,
        receipt: state.receipt.and_then(|text| serde_json::from_str(&text).ok()),
    }))
}

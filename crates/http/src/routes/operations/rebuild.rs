//! `POST /api/admin/rebuild`: projections, filled from history.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use scoreline_core::operations::{Operations, RebuildScope};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::rebuild_answer::RebuildAnswer;
use crate::access::{Endpoint, Scope};
use crate::openapi::Clash;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::body::Body;

/// What to fill from history; what is incomplete if nothing is named.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "names": ["global"] }))]
struct Rebuild {
    /// Boards, statistics or tournaments.
    #[serde(default)]
    names: Vec<String>,
    /// Everything but closed tournaments.
    #[serde(default)]
    all: bool,
}

impl Fields for Rebuild {}

impl From<Rebuild> for RebuildScope {
    fn from(wanted: Rebuild) -> Self {
        match wanted {
            Rebuild { all: true, .. } => Self::All,
            Rebuild { names, .. } if !names.is_empty() => Self::Named(names),
            Rebuild { .. } => Self::Incomplete,
        }
    }
}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator(Scope::Admin, routes!(handle))
}

/// Starts to fill projections from history, while serving.
#[utoipa::path(
    post, path = "/api/admin/rebuild", tag = "Operations", operation_id = "rebuild",
    request_body = Rebuild,
    responses((status = 202, description = "It runs in the background", body = RebuildAnswer), Clash),
)]
async fn handle(
    State(operations): State<Arc<dyn Operations>>,
    Body(wanted): Body<Rebuild>,
) -> Result<(StatusCode, Json<RebuildAnswer>), Problem> {
    operations.rebuild(wanted.into()).await?;
    Ok((StatusCode::ACCEPTED, Json(operations.rebuild_status().into())))
}

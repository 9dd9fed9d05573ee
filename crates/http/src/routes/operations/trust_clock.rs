//! `POST /api/admin/clock/trust`: a clock that jumped, and is right.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::operations::Operations;
use scoreline_core::time::{Clock, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::access::{Endpoint, Scope};
use crate::openapi::{Clash, Moment};
use crate::problem::Problem;

/// What became of it.
#[derive(Serialize, ToSchema)]
struct TrustAnswer {
    success: bool,
    message: &'static str,
    /// Whether the clock was in doubt until now.
    was_in_doubt: bool,
    /// The time that counts now.
    #[schema(value_type = Moment)]
    time: Timestamp,
}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator(Scope::Admin, routes!(handle))
}

/// Says that a clock that jumped is right: tournaments whose end it has passed close, and what is older
/// than the retention by it is removed.
#[utoipa::path(
    post, path = "/api/admin/clock/trust", tag = "Operations", operation_id = "trustClock",
    responses((status = 200, description = "The clock is trusted, on every node", body = TrustAnswer), Clash),
)]
async fn handle(
    State(operations): State<Arc<dyn Operations>>,
    State(clock): State<Arc<dyn Clock>>,
) -> Result<Json<TrustAnswer>, Problem> {
    let since = operations.trust_clock().await?;
    let message = match since {
        Some(_) => "The clock is trusted, and time goes by it from now on",
        None => "Nobody doubted the clock",
    };
    let time = since.unwrap_or_else(|| clock.now());
    Ok(Json(TrustAnswer { success: true, message, was_in_doubt: since.is_some(), time }))
}

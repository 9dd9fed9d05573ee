//! How well something is.

use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// How well something is.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Condition {
    Healthy,
    /// It serves, but somebody should look.
    Degraded,
    /// It does not serve.
    Unhealthy,
    /// It is not part of this setup.
    NotConfigured,
}

impl Condition {
    /// Healthy or unhealthy.
    pub fn of(is_fine: bool) -> Self {
        if is_fine { Self::Healthy } else { Self::Unhealthy }
    }

    /// The status with which a whole server in this condition answers.
    pub fn code(self) -> StatusCode {
        match self {
            Self::Unhealthy => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::OK,
        }
    }
}

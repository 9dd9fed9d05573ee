//! How a rebuild is going, as answers say it.

use scoreline_core::operations::RebuildStatus;
use scoreline_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::projection::Projection;
use crate::openapi::Moment;

/// How a rebuild is going, or how the last one ended.
#[derive(Serialize, ToSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
pub(super) enum RebuildAnswer {
    /// None was started since the process did.
    Idle { success: bool },
    /// One is under way.
    Running {
        success: bool,
        /// Those still to be filled, the present one first.
        projections: Vec<Projection>,
        /// Events of the present one that were looked at.
        done: u64,
        total: u64,
        #[schema(value_type = Moment)]
        since: Timestamp,
    },
    /// The last one is finished.
    Finished {
        success: bool,
        projections_filled: usize,
        #[schema(value_type = Moment)]
        at: Timestamp,
    },
    /// The last one ended because what it filled is no longer wanted: another definition has come into
    /// force, or a tournament was cancelled.
    Retired {
        success: bool,
        /// What was let go of.
        projections: Vec<Projection>,
        #[schema(value_type = Moment)]
        at: Timestamp,
    },
    /// The last one failed; starting it again goes on where it stopped.
    Failed {
        success: bool,
        reason: String,
        #[schema(value_type = Moment)]
        at: Timestamp,
    },
}

impl From<RebuildStatus> for RebuildAnswer {
    fn from(status: RebuildStatus) -> Self {
        let success = true;
        match status {
            RebuildStatus::Idle => Self::Idle { success },
            RebuildStatus::Running { projections, progress, since } => Self::Running {
                success,
                projections: projections.iter().map(Projection::from).collect(),
                done: progress.done,
                total: progress.total,
                since,
            },
            RebuildStatus::Finished { projections, at } => {
                Self::Finished { success, projections_filled: projections, at }
            }
            RebuildStatus::Retired { projections, at } => Self::Retired {
                success,
                projections: projections.iter().map(Projection::from).collect(),
                at,
            },
            RebuildStatus::Failed { reason, at } => Self::Failed { success, reason, at },
        }
    }
}

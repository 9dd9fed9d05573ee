//! Where a tournament stands in its life, as requests and answers say it.

use scoreline_core::tournament::TournamentStatus;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a tournament stands in its life.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = TournamentStatus)]
pub(super) enum TournamentState {
    Upcoming,
    Active,
    /// Over; waiting for the last events and for the prizes to be awarded.
    Closing,
    /// Over, with its prizes awarded.
    Closed,
    Cancelled,
}

impl From<TournamentStatus> for TournamentState {
    fn from(status: TournamentStatus) -> Self {
        match status {
            TournamentStatus::Upcoming => Self::Upcoming,
            TournamentStatus::Active => Self::Active,
            TournamentStatus::Closing => Self::Closing,
            TournamentStatus::Closed => Self::Closed,
            TournamentStatus::Cancelled => Self::Cancelled,
        }
    }
}

impl From<TournamentState> for TournamentStatus {
    fn from(state: TournamentState) -> Self {
        match state {
            TournamentState::Upcoming => Self::Upcoming,
            TournamentState::Active => Self::Active,
            TournamentState::Closing => Self::Closing,
            TournamentState::Closed => Self::Closed,
            TournamentState::Cancelled => Self::Cancelled,
        }
    }
}

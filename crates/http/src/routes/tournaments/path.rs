//! The tournament in a path.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::request::Fields;

/// Which tournament.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct TournamentPath {
    /// The tournament.
    pub id: String,
}

impl Fields for TournamentPath {}

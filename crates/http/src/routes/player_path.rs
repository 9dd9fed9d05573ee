//! The player in a path.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::request::Fields;
use crate::request::kinds::UserId;

/// Which player.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct PlayerPath {
    /// The player.
    #[param(inline)]
    pub user_id: UserId,
}

impl Fields for PlayerPath {}

//! Whose prizes a question is about.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::request::Fields;
use crate::request::kinds::UserId;

/// Whose prizes.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Owner {
    /// The player; with `SCORELINE_AUTH=player` the token's.
    #[param(inline)]
    pub user_id: UserId,
}

impl Fields for Owner {
    const NEEDS: Option<&'static str> = Some("user_id required");
}

//! The first rows of a ranking beside the row of the player who asks, as released clients ask for them.

use std::sync::Arc;

use serde::Deserialize;
use utoipa::IntoParams;

use crate::boards::{Boards, Excerpt, Ranking};
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::kinds::{BoardLimit, UserId};

/// Which rows.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AskedTop {
    /// Whose rank to tell.
    #[param(inline)]
    pub user_id: Option<UserId>,
    /// Rows.
    #[serde(default)]
    #[param(inline)]
    limit: BoardLimit,
}

impl Fields for AskedTop {}

impl AskedTop {
    /// The first rows as the player who asks sees them, and that player's own row.
    pub async fn rows(
        &self,
        boards: &Boards,
        ranking: &Ranking,
    ) -> Result<(Arc<Excerpt>, Excerpt), Problem> {
        let viewer = self.user_id.as_ref().map(|user| &user.0);
        let page = boards.page_for(ranking, 0, self.limit.0, viewer).await?;
        let own = match viewer {
            Some(viewer) => boards.player(ranking, viewer).await?,
            None => Excerpt::default(),
        };
        Ok((page, own))
    }
}

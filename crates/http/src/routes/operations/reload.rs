//! `POST /api/admin/reload`: the definition file, read again.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::operations::Operations;
use scoreline_core::reload::Change;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::projection::Projection;
use crate::access::{Endpoint, Scope};
use crate::openapi::Clash;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::body::Body;
use crate::request::query::StrictQuery;

/// How to reload.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "plan": true }))]
struct Reload {
    /// Only tells what would change.
    #[serde(default)]
    plan: bool,
    /// Takes the definition of another game than that of the data.
    #[serde(default)]
    replace_game: bool,
}

impl Fields for Reload {}

/// One thing that a definition would change, or would leave as it is although one might expect
/// otherwise.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "kind": "board_added", "subject": "longest",
    "words": "leaderboard longest starts empty: it counts from now on, and a rebuild fills it",
    "lacks_history": true,
}))]
struct ChangeView {
    /// Such as `board_added`, `board_changed`, `statistic_removed`, `tournament_kept`.
    kind: &'static str,
    /// The board, statistic, event type, series, tournament or game that it is about.
    subject: String,
    /// In a sentence or two.
    words: String,
    /// Whether a rebuild has something to fill afterwards.
    lacks_history: bool,
}

impl From<&Change> for ChangeView {
    fn from(change: &Change) -> Self {
        Self {
            kind: change.kind(),
            subject: change.subject().to_owned(),
            words: change.words(),
            lacks_history: change.lacks_history(),
        }
    }
}

/// What a reload did, or would do.
#[derive(Serialize, ToSchema)]
struct ReloadAnswer {
    success: bool,
    message: &'static str,
    /// Whether the definition differs from the one before.
    changed: bool,
    /// What does not hold history yet; a rebuild fills it.
    incomplete: Vec<Projection>,
    /// What would change, where only that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<Vec<ChangeView>>,
}

/// What is wanted stands in the body: `?plan=true` would put in force what was only to be looked at.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct NoParameters {}

impl Fields for NoParameters {}

/// For operators.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator(Scope::DefinitionWrite, routes!(handle))
}

/// Reads the game definition again and puts it in force, or changes nothing and says every mistake.
#[utoipa::path(
    post, path = "/api/admin/reload", tag = "Operations", operation_id = "reload",
    request_body = Reload,
    responses(
        (status = 200, description = "The definition is in force, or what would change", body = ReloadAnswer),
        Clash,
    ),
)]
async fn handle(
    State(operations): State<Arc<dyn Operations>>,
    StrictQuery(NoParameters {}): StrictQuery<NoParameters>,
    Body(wanted): Body<Reload>,
) -> Result<Json<ReloadAnswer>, Problem> {
    if wanted.plan {
        return planned(&*operations).await;
    }
    let reloaded = operations.reload(wanted.replace_game).await?;
    let message = match (reloaded.changed, reloaded.incomplete.is_empty()) {
        (false, true) => "The definition is the one in force",
        (true, true) => "The new definition is in force",
        (false, false) => {
            "The definition is the one in force; 'scoreline rebuild' fills what lacks history"
        }
        (true, false) => {
            "The new definition is in force; 'scoreline rebuild' fills what lacks history"
        }
    };
    Ok(Json(ReloadAnswer {
        success: true,
        message,
        changed: reloaded.changed,
        incomplete: reloaded.incomplete.iter().map(Projection::from).collect(),
        plan: None,
    }))
}

async fn planned(operations: &dyn Operations) -> Result<Json<ReloadAnswer>, Problem> {
    let changes = operations.preview_reload().await?;
    let incomplete = operations.plan().incomplete();
    Ok(Json(ReloadAnswer {
        success: true,
        message: "Nothing was changed: this is what a reload would do",
        changed: !changes.is_empty(),
        incomplete: incomplete.iter().map(Projection::from).collect(),
        plan: Some(changes.iter().map(ChangeView::from).collect()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::query::Parameters;

    #[test]
    fn what_belongs_into_the_body_is_refused_in_the_address() {
        let asked =
            |name: &str| NoParameters::read(&[(name.to_owned(), "true".to_owned())]).is_ok();
        assert!(!asked("plan") && !asked("replace_game"));
        assert!(NoParameters::read(&[]).is_ok());
    }
}

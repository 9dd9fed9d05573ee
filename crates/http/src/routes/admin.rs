//! `/api/admin/*`: what operators do while the server runs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use scoreline_core::fold::ProjectionKind;
use scoreline_core::game::Class;
use scoreline_core::operations::{RebuildScope, RebuildStatus};
use scoreline_core::reload::Change;
use scoreline_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::openapi::{Clash, Content, Guarded, Limited, Moment};
use crate::problem::Problem;

/// Something that is kept as a fold of the events.
#[derive(Serialize, ToSchema)]
pub(crate) struct Projection {
    /// `board`, `statistic`, `tournament` or `figures`.
    kind: &'static str,
    name: String,
}

fn named(projections: &[(ProjectionKind, Arc<str>)]) -> Vec<Projection> {
    projections
        .iter()
        .map(|(kind, name)| Projection { kind: kind.as_str(), name: name.to_string() })
        .collect()
}

/// How to reload.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "plan": true }))]
pub(crate) struct Reload {
    /// Only tells what would change.
    #[serde(default)]
    plan: bool,
    /// Takes the definition of another game than that of the data.
    #[serde(default)]
    replace_game: bool,
}

/// One thing that a definition would change, or would leave as it is although one might expect
/// otherwise.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "kind": "board_added", "subject": "longest",
    "words": "leaderboard longest starts empty: it counts from now on, and a rebuild fills it",
    "lacks_history": true,
}))]
pub(crate) struct ChangeView {
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
pub(crate) struct ReloadAnswer {
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

/// Reads the game definition again and puts it in force, or changes nothing and says every mistake.
#[utoipa::path(
    post, path = "/api/admin/reload", tag = "Operations", operation_id = "reload",
    request_body = Reload,
    responses(
        (status = 200, description = "The definition is in force, or what would change", body = ReloadAnswer),
        Content, Guarded, Clash, Limited,
    ),
    security(("admin_token" = []), ("admin_token_header" = [])),
)]
pub(crate) async fn reload(
    State(app): State<App>,
    crate::routes::Body(request): crate::routes::Body<Reload>,
) -> Result<Json<ReloadAnswer>, Problem> {
    if request.plan {
        return planned(&app).await;
    }
    let reloaded = app.operations.reload(request.replace_game).await?;
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
        incomplete: named(&reloaded.incomplete),
        plan: None,
    }))
}

async fn planned(app: &App) -> Result<Json<ReloadAnswer>, Problem> {
    let changes = app.operations.preview_reload().await?;
    let incomplete = app.operations.plan().incomplete();
    Ok(Json(ReloadAnswer {
        success: true,
        message: "Nothing was changed: this is what a reload would do",
        changed: !changes.is_empty(),
        incomplete: named(&incomplete),
        plan: Some(changes.iter().map(ChangeView::from).collect()),
    }))
}

/// What to fill from history; what is incomplete if nothing is named.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "names": ["global"] }))]
pub(crate) struct Rebuild {
    /// Boards, statistics or tournaments.
    #[serde(default)]
    names: Vec<String>,
    /// Everything but closed tournaments.
    #[serde(default)]
    all: bool,
}

/// How a rebuild is going, or how the last one ended.
#[derive(Serialize, ToSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
pub(crate) enum RebuildAnswer {
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
    /// The last one failed; starting it again goes on where it stopped.
    Failed {
        success: bool,
        reason: String,
        #[schema(value_type = Moment)]
        at: Timestamp,
    },
}

/// Starts to fill projections from history, while serving.
#[utoipa::path(
    post, path = "/api/admin/rebuild", tag = "Operations", operation_id = "rebuild",
    request_body = Rebuild,
    responses(
        (status = 202, description = "It runs in the background", body = RebuildAnswer),
        Content, Guarded, Clash, Limited,
    ),
    security(("admin_token" = []), ("admin_token_header" = [])),
)]
pub(crate) async fn rebuild(
    State(app): State<App>,
    crate::routes::Body(request): crate::routes::Body<Rebuild>,
) -> Result<Response, Problem> {
    let scope = match request {
        Rebuild { all: true, .. } => RebuildScope::All,
        Rebuild { names, .. } if !names.is_empty() => RebuildScope::Named(names),
        Rebuild { .. } => RebuildScope::Incomplete,
    };
    app.operations.rebuild(scope).await?;
    Ok((StatusCode::ACCEPTED, Json(status(app.operations.rebuild_status()))).into_response())
}

/// How a rebuild is going.
#[utoipa::path(
    get, path = "/api/admin/rebuild", tag = "Operations", operation_id = "rebuildStatus",
    responses(
        (status = 200, description = "How far it is", body = RebuildAnswer),
        Guarded, Limited,
    ),
    security(("admin_token" = []), ("admin_token_header" = [])),
)]
pub(crate) async fn rebuild_status(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Json<RebuildAnswer>, Problem> {
    app.auth.operator(&headers)?;
    Ok(Json(status(app.operations.rebuild_status())))
}

fn status(status: RebuildStatus) -> RebuildAnswer {
    let success = true;
    match status {
        RebuildStatus::Idle => RebuildAnswer::Idle { success },
        RebuildStatus::Running { projections, progress, since } => RebuildAnswer::Running {
            success,
            projections: named(&projections),
            done: progress.done,
            total: progress.total,
            since,
        },
        RebuildStatus::Finished { projections, at } => {
            RebuildAnswer::Finished { success, projections_filled: projections, at }
        }
        RebuildStatus::Failed { reason, at } => RebuildAnswer::Failed { success, reason, at },
    }
}

/// Which class of events; all of them if none is named.
#[derive(Deserialize, Default, ToSchema)]
#[schema(example = json!({"class": "bulk"}))]
#[serde(deny_unknown_fields)]
pub(crate) struct Queue {
    /// `critical`, `normal` or `bulk`.
    class: Option<String>,
}

/// What became of the queue.
#[derive(Serialize, ToSchema)]
pub(crate) struct QueueAnswer {
    success: bool,
    message: &'static str,
    /// The class, or `all`.
    class: String,
}

impl Queue {
    fn class(&self) -> Result<Option<Class>, Problem> {
        let Some(name) = &self.class else { return Ok(None) };
        let found = Class::ALL.into_iter().find(|class| class.as_str() == name);
        found.map(Some).ok_or_else(|| {
            let reason = format!("must be critical, normal or bulk, but is {name:?}");
            Problem::field("class", reason)
        })
    }

    fn answer(self, message: &'static str) -> Json<QueueAnswer> {
        let class = self.class.unwrap_or_else(|| "all".to_owned());
        Json(QueueAnswer { success: true, message, class })
    }
}

/// Holds the events of a class back in the queue, on every node and across restarts.
#[utoipa::path(
    post, path = "/api/admin/queue/pause", tag = "Operations", operation_id = "pauseQueue",
    request_body = Queue,
    responses(
        (status = 200, description = "Events are accepted and wait", body = QueueAnswer),
        Content, Guarded, Clash, Limited,
    ),
    security(("admin_token" = []), ("admin_token_header" = [])),
)]
pub(crate) async fn pause(
    State(app): State<App>,
    crate::routes::Body(request): crate::routes::Body<Queue>,
) -> Result<Json<QueueAnswer>, Problem> {
    app.operations.pause(request.class()?).await?;
    Ok(request.answer("Paused: events are accepted and wait"))
}

/// Applies the events of a class again.
#[utoipa::path(
    post, path = "/api/admin/queue/resume", tag = "Operations", operation_id = "resumeQueue",
    request_body = Queue,
    responses(
        (status = 200, description = "What waited is applied", body = QueueAnswer),
        Content, Guarded, Clash, Limited,
    ),
    security(("admin_token" = []), ("admin_token_header" = [])),
)]
pub(crate) async fn resume(
    State(app): State<App>,
    crate::routes::Body(request): crate::routes::Body<Queue>,
) -> Result<Json<QueueAnswer>, Problem> {
    app.operations.resume(request.class()?).await?;
    Ok(request.answer("Resumed: what waited is applied"))
}

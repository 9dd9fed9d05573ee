//! `/api/admin/*`: what operators do while the server runs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use scoreline_core::fold::ProjectionKind;
use scoreline_core::game::Class;
use scoreline_core::operations::{RebuildScope, RebuildStatus};
use scoreline_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::openapi::{Clash, Content, Guarded, Limited, Moment, Parameters};
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

/// What a reload did.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReloadAnswer {
    success: bool,
    message: &'static str,
    /// Whether the definition differs from the one before.
    changed: bool,
    /// What does not hold history yet; a rebuild fills it.
    incomplete: Vec<Projection>,
}

/// Reads the game definition again and puts it in force, or changes nothing and says every mistake.
#[utoipa::path(
    post, path = "/api/admin/reload", tag = "Operations", operation_id = "reload",
    responses(
        (status = 200, description = "The definition is in force", body = ReloadAnswer),
        Parameters, Guarded, Limited,
    ),
    security(("admin_token" = []), ("admin_token_header" = [])),
)]
pub(crate) async fn reload(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Json<ReloadAnswer>, Problem> {
    app.auth.operator(&headers)?;
    let reloaded = app.operations.reload().await?;
    let message = match (reloaded.changed, reloaded.incomplete.is_empty()) {
        (false, _) => "The definition is the one in force",
        (true, true) => "The new definition is in force",
        (true, false) => {
            "The new definition is in force; 'scoreline rebuild' fills the incomplete ones from history"
        }
    };
    Ok(Json(ReloadAnswer {
        success: true,
        message,
        changed: reloaded.changed,
        incomplete: named(&reloaded.incomplete),
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

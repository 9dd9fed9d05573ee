//! `/api/admin/*`: what operators do while the server runs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use scoreline_core::fold::ProjectionKind;
use scoreline_core::game::Class;
use scoreline_core::operations::{RebuildScope, RebuildStatus};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::auth;
use crate::problem::Problem;

fn named(projections: &[(ProjectionKind, Arc<str>)]) -> Vec<Value> {
    projections
        .iter()
        .map(|(kind, name)| json!({ "kind": kind.as_str(), "name": &**name }))
        .collect()
}

/// `POST /api/admin/reload`
pub(crate) async fn reload(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    auth::admin(&app, &headers)?;
    let reloaded = app.operations.reload().await?;
    app.pages.invalidate_all();
    let message = match (reloaded.changed, reloaded.incomplete.is_empty()) {
        (false, _) => "The definition is the one in force",
        (true, true) => "The new definition is in force",
        (true, false) => {
            "The new definition is in force; 'scoreline rebuild' fills the incomplete ones from history"
        }
    };
    Ok(Json(json!({
        "success": true,
        "message": message,
        "changed": reloaded.changed,
        "incomplete": named(&reloaded.incomplete),
    })))
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rebuild {
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    all: bool,
}

/// `POST /api/admin/rebuild`
pub(crate) async fn rebuild(
    State(app): State<Arc<App>>,
    _: auth::Operator,
    crate::routes::Body(request): crate::routes::Body<Rebuild>,
) -> Result<Response, Problem> {
    let scope = match request {
        Rebuild { all: true, .. } => RebuildScope::All,
        Rebuild { names, .. } if !names.is_empty() => RebuildScope::Named(names),
        Rebuild { .. } => RebuildScope::Incomplete,
    };
    app.operations.rebuild(scope).await?;
    Ok((StatusCode::ACCEPTED, Json(status_json(&app.operations.rebuild_status()))).into_response())
}

/// `GET /api/admin/rebuild`
pub(crate) async fn rebuild_status(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    auth::admin(&app, &headers)?;
    Ok(Json(status_json(&app.operations.rebuild_status())))
}

fn status_json(status: &RebuildStatus) -> Value {
    match status {
        RebuildStatus::Idle => json!({ "success": true, "status": "idle" }),
        RebuildStatus::Running { projections, progress, since } => json!({
            "success": true,
            "status": "running",
            "projections": named(projections),
            "done": progress.done,
            "total": progress.total,
            "since": since,
        }),
        RebuildStatus::Finished { projections, at } => json!({
            "success": true, "status": "finished", "projections_filled": projections, "at": at,
        }),
        RebuildStatus::Failed { reason, at } => json!({
            "success": true, "status": "failed", "reason": reason, "at": at,
        }),
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct Queue {
    class: Option<String>,
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

    fn answer(&self, message: &str) -> Json<Value> {
        let class = self.class.as_deref().unwrap_or("all");
        Json(json!({ "success": true, "message": message, "class": class }))
    }
}

/// `POST /api/admin/queue/pause`
pub(crate) async fn pause(
    State(app): State<Arc<App>>,
    _: auth::Operator,
    crate::routes::Body(request): crate::routes::Body<Queue>,
) -> Result<Json<Value>, Problem> {
    app.operations.pause(request.class()?).await?;
    Ok(request.answer("Paused: events are accepted and wait"))
}

/// `POST /api/admin/queue/resume`
pub(crate) async fn resume(
    State(app): State<Arc<App>>,
    _: auth::Operator,
    crate::routes::Body(request): crate::routes::Body<Queue>,
) -> Result<Json<Value>, Problem> {
    app.operations.resume(request.class()?).await?;
    Ok(request.answer("Resumed: what waited is applied"))
}

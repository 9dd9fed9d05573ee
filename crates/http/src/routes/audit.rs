//! `GET /api/admin/audit`: what operators and keys did.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use scoreline_core::audit::{AuditEntry, AuditFilter, AuditNo};
use scoreline_core::store::AuditStore;
use scoreline_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use crate::access::{Endpoint, Scope};
use crate::openapi::Moment;
use crate::problem::Problem;
use crate::request::Fields;
use crate::request::cursor::{self, Cursor};
use crate::request::kinds::{ListLimit, Text, Time};
use crate::request::query::StrictQuery;

/// Which entries. What is absent excludes nothing.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Not before this time.
    #[param(inline)]
    from: Option<Time>,
    /// Before this time.
    #[param(inline)]
    until: Option<Time>,
    /// By whom: the name of a key, or `admin token`.
    who: Option<String>,
    /// What was done: the `operationId` of the endpoint, such as `banPlayer`.
    act: Option<String>,
    /// To what: a player's id, a key's, a path.
    target: Option<String>,
    /// Rows.
    #[serde(default)]
    #[param(inline)]
    limit: ListLimit,
    /// The `next_cursor` of the page before.
    #[param(inline)]
    cursor: Option<Text>,
}

impl Fields for Asked {}

/// A page of the log.
#[derive(Serialize, ToSchema)]
struct Audit {
    success: bool,
    entries: Vec<Entry>,
    /// Where the next page starts; null if this is the last.
    next_cursor: Option<String>,
}

/// Something that was done.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry, example = json!({
    "no": 7, "at": "2026-11-23T10:00:00.000Z", "who": "ann", "key_id": null, "address": "192.0.2.7",
    "act": "revokeKey", "target": "0190a1b2-c3d4-4e5f-8a6b-7c8d9e0f1a2b", "note": null,
    "before": { "revoked_at": null }, "after": { "revoked_at": "2026-11-23T10:00:00.000Z" },
}))]
struct Entry {
    no: i64,
    #[schema(value_type = Moment)]
    at: Timestamp,
    /// The name of a key, or `admin token`.
    who: String,
    key_id: Option<Uuid>,
    /// Where the request came from.
    address: Option<String>,
    /// The `operationId` of what was done.
    act: String,
    /// To what.
    target: String,
    /// Why, if they said so.
    note: Option<String>,
    /// What it was before, as far as the act changed it.
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
    /// What it is since. Where the act has no transaction of its own, the status of the answer.
    #[schema(value_type = Option<Object>)]
    after: Option<Value>,
}

impl From<AuditEntry> for Entry {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry { no, audited } = entry;
        let json = |side: Option<String>| side.and_then(|text| serde_json::from_str(&text).ok());
        Self {
            no: no.0,
            at: audited.act.at,
            who: audited.act.by.name,
            key_id: audited.act.by.key,
            address: audited.act.by.address.map(|address| address.to_string()),
            act: audited.act.what,
            target: audited.act.target,
            note: audited.act.note,
            before: json(audited.before),
            after: json(audited.after),
        }
    }
}

/// For operators who may do everything.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::operator(Scope::Admin, routes!(handle))
}

/// What operators and keys did, newest first.
#[utoipa::path(
    get, path = "/api/admin/audit", tag = "Operations", operation_id = "audit",
    params(Asked),
    responses((status = 200, description = "A page of the log", body = Audit)),
)]
async fn handle(
    State(log): State<Arc<dyn AuditStore>>,
    StrictQuery(asked): StrictQuery<Asked>,
) -> Result<Json<Audit>, Problem> {
    let before: Option<AuditNo> = cursor::after(asked.cursor.as_ref())?;
    let filter = AuditFilter {
        from: asked.from.map(|time| time.0),
        until: asked.until.map(|time| time.0),
        who: asked.who,
        what: asked.act,
        target: asked.target,
    };
    let page = log.audit(filter, before, asked.limit.0).await?;
    Ok(Json(Audit {
        success: true,
        entries: page.rows.into_iter().map(Entry::from).collect(),
        next_cursor: page.next.map(|next| next.text()),
    }))
}

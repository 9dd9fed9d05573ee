//! `/console/audit`: what operators and keys did, the newest first.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use scoreline_core::audit::{AuditEntry, AuditFilter, AuditNo};
use scoreline_core::time::Timestamp;
use serde::Deserialize;

use crate::console::Console;
use crate::frame::{Frame, Place, framed, page};
use crate::html::{Html, inert, inert_attribute};
use crate::pages::players::{erasure_of_placeholder, erasure_path};
use crate::sign_in::guard::Operator;
use crate::trouble::Trouble;
use crate::words;

/// Acts of one page.
const ACTS: usize = 50;

/// What the address says of the page.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    who: Option<String>,
    what: Option<String>,
    target: Option<String>,
    before: Option<i64>,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Page {
    frame: Frame,
    /// What is filtered by: the name of the field, its label and its value.
    filters: [(&'static str, &'static str, String); 3],
    rows: Vec<Row>,
    next: Option<String>,
}

/// One act.
struct Row {
    when: Html,
    who: Html,
    from: String,
    what: Html,
    target: Html,
    /// Where the target can be looked at; empty if nowhere.
    path: String,
    note: Html,
}

/// The page.
pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let (moment, frame) = framed(&console, &operator, Place::Audit).await;
    let given = |text: &Option<String>| {
        text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let (who, what, target) = (given(&asked.who), given(&asked.what), given(&asked.target));
    let filters = [("who", "Who", &who), ("what", "What", &what), ("target", "To what", &target)];
    let filters =
        filters.map(|(name, label, value)| (name, label, value.clone().unwrap_or_default()));
    let filter = AuditFilter { who, what, target, ..AuditFilter::default() };
    let found = console.audit.audit(filter, asked.before.map(AuditNo), ACTS).await?;
    let next = found.next.map(|before| {
        let kept = filters.iter().filter(|(_, _, value)| !value.is_empty());
        let kept = kept.map(|(name, _, value)| format!("&{name}={}", words::in_address(value)));
        format!("/console/audit?before={}{}", before.0, kept.collect::<String>())
    });
    Ok(page(&Page {
        rows: found.rows.iter().map(|entry| row(entry, moment.now)).collect(),
        filters: filters.map(|(name, label, value)| (name, label, inert_attribute(&value))),
        next,
        frame,
    }))
}

fn row(entry: &AuditEntry, now: Timestamp) -> Row {
    let act = &entry.audited.act;
    Row {
        when: words::ago_html(act.at, now),
        who: inert(&act.by.name),
        from: act.by.address.map_or_else(String::new, |address| address.to_string()),
        what: inert(&act.what),
        target: inert(&act.target),
        path: erasure_of_placeholder(&act.target).map_or_else(String::new, erasure_path),
        note: act.note.as_deref().map_or_else(Html::default, inert),
    }
}

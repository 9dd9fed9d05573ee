//! `/console/definition`: what the game is, what came of each of its types, and what a reload would change
//! before it is done.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use scoreline_core::access::Scope;
use scoreline_core::audit::{AuditEntry, AuditFilter};
use scoreline_core::game::Definition;
use scoreline_core::operations::{OperationError, RebuildScope, RebuildStatus};
use scoreline_core::reload::Change;
use scoreline_core::time::Timestamp;
use scoreline_http::Problem;
use scoreline_http::parts::{FlawCount, Summary, Timeframe, in_time};
use serde::Deserialize;

use crate::console::Console;
use crate::frame::{Frame, Place, framed, page};
use crate::html::{Html, id, inert};
use crate::sign_in::guard::Operator;
use crate::trouble::Trouble;
use crate::words;

/// Fields whose flaws are listed, those with the most first.
const FLAWS_MAX: usize = 1_000;
/// Reloads that are listed.
const RELOADS: usize = 10;

/// What the address says of the page.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    /// Whether the plan of a reload is shown.
    plan: Option<String>,
    done: Option<Done>,
}

/// What was done.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Done {
    Reloaded,
    Unchanged,
    Rebuilding,
}

#[derive(Template)]
#[template(path = "definition.html")]
struct Page {
    frame: Frame,
    notice: &'static str,
    types: Vec<TypeRow>,
    incomplete: Vec<Html>,
    rebuild: Html,
    plan: Option<Plan>,
    /// The last reloads, the newest first, for those who may read the log: when, by whom, what was said.
    reloads: Option<Vec<(Html, Html, Html)>>,
    may_reload: bool,
    may_rebuild: bool,
    lines: Vec<(usize, Html)>,
}

/// A type with what came of it.
struct TypeRow {
    name: Html,
    name_in_address: String,
    class: &'static str,
    fields: String,
    events: String,
    players: String,
    flaws: String,
    flaws_in_words: Html,
}

/// What a reload would change.
enum Plan {
    /// The file says what is in force.
    Nothing,
    /// These.
    Changes(Vec<Html>),
    /// It would be refused.
    Refused(Vec<Html>),
}

/// The page.
pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let (moment, frame) = framed(&console, &operator, Place::Definition).await;
    let definition = &moment.plan.definition;
    let summary = in_time(console.figures.summary(Timeframe::Day)).await.ok();
    let incomplete = moment.plan.projections.iter().filter(|one| one.is_incomplete());
    let plan = match asked.plan {
        Some(_) => Some(plan(&console).await),
        None => None,
    };
    let reloads = if operator.proof.covers(Scope::Admin) {
        Some(reloads(&console, moment.now).await?)
    } else {
        None
    };
    Ok(page(&Page {
        reloads,
        notice: match asked.done {
            None => "",
            Some(Done::Reloaded) => "The definition was read again and is in force on every node.",
            Some(Done::Unchanged) => "The file says what is in force already.",
            Some(Done::Rebuilding) => "The rebuild has begun; this page says how it goes.",
        },
        types: types(&console, definition, summary.as_deref()),
        incomplete: incomplete.map(|one| inert(&one.title())).collect(),
        rebuild: rebuild(&console),
        plan,
        may_reload: operator.proof.covers(Scope::DefinitionWrite),
        may_rebuild: operator.proof.covers(Scope::Admin),
        lines: definition
            .source
            .lines()
            .enumerate()
            .map(|(n, line)| (n + 1, inert(line)))
            .collect(),
        frame,
    }))
}

/// The last reloads that the log of acts has.
async fn reloads(console: &Console, now: Timestamp) -> Result<Vec<(Html, Html, Html)>, Trouble> {
    let filter = AuditFilter { what: Some("reload".to_owned()), ..AuditFilter::default() };
    let found = console.audit.audit(filter, None, RELOADS).await?;
    let row = |entry: &AuditEntry| {
        let act = &entry.audited.act;
        let note = act.note.as_deref().map_or_else(Html::default, inert);
        (words::ago_html(act.at, now), inert(&act.by.name), note)
    };
    Ok(found.rows.iter().map(row).collect())
}

fn types(console: &Console, definition: &Definition, summary: Option<&Summary>) -> Vec<TypeRow> {
    let mut flaws: BTreeMap<String, Vec<(String, u64)>> = BTreeMap::new();
    for FlawCount { event_type, field, count } in console.metrics.flaws(FLAWS_MAX) {
        flaws.entry(event_type).or_default().push((field, count));
    }
    let row = |event: &scoreline_core::game::EventType| {
        let seen =
            summary.and_then(|all| all.types.iter().find(|one| *one.event_type == *event.name));
        let of_type = flaws.get(&*event.name).map_or(&[][..], Vec::as_slice);
        let in_words = of_type
            .iter()
            .map(|(field, times)| format!("{} {}", inert(field), words::count(*times)));
        TypeRow {
            name: id(&event.name, "w36"),
            name_in_address: words::in_address(&event.name),
            class: event.class.as_str(),
            fields: words::count(event.fields.len() as u64),
            events: seen.map_or_else(|| "–".to_owned(), |one| words::signed(one.events)),
            players: seen.map_or_else(|| "–".to_owned(), |one| words::count(one.unique_users)),
            flaws: words::count(of_type.iter().map(|(_, times)| times).sum()),
            flaws_in_words: Html::of_ours(in_words.collect::<Vec<_>>().join(" · ")),
        }
    };
    definition.events.values().map(row).collect()
}

async fn plan(console: &Console) -> Plan {
    match console.operations.preview_reload().await {
        Ok(changes) if changes.is_empty() => Plan::Nothing,
        Ok(changes) => {
            Plan::Changes(changes.iter().map(|one: &Change| inert(&one.words())).collect())
        }
        Err(OperationError::Definition(mistakes)) => {
            Plan::Refused(mistakes.iter().map(|one| inert(&one.to_string())).collect())
        }
        Err(error) => Plan::Refused(vec![inert(Problem::from(error).detail())]),
    }
}

fn rebuild(console: &Console) -> Html {
    let now = console.clock.now();
    Html::of_ours(match console.operations.rebuild_status() {
        RebuildStatus::Idle => "none since this node started".to_owned(),
        RebuildStatus::Running { projections, progress, since } => format!(
            "{} to fill, the present one at {} of about {} events; since {}",
            words::how_many(projections.len() as u64, "projection", "projections"),
            words::count(progress.done),
            words::count(progress.total),
            words::ago_html(since, now)
        ),
        RebuildStatus::Finished { projections, at } => format!(
            "{} filled {}",
            words::how_many(projections as u64, "projection", "projections"),
            words::ago_html(at, now)
        ),
        RebuildStatus::Retired { at, .. } => {
            format!("ended {}: what it filled is no longer wanted", words::ago_html(at, now))
        }
        RebuildStatus::Failed { reason, at } => {
            format!(
                "failed {}: {}; starting it again goes on",
                words::ago_html(at, now),
                inert(&reason)
            )
        }
    })
}

/// Reads the definition file again and puts it in force.
pub(crate) async fn reload(State(console): State<Arc<Console>>) -> Result<Response, Trouble> {
    let reloaded = console.operations.reload(false).await?;
    console.look_again().await;
    let done = if reloaded.changed { "reloaded" } else { "unchanged" };
    Ok(Redirect::to(&format!("/console/definition?done={done}")).into_response())
}

/// Fills what does not hold history yet.
pub(crate) async fn rebuild_incomplete(
    State(console): State<Arc<Console>>,
) -> Result<Response, Trouble> {
    console.operations.rebuild(RebuildScope::Incomplete).await?;
    Ok(Redirect::to("/console/definition?done=rebuilding").into_response())
}

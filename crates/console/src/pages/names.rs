//! `/console/names`: names that nobody may choose.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use scoreline_core::access::Scope;
use scoreline_core::naming::BlockedName;
use scoreline_core::time::Timestamp;
use scoreline_http::Problem;
use serde::Deserialize;

use crate::console::Console;
use crate::forms;
use crate::frame::{Frame, Place, framed, page};
use crate::html::{Html, id, inert};
use crate::sign_in::guard::Operator;
use crate::trouble::Trouble;
use crate::words;

/// Names of one page.
const NAMES: usize = 100;

/// What the address says of the page.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "names.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    next: Option<String>,
    may_act: bool,
}

/// A blocked name.
struct Row {
    name: Html,
    /// As forms hand it back.
    coded: String,
    since: Html,
    note: Html,
}

/// The page.
pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let (moment, frame) = framed(&console, &operator, Place::Players).await;
    let found = console.acts.blocked_names(asked.after, NAMES).await?;
    let last = found.last().filter(|_| found.len() == NAMES);
    let next = last.map(|one| format!("/console/names?after={}", words::in_address(&one.skeleton)));
    Ok(page(&Page {
        rows: found.iter().map(|one| row(one, moment.now)).collect(),
        next,
        may_act: operator.proof.covers(Scope::PlayersAct),
        frame,
    }))
}

fn row(one: &BlockedName, now: Timestamp) -> Row {
    Row {
        name: id(&one.nickname, "name w36"),
        coded: words::in_address(&one.nickname),
        since: words::ago_html(one.blocked_at, now),
        note: one.note.as_deref().map_or_else(Html::default, inert),
    }
}

/// Which name, and why.
#[derive(Debug, Deserialize)]
pub(crate) struct BlockForm {
    nickname: String,
    note: String,
}

/// Blocks a name. Who has it keeps it until they are renamed.
pub(crate) async fn block(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Form(form): Form<BlockForm>,
) -> Result<Response, Trouble> {
    let definition = console.operations.definition();
    let name = definition.game.nicknames.check_form(&form.nickname);
    let name = name.map_err(|error| Problem::field("nickname", error.to_string()))?;
    let note = forms::note(&form.note)?;
    let act = forms::act(&operator, "blockNickname", &name, note, console.clock.now());
    console.acts.block_name(name.clone(), act).await?;
    // Whoever is called so is found by that name.
    let bearers = console.acts.bearers(name.clone(), 1).await?;
    let path = if bearers.is_empty() {
        "/console/names".to_owned()
    } else {
        format!("/console/players?q={}", words::in_address(&name))
    };
    Ok(Redirect::to(&path).into_response())
}

/// Which name, as an address carries it, and why.
#[derive(Debug, Deserialize)]
pub(crate) struct UnblockForm {
    coded: String,
    note: String,
}

/// Lifts the block of a name.
pub(crate) async fn unblock(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Form(form): Form<UnblockForm>,
) -> Result<Response, Trouble> {
    let (name, note) = (forms::decoded(&form.coded), forms::note(&form.note)?);
    let act = forms::act(&operator, "unblockNickname", &name, note, console.clock.now());
    console.acts.unblock_name(name, act).await?;
    Ok(Redirect::to("/console/names").into_response())
}

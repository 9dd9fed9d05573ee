//! `/console/erasure-requests`: who asked to be erased without having proved who they are. Whoever finds a request good
//! erases the player on the player's page; the request goes with the player.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use scoreline_core::access::Scope;
use scoreline_core::erasure::ErasureRequest;
use scoreline_core::time::Timestamp;
use serde::Deserialize;

use crate::console::Console;
use crate::forms;
use crate::frame::{Frame, Place, framed, page};
use crate::html::{Html, id, inert};
use crate::pages::boards::player_path;
use crate::sign_in::guard::Operator;
use crate::trouble::Trouble;
use crate::words;

#[derive(Template)]
#[template(path = "erasure_requests.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    is_on: bool,
    may_act: bool,
}

/// A request.
struct Row {
    no: usize,
    player: Html,
    player_path: String,
    /// The player's id as an address carries it.
    coded: String,
    message: Html,
    asked: Html,
}

/// The page.
pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    operator: Operator,
) -> Result<Response, Trouble> {
    let (moment, mut frame) = framed(&console, &operator, Place::Players).await;
    "Requests to be erased".clone_into(&mut frame.title);
    let requests = console.erasure_requests.erasure_requests().await?;
    let rows = requests.iter().enumerate().map(|(no, one)| row(no, one, moment.now)).collect();
    let may_act = operator.proof.covers(Scope::PlayersAct);
    Ok(page(&Page { frame, rows, is_on: console.erasure_page, may_act }))
}

fn row(no: usize, one: &ErasureRequest, now: Timestamp) -> Row {
    Row {
        no,
        player: id(one.player.as_str(), "w36"),
        player_path: player_path(&one.player),
        coded: words::in_address(one.player.as_str()),
        message: one.message.as_deref().map_or_else(Html::default, inert),
        asked: words::ago_html(one.asked_at, now),
    }
}

/// Whose request is dismissed, and why.
#[derive(Debug, Deserialize)]
pub(crate) struct DismissForm {
    /// The player's id as an address carries it.
    id: String,
    note: String,
}

/// Takes a request off the list.
pub(crate) async fn dismiss(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Form(form): Form<DismissForm>,
) -> Result<Response, Trouble> {
    let (player, note) = (forms::player(&form.id)?, forms::note(&form.note)?);
    let now = console.clock.now();
    let act = forms::act(&operator, "dismissErasureRequest", &player, note, now);
    console.erasure_requests.dismiss_erasure_request(player, act).await?;
    Ok(Redirect::to("/console/erasure-requests").into_response())
}

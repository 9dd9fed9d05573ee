//! `/privacy/erase`: the page by which a player asks to be erased, if the operator switches it on.
//!
//! Where devices are bound to secrets, the secret proves who asks, and the player is erased. Where any device id is
//! believed, nothing proves anything: what comes is a request that an operator decides. No cookie and no session is
//! involved, so another site can send nothing here that it could not send from anywhere; what a browser says of another site
//! is refused all the same.

use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::extract::{ConnectInfo, Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use scoreline_core::audit::{Act, Actor};
use scoreline_core::erasure::{Erasure, ErasureRequest};
use scoreline_core::id::PlayerId;
use scoreline_core::limits::{DEVICE_SECRET_CHARS, ERASURE_MESSAGE_CHARS_MAX};
use scoreline_http::parts::new_erasure;
use scoreline_http::{Problem, Slug};
use serde::Deserialize;

use crate::assets::{ASSETS, Assets};
use crate::console::Console;
use crate::frame::page;
use crate::html::{Html, inert};
use crate::sign_in::guard::is_same_origin;

/// Who the log of acts says it was.
const BY_THE_PLAYER: &str = "the player";

#[derive(Template)]
#[template(path = "privacy_erase.html")]
struct Page {
    assets: &'static Assets,
    game: Html,
    /// Whether any device id is believed here.
    is_open: bool,
    /// What is in the field already.
    user_id: String,
    message_chars_max: usize,
    secret_chars_max: usize,
    /// What was wrong with the last try; empty before the first.
    wrong: String,
    /// Whether it has been done or asked for.
    is_done: bool,
}

/// For whom a game opens the page.
#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    user_id: String,
}

/// What is sent.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    user_id: String,
    device_secret: Option<String>,
    message: Option<String>,
    sure: Option<String>,
}

/// What anybody sees.
pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/privacy/erase", get(show).post(ask))
}

async fn show(State(console): State<Arc<Console>>, Query(named): Query<Named>) -> Response {
    page(&form(&console, named.user_id))
}

fn form(console: &Console, user_id: String) -> Page {
    Page {
        assets: &ASSETS,
        game: inert(&console.operations.definition().game.name),
        is_open: console.auth.is_open(),
        user_id,
        message_chars_max: ERASURE_MESSAGE_CHARS_MAX,
        secret_chars_max: *DEVICE_SECRET_CHARS.end(),
        wrong: String::new(),
        is_done: false,
    }
}

async fn ask(
    State(console): State<Arc<Console>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    asked: Result<Form<Asked>, FormRejection>,
) -> Response {
    let peer = peer.map(|peer| peer.0.0);
    let (user_id, done) = match asked {
        Err(rejection) => {
            tracing::debug!(form.error = %rejection, "a form at /privacy/erase could not be read");
            (String::new(), Err(wrong("the form could not be read; fill it in once more")))
        }
        Ok(Form(asked)) => (asked.user_id.clone(), done(&console, peer, &headers, asked).await),
    };
    let mut shown = form(&console, user_id);
    let problem = match done {
        Ok(()) => {
            shown.is_done = true;
            return (StatusCode::ACCEPTED, page(&shown)).into_response();
        }
        Err(problem) => problem,
    };
    shown.wrong = sentence(problem.detail());
    let answer = problem.into_response();
    let mut response = (answer.status(), page(&shown)).into_response();
    if let Some(retry_after) = answer.headers().get(header::RETRY_AFTER) {
        response.headers_mut().insert(header::RETRY_AFTER, retry_after.clone());
    }
    response
}

/// Erases who proved to be the player, or keeps that it was asked for.
async fn done(
    console: &Console,
    peer: Option<SocketAddr>,
    headers: &HeaderMap,
    asked: Asked,
) -> Result<(), Problem> {
    if !is_same_origin(headers) {
        return Err(Problem::new(
            Slug::Forbidden,
            "the form came from another site; use the one below",
        ));
    }
    let from = console.limits.household(peer, headers);
    console.limits.ask_for_erasure(from)?;
    let player = PlayerId::new(asked.user_id.trim());
    let player = player.map_err(|error| wrong(&format!("your player id {error}")))?;
    if asked.sure.is_none() {
        return Err(wrong("nothing was done: tick the box if you mean it"));
    }
    if console.auth.is_open() {
        return request(console, player, asked.message.unwrap_or_default()).await;
    }
    let secret = asked.device_secret.unwrap_or_default();
    console.sessions.prove(from, &player, secret.trim()).await?;
    let (erasure, key) = new_erasure(player);
    let act = Act {
        // Of a player, no address is written down.
        by: Actor { name: BY_THE_PLAYER.to_owned(), key: None, address: None },
        what: "erasePlayer".to_owned(),
        target: Erasure::placeholder(erasure.job).to_string(),
        note: Some("asked for at /privacy/erase with the secret of the device".to_owned()),
        at: console.clock.now(),
    };
    console.erasures.request_erasure(erasure, key, act).await?;
    console.boards.show_at_once().await;
    Ok(())
}

/// Something in the form that is not as it should be.
fn wrong(detail: &str) -> Problem {
    Problem::new(Slug::InvalidRequest, detail)
}

/// What is wrong as a sentence of its own.
fn sentence(detail: &str) -> String {
    let mut letters = detail.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(letters).chain(['.']).collect()
}

/// Keeps a request for operators. Of who is erased already, there is nothing to ask for.
async fn request(console: &Console, player: PlayerId, message: String) -> Result<(), Problem> {
    let message = message.trim().to_owned();
    if message.chars().count() > ERASURE_MESSAGE_CHARS_MAX || message.contains('\0') {
        let most = ERASURE_MESSAGE_CHARS_MAX;
        return Err(wrong(&format!("how you can be reached must have at most {most} characters")));
    }
    if console.erasures.erasure_of(player.clone()).await?.is_some() {
        return Ok(());
    }
    let message = Some(message).filter(|message| !message.is_empty());
    let request = ErasureRequest { player, message, asked_at: console.clock.now() };
    if console.erasure_requests.ask_for_erasure(request).await? {
        return Ok(());
    }
    let detail = "too many requests wait already; come back in some days, or write to the makers of the game";
    Err(Problem::new(Slug::Unavailable, detail))
}

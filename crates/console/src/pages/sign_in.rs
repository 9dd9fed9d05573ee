//! `/console/sign-in`, `/console/sign-out` and the link that signs in once.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use scoreline_http::{Problem, Slug, parts};
use serde::Deserialize;
use uuid::Uuid;

use crate::assets::{ASSETS, Assets};
use crate::console::Console;
use crate::frame::page;
use crate::html::{Html, inert};
use crate::sign_in::attempts::{TRIES_MAX, household};
use crate::sign_in::guard::{Operator, is_https, is_same_origin};
use crate::sign_in::session::{COOKIE_NAME, LONG_SESSION_SECONDS, SESSION_SECONDS};
use crate::trouble::Trouble;
use crate::words;

/// The address of a peer, where there is one: tests of single parts have none.
type Peer = Option<axum::Extension<ConnectInfo<SocketAddr>>>;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page {
    assets: &'static Assets,
    game: Html,
    next: String,
    /// What was wrong with the last try; empty before the first.
    wrong: String,
    tries: u32,
}

/// Where to go afterwards.
#[derive(Deserialize)]
pub(crate) struct Asked {
    next: Option<String>,
}

/// What is sent to sign in.
#[derive(Deserialize)]
pub(crate) struct Proof {
    key: String,
    next: Option<String>,
    long: Option<String>,
}

/// The page that asks for a proof.
pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    Query(asked): Query<Asked>,
) -> Response {
    page(&form(&console, asked.next.as_deref(), String::new()))
}

fn form(console: &Console, next: Option<&str>, wrong: String) -> Page {
    let game = inert(&console.operations.definition().game.name);
    let next = within_console(next).to_owned();
    Page { assets: &ASSETS, game, next, wrong, tries: TRIES_MAX }
}

/// Takes a proof, and starts a session if it is the right one.
pub(crate) async fn sign_in(
    State(console): State<Arc<Console>>,
    peer: Peer,
    headers: HeaderMap,
    Form(proof): Form<Proof>,
) -> Result<Response, Trouble> {
    if !is_same_origin(&headers) {
        let problem = Problem::new(Slug::Forbidden, "the form is not of this console");
        return Err(Trouble::of(problem));
    }
    let address = address(&console, peer, &headers);
    let now = console.clock.monotonic();
    let next = proof.next.as_deref();
    let wrong = |status: StatusCode, words: String| {
        Ok((status, page(&form(&console, next, words))).into_response())
    };
    if console.sign_in.attempts.lock().left(address, now) == 0 {
        let words = "Too many tries were wrong. Wait a minute, then try again.".to_owned();
        return wrong(StatusCode::TOO_MANY_REQUESTS, words);
    }
    let Some(proven) = proven(&console, &proof.key).await? else {
        let mut attempts = console.sign_in.attempts.lock();
        attempts.note(address, now);
        let left = attempts.left(address, now);
        drop(attempts);
        tracing::warn!(
            console.address = address.map(tracing::field::display),
            "somebody failed to sign in to the console"
        );
        let left = words::how_many(u64::from(left), "try is", "tries are");
        let words =
            format!("That is no key that is good here. {left} left for your address this minute.");
        return wrong(StatusCode::FORBIDDEN, words);
    };
    let seconds = if proof.long.is_some() { LONG_SESSION_SECONDS } else { SESSION_SECONDS };
    tracing::info!(
        console.address = address.map(tracing::field::display),
        console.operator = proven.name(),
        "an operator signed in to the console"
    );
    let key = match &proven {
        parts::Proof::Key(key) => Some(key.id),
        parts::Proof::AdminToken | parts::Proof::Local => None,
    };
    Ok(signed_in(&console, &headers, (seconds, key), within_console(next)))
}

/// The link that signs in once.
pub(crate) async fn once(
    State(console): State<Arc<Console>>,
    peer: Peer,
    headers: HeaderMap,
    Path(code): Path<String>,
) -> Response {
    let address = address(&console, peer, &headers);
    let now = console.clock.monotonic();
    let may_try = console.sign_in.attempts.lock().left(address, now) > 0;
    if may_try && console.sign_in.use_link(&code) {
        tracing::info!(
            console.address = address.map(tracing::field::display),
            "an operator used the link that signs in once"
        );
        return signed_in(&console, &headers, (SESSION_SECONDS, None), "/console");
    }
    console.sign_in.attempts.lock().note(address, now);
    let words = "That link was used already, or is not the one that was printed.".to_owned();
    (StatusCode::FORBIDDEN, page(&form(&console, None, words))).into_response()
}

/// Ends the session.
pub(crate) async fn sign_out(
    State(console): State<Arc<Console>>,
    operator: Operator,
    headers: HeaderMap,
) -> Response {
    if let Some(session) = &operator.session {
        let (id, over, now) = (session.id.clone(), session.expires_at(), console.clock.now());
        console.sign_in.ended.end(session, now);
        // While the database is away, the cookie is taken back all the same; only a copy of it would be good
        // at other nodes.
        if let Err(error) = parts::in_time(console.sign_outs.end_session(id, over, now)).await {
            tracing::warn!(sign_out.error = %error, "other nodes do not know that a session ended");
        }
    }
    let cookie = cookie("", 0, is_https(&headers));
    ([(header::SET_COOKIE, cookie)], Redirect::to("/console/sign-in")).into_response()
}

/// What a secret proves. A key that is over proves as little as one that never was.
async fn proven(console: &Console, secret: &str) -> Result<Option<parts::Proof>, Problem> {
    match console.auth.proof_of(secret.trim()).await {
        Err(problem) if problem.slug() == Slug::Unauthorized => Ok(None),
        outcome => outcome,
    }
}

/// The address that a request came from, as its tries are counted.
fn address(console: &Console, peer: Peer, headers: &HeaderMap) -> Option<IpAddr> {
    let peer = peer.map(|peer| peer.0.0);
    console.limits.sender(peer, headers).map(household)
}

fn signed_in(
    console: &Console,
    headers: &HeaderMap,
    (seconds, key): (i64, Option<Uuid>),
    next: &str,
) -> Response {
    let session = console.sign_in.start(console.clock.now(), seconds, key);
    let cookie = cookie(&session.cookie(&console.auth), seconds, is_https(headers));
    ([(header::SET_COOKIE, cookie)], Redirect::to(next)).into_response()
}

fn cookie(value: &str, seconds: i64, is_https: bool) -> HeaderValue {
    let secure = if is_https { "; Secure" } else { "" };
    let text = format!(
        "{COOKIE_NAME}={value}; Path=/console; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
    );
    HeaderValue::try_from(text).expect("a cookie of letters, digits and points")
}

/// A path of the console that was asked for; its start if it is any other.
fn within_console(next: Option<&str>) -> &str {
    let is_ours = |path: &&str| {
        let rest = path.strip_prefix("/console");
        let is_path = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
        // No byte of it can end the header, nor begin another address.
        is_path && path.bytes().all(|byte| byte.is_ascii_graphic()) && !path.contains(['\\'])
    };
    next.filter(is_ours).unwrap_or("/console")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_nowhere_but_into_the_console() {
        for (next, leads_to) in [
            (Some("/console/players?q=ann"), "/console/players?q=ann"),
            (Some("/console?range=24h"), "/console?range=24h"),
            (Some("/console"), "/console"),
            (Some("/consoles.example"), "/console"),
            (Some("//evil.example"), "/console"),
            (Some("https://evil.example"), "/console"),
            (Some("/console\r\nset-cookie: a=b"), "/console"),
            (Some("/console/\\evil.example"), "/console"),
            (None, "/console"),
        ] {
            assert_eq!(within_console(next), leads_to, "{next:?}");
        }
    }
}

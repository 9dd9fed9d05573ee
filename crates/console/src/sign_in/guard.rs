//! Who may see the pages: whoever signed in, and whoever sends the admin token or a key as a bearer, if
//! that covers what the page needs.
//!
//! A page is registered with what it needs (`pages/mod.rs`), so that none is without a guard. What changes something
//! must carry the token of the session's forms: the cookie alone proves only that the browser is the
//! operator's, not that the operator meant it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Form, FromRequest, FromRequestParts, Request, State};
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use scoreline_core::access::Scope;
use scoreline_core::audit::{Act, Actor};
use scoreline_http::parts::{Proof, in_time};
use scoreline_http::{Problem, Slug, same};

use super::session::{Session, cookie_of};
use crate::console::Console;
use crate::trouble::Trouble;

/// Bytes of one form, at most: 64 KiB.
pub(crate) const FORM_BYTES_MAX: usize = 64 * 1024;
/// Characters of what an act was done to, as it is written down.
const TARGET_CHARS_MAX: usize = 500;

/// Who looks at the pages.
#[derive(Debug, Clone)]
pub(crate) struct Operator {
    /// How they proved to be an operator.
    pub proof: Proof,
    /// What their forms carry; empty for a bearer, whose requests no other site can make.
    pub form_token: String,
    /// Their session; `None` for a bearer.
    pub session: Option<Session>,
    /// Where they are.
    pub address: Option<IpAddr>,
}

impl Operator {
    /// How they are called.
    pub fn name(&self) -> &str {
        self.proof.name()
    }

    /// Who does something.
    pub fn actor(&self) -> Actor {
        self.proof.actor(self.address)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let found = parts.extensions.get::<Self>().cloned();
        found.ok_or_else(|| Problem::new(Slug::Internal, "the page has no guard"))
    }
}

/// What the guard of a page knows of it.
#[derive(Clone)]
pub(crate) struct Guarded {
    /// The console.
    pub console: Arc<Console>,
    /// What the operator's proof must cover; `None` for what every operator may do.
    pub scope: Option<Scope>,
    /// What is done, as the HTTP API calls it, where something is that is to be written down.
    pub what: Option<&'static str>,
}

/// Lets operators through whose proof covers what the page needs, shows others where to sign in, and
/// writes down what was done.
pub(crate) async fn guard(
    State(guarded): State<Guarded>,
    mut request: Request,
    next: Next,
) -> Response {
    let Guarded { console, scope, what } = guarded;
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().copied();
    let operator = match operator(&console, request.headers(), peer).await {
        Ok(Some(operator)) => operator,
        Ok(None) => return to_sign_in(&request),
        Err(problem) => return Trouble::of(problem).into_response(),
    };
    if let Err(problem) = scope.map_or(Ok(()), |scope| operator.proof.must_cover(scope)) {
        return Trouble::of(problem).into_response();
    }
    let mut target = request.uri().path().to_owned();
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        (request, target) = match checked(request, &operator).await {
            Ok(checked) => checked,
            Err(problem) => return Trouble::of(problem).into_response(),
        };
    }
    let actor = operator.actor();
    request.extensions_mut().insert(operator);
    let response = next.run(request).await;
    // What was refused changed nothing; what failed on our side may have.
    if let Some(what) = what.filter(|_| !response.status().is_client_error()) {
        let (what, at) = (what.to_owned(), console.clock.now());
        console.write_down(Act { by: actor, what, target, note: None, at }).await;
    }
    response
}

impl Console {
    /// Whether a session was signed out, here or at another node. While the database is away, what was signed
    /// out here is known.
    async fn is_ended(&self, session: &Session) -> bool {
        if self.sign_in.ended.holds(session) {
            return true;
        }
        let ended = in_time(self.sign_outs.is_session_ended(session.id.clone())).await;
        let ended = ended.unwrap_or(false);
        if ended {
            self.sign_in.ended.end(session, self.clock.now());
        }
        ended
    }

    /// Writes an act down that has no transaction of its own. Where that fails, the log of the program has
    /// it.
    async fn write_down(&self, act: Act) {
        if let Err(error) = self.audit.note_act(act.clone().changed(None, None)).await {
            let Act { by, what, target, .. } = act;
            tracing::warn!(
                audit.who = by.name, audit.what = what, audit.target = target,
                audit.error = %error, "an act of an operator was not written down"
            );
        }
    }
}

/// Who asks; `None` for somebody who did not sign in.
pub(crate) async fn operator(
    console: &Console,
    headers: &HeaderMap,
    peer: Option<ConnectInfo<SocketAddr>>,
) -> Result<Option<Operator>, Problem> {
    let address = console.limits.sender(peer.map(|peer| peer.0), headers);
    let auth = &*console.auth;
    if headers.contains_key(AUTHORIZATION) {
        let proof = auth.any_operator(headers).await?;
        let form_token = String::new();
        return Ok(Some(Operator { proof, form_token, session: None, address }));
    }
    let cookie = cookie_of(headers);
    let session = cookie.and_then(|cookie| Session::read(cookie, auth, console.clock.now()));
    let Some(session) = session else { return Ok(None) };
    if console.is_ended(&session).await {
        return Ok(None);
    }
    let proof = match session.key {
        None => Proof::AdminToken,
        Some(id) => match auth.key_of(id).await? {
            Some(key) => Proof::Key(key),
            None => return Ok(None),
        },
    };
    let form_token = session.form_token(auth);
    Ok(Some(Operator { proof, form_token, session: Some(session), address }))
}

/// The page that signs in and comes back to what was asked for.
fn to_sign_in(request: &Request) -> Response {
    if request.method() != Method::GET {
        let detail = "you are not signed in any more; sign in and try again";
        return Trouble::of(Problem::new(Slug::Unauthorized, detail)).into_response();
    }
    let asked = request.uri().path_and_query().map_or("/console", |asked| asked.as_str());
    let asked = utf8_percent_encode(asked, NON_ALPHANUMERIC);
    Redirect::to(&format!("/console/sign-in?next={asked}")).into_response()
}

/// The request again, if its form is of the operator's session, and what it is about: its path and its
/// fields.
async fn checked(request: Request, operator: &Operator) -> Result<(Request, String), Problem> {
    let foreign = || {
        let detail = "the form is not of this session; load the page again and repeat what you did";
        Problem::new(Slug::Forbidden, detail)
    };
    let is_session = operator.session.is_some();
    if is_session && !is_same_origin(request.headers()) {
        return Err(foreign());
    }
    let (head, body) = request.into_parts();
    let body = to_bytes(body, FORM_BYTES_MAX)
        .await
        .map_err(|_| Problem::new(Slug::TooLarge, "the form is larger than 64 KiB"))?;
    let copy = Request::from_parts(head.clone(), Body::from(body.clone()));
    let Form(fields) = Form::<Vec<(String, String)>>::from_request(copy, &())
        .await
        .map_err(|error| Problem::new(Slug::InvalidRequest, error.body_text()))?;
    let carried = fields.iter().find(|(name, _)| name == "csrf");
    if is_session && !carried.is_some_and(|(_, carried)| same(carried, &operator.form_token)) {
        return Err(foreign());
    }
    let target = described(head.uri.path(), &fields);
    Ok((Request::from_parts(head, Body::from(body)), target))
}

/// What a form is about, for the log of acts.
fn described(path: &str, fields: &[(String, String)]) -> String {
    let told = fields.iter().filter(|(name, value)| name != "csrf" && !value.is_empty());
    let told: Vec<String> = told.map(|(name, value)| format!("{name}={value}")).collect();
    let all = if told.is_empty() { path.to_owned() } else { format!("{path}?{}", told.join("&")) };
    all.chars().take(TARGET_CHARS_MAX).collect()
}

/// Whether a form was sent by a page of ours, as far as the browser says.
pub(crate) fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return ["same-origin", "none"].contains(&site);
    }
    let Some(origin) = text(ORIGIN.as_str()) else { return true };
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_some() && host == text(HOST.as_str())
}

/// Whether the browser came by HTTPS, as the proxy before us says.
pub(crate) fn is_https(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https")
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn a_form_of_another_site_is_told_from_ours() {
        for (headers, is_ours) in [
            (&[][..], true),
            (&[("origin", "http://a.example"), ("host", "a.example")], true),
            (&[("origin", "http://b.example"), ("host", "a.example")], false),
            (&[("origin", "null"), ("host", "a.example")], false),
            (&[("sec-fetch-site", "same-origin"), ("origin", "http://proxied")], true),
            (&[("sec-fetch-site", "same-site"), ("host", "a.example")], false),
            (&[("sec-fetch-site", "cross-site")], false),
        ] {
            let pairs = headers.iter().map(|(name, value)| {
                (HeaderName::from_static(name), HeaderValue::from_static(value))
            });
            assert_eq!(is_same_origin(&pairs.collect()), is_ours, "{headers:?}");
        }
    }

    #[test]
    fn an_act_is_written_down_with_its_fields_and_without_what_proves_the_form() {
        let fields = [("csrf", "secret"), ("code", "unknown_event_type"), ("type", "")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let told = described("/console/rejected/requeue", &fields);
        assert_eq!(told, "/console/rejected/requeue?code=unknown_event_type");
    }
}

//! `/console/keys`: the keys of operators and game servers, a new one, and taking one back.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use scoreline_core::access::{Role, Scope, Scopes};
use scoreline_core::audit::Act;
use scoreline_core::key::{Key, KeyFault, checked_name};
use scoreline_core::limits::{KEY_DAYS_MAX, KEY_NAME_CHARS_MAX};
use scoreline_core::time::Timestamp;
use scoreline_http::{Problem, Slug};
use serde::Deserialize;
use uuid::Uuid;

use crate::console::Console;
use crate::frame::{Frame, Place, framed, page};
use crate::html::{Html, inert};
use crate::sign_in::guard::Operator;
use crate::thresholds::badge;
use crate::trouble::Trouble;
use crate::words;

const DAY_MS: i64 = 86_400_000;
/// For how long keys are offered, in days; the first is what most want.
const DAYS: [i64; 4] = [90, 30, 365, 7];

#[derive(Template)]
#[template(path = "keys.html")]
struct Page {
    frame: Frame,
    /// A key that was just made, and what it is called.
    made: Option<(Html, String)>,
    roles: [(&'static str, &'static str); 4],
    days: [i64; 4],
    name_chars_max: usize,
    rows: Vec<Row>,
}

/// One key.
struct Row {
    id: Uuid,
    name: Html,
    scopes: Vec<&'static str>,
    badge: Html,
    created: Html,
    expires: Html,
    used: Html,
    is_good: bool,
}

/// The page.
pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    operator: Operator,
) -> Result<Response, Trouble> {
    shown(&console, &operator, None).await
}

async fn shown(
    console: &Arc<Console>,
    operator: &Operator,
    made: Option<(Html, String)>,
) -> Result<Response, Trouble> {
    let (_, frame) = framed(console, operator, Place::Keys).await;
    let now = console.clock.now();
    let rows = console.keys.keys().await?.iter().map(|key| row(key, now)).collect();
    Ok(page(&Page {
        made,
        roles: Role::ALL.map(|role| (role.as_str(), what_for(role))),
        days: DAYS,
        name_chars_max: KEY_NAME_CHARS_MAX,
        rows,
        frame,
    }))
}

fn what_for(role: Role) -> &'static str {
    match role {
        Role::Viewer => "looks at figures and boards",
        Role::Support => "looks at players and acts on them",
        Role::Designer => "changes the definition and tournaments",
        Role::Admin => "does everything",
    }
}

fn row(key: &Key, now: Timestamp) -> Row {
    let when = |at: Option<Timestamp>, never: &str| {
        at.map_or_else(|| Html::of_ours(never), |at| words::ago_html(at, now))
    };
    let state = key.check(now);
    Row {
        id: key.id,
        name: inert(&key.name),
        scopes: key.scopes.iter().map(Scope::as_str).collect(),
        badge: match state {
            Ok(()) => badge("ok", "Good"),
            Err(KeyFault::Revoked) => badge("", "Revoked"),
            Err(KeyFault::Expired) => badge("", "Expired"),
        },
        created: words::ago_html(key.created_at, now),
        expires: when(key.expires_at, "never"),
        used: when(key.last_used_at, "never"),
        is_good: state.is_ok(),
    }
}

/// What the new key is to be.
#[derive(Debug, Deserialize)]
pub(crate) struct New {
    name: String,
    #[serde(default)]
    role: String,
    /// Whether it also sends events for any player.
    #[serde(default)]
    sends_events: Option<String>,
    /// For how many days it is good; for ever if empty.
    #[serde(default)]
    days: String,
}

impl New {
    fn scopes(&self) -> Result<Scopes, Problem> {
        let mut scopes: Vec<Scope> = Vec::new();
        if !self.role.is_empty() {
            let role = Role::from_name(&self.role)
                .ok_or_else(|| Problem::field("role", "is no role that there is".to_owned()))?;
            scopes.extend(role.scopes().iter());
        }
        scopes.extend(self.sends_events.is_some().then_some(Scope::EventsWrite));
        if scopes.is_empty() {
            return Err(Problem::field("role", "choose what the key may do".to_owned()));
        }
        Ok(scopes.into_iter().collect())
    }

    fn expires_at(&self, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
        if self.days.is_empty() {
            return Ok(None);
        }
        let days = self.days.parse().ok().filter(|days| (1..=KEY_DAYS_MAX).contains(days));
        let days: usize = days.ok_or_else(|| {
            Problem::field("days", format!("must be a number of days from 1 to {KEY_DAYS_MAX}"))
        })?;
        Ok(Some(now.plus_ms(i64::try_from(days).unwrap_or(i64::MAX).saturating_mul(DAY_MS))))
    }
}

/// Makes a key, and shows it: nobody can say it again.
pub(crate) async fn create(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Form(new): Form<New>,
) -> Result<Response, Trouble> {
    let now = console.clock.now();
    let name = checked_name(&new.name).map_err(|fault| Problem::field("name", fault))?;
    let (scopes, expires_at) = (new.scopes()?, new.expires_at(now)?);
    let made = console.auth.make_key();
    let key = Key {
        id: made.id,
        name,
        hash: made.hash,
        scopes,
        created_at: now,
        expires_at,
        revoked_at: None,
        last_used_at: None,
    };
    let shown_name = inert(&key.name);
    let act = act(&operator, "createKey", key.id, now);
    console.keys.create_key(key, act).await?;
    console.auth.forget_keys();
    shown(&console, &operator, Some((shown_name, made.text))).await
}

/// Which key.
#[derive(Debug, Deserialize)]
pub(crate) struct Posted {
    id: String,
}

/// Takes a key back.
pub(crate) async fn revoke(
    State(console): State<Arc<Console>>,
    operator: Operator,
    Form(posted): Form<Posted>,
) -> Result<Response, Trouble> {
    let id = Uuid::try_parse(&posted.id)
        .map_err(|_| Problem::new(Slug::NotFound, "there is no such key"))?;
    let act = act(&operator, "revokeKey", id, console.clock.now());
    console.keys.revoke_key(id, act).await?;
    console.auth.forget_keys();
    Ok(Redirect::to("/console/keys").into_response())
}

fn act(operator: &Operator, what: &str, id: Uuid, at: Timestamp) -> Act {
    let (by, target) = (operator.actor(), id.to_string());
    Act { by, what: what.to_owned(), target, note: None, at }
}

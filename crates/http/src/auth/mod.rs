//! How a request proves for whom it speaks: the admin token, the server key, or a player's token.
//!
//! What an endpoint demands is declared where it is registered (`access.rs`); here is how the proof is
//! checked. Secrets are compared in constant time.

pub(crate) mod token;

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use scoreline_core::id::PlayerId;
use scoreline_core::time::{Clock, Timestamp};
use subtle::ConstantTimeEq;

use crate::problem::{Problem, Slug};

/// How a request proves which player it speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthMode {
    /// Not at all: whatever player id it names is believed.
    Open,
    /// By a token, which a device gets for its secret.
    Player,
}

impl AuthMode {
    /// The mode as the settings write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Player => "player",
        }
    }
}

/// What proofs are checked against.
#[derive(Clone)]
pub(crate) struct AuthSettings {
    /// How a request proves which player it speaks for.
    pub mode: AuthMode,
    /// Whether the server listens on loopback only.
    pub loopback: bool,
    /// The token that operators send.
    pub admin_token: String,
    /// The key of a trusted game server, where one is configured.
    pub server_key: Option<String>,
    /// Signs players' tokens; at least 32 bytes.
    pub token_secret: Vec<u8>,
}

/// For whom a request may speak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Speaker {
    /// For any player: the mode is open, or a trusted game server asks.
    Anyone,
    /// For this player only.
    Player(PlayerId),
}

impl Speaker {
    /// The only player it may speak for, if there is one.
    pub fn only(&self) -> Option<&PlayerId> {
        match self {
            Self::Anyone => None,
            Self::Player(player) => Some(player),
        }
    }

    /// Fails with 403 if the request may not speak for `player`.
    pub fn may_be(&self, player: &PlayerId) -> Result<(), Problem> {
        match self.only() {
            Some(only) if only != player => {
                Err(Problem::new(Slug::Forbidden, "the token is another player's"))
            }
            _ => Ok(()),
        }
    }
}

/// Who calls, as the guard found out.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// For whom it may speak.
    pub speaker: Speaker,
    /// Whether it is a game server or an operator; those are never limited.
    pub is_trusted: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| Problem::broken(&"the endpoint is not registered as a player's"))
    }
}

/// Checks what requests send as proof.
pub(crate) struct Auth {
    settings: AuthSettings,
    clock: Arc<dyn Clock>,
}

impl Auth {
    /// Checks proofs against `settings`; tokens expire by `clock`.
    pub fn new(settings: AuthSettings, clock: Arc<dyn Clock>) -> Self {
        Self { settings, clock }
    }

    /// Fails with 401 or 403 unless an operator asks.
    pub fn operator(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let given = bearer(headers).or_else(|| header(headers, "x-admin-token"));
        match given {
            Some(token) if same(token, &self.settings.admin_token) => Ok(()),
            Some(_) => Err(Problem::new(Slug::Forbidden, "the admin token is not the right one")),
            None => Err(Problem::new(
                Slug::Unauthorized,
                "needs the admin token, as 'Authorization: Bearer <token>': that of \
                 SCORELINE_ADMIN_TOKEN, or the one that was made at first start",
            )),
        }
    }

    /// The same, but anybody passes where the mode is open and the server listens on loopback only.
    pub fn operator_or_local(&self, headers: &HeaderMap) -> Result<(), Problem> {
        if self.settings.mode == AuthMode::Open && self.settings.loopback {
            return Ok(());
        }
        self.operator(headers)
    }

    /// Whether a game server or an operator asks; those are never limited.
    pub fn is_trusted(&self, headers: &HeaderMap) -> bool {
        let key = self.settings.server_key.as_deref();
        let by_key =
            key.zip(header(headers, "x-server-key")).is_some_and(|(key, given)| same(key, given));
        by_key || self.operator(headers).is_ok()
    }

    /// For whom a request may speak. Fails with 401 or 403 if it proves nothing where it must.
    pub fn speaker(&self, headers: &HeaderMap) -> Result<Speaker, Problem> {
        let key = self.settings.server_key.as_deref();
        if let (Some(key), Some(given)) = (key, header(headers, "x-server-key")) {
            return if same(key, given) {
                Ok(Speaker::Anyone)
            } else {
                Err(Problem::new(Slug::Forbidden, "the server key is not the right one"))
            };
        }
        if self.settings.mode == AuthMode::Open {
            return Ok(Speaker::Anyone);
        }
        let given = bearer(headers).ok_or_else(|| {
            let detail = "needs a player's token from POST /api/v2/players/session";
            Problem::new(Slug::Unauthorized, detail)
        })?;
        let player = token::read_token(&self.settings.token_secret, given, self.clock.now());
        player.map(Speaker::Player).ok_or_else(|| {
            Problem::new(Slug::Unauthorized, "the player's token is not valid or expired")
        })
    }

    /// A new token for a player, and when it expires.
    pub fn make_token(&self, player: &PlayerId, now: Timestamp) -> (String, Timestamp) {
        token::make_token(&self.settings.token_secret, player, now)
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get("authorization")?.to_str().ok()?;
    let (scheme, proof) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| proof.trim())
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Whether two secrets are the same, in a time that tells nothing of where they differ.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

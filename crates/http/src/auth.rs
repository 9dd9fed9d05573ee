//! Who may do what: the admin token, the server key, and players' tokens.
//!
//! Secrets are compared in constant time. A player's token is `v1.<player>.<expiry>.<mac>`, with
//! the player as hexadecimal bytes, the expiry in seconds since 1970 and HMAC-SHA256 over what
//! stands before it: one fixed algorithm, nothing to negotiate.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use hmac::{Hmac, KeyInit, Mac};
use scoreline_core::id::PlayerId;
use scoreline_core::time::Timestamp;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::app::{App, AuthMode};
use crate::problem::{Problem, Slug};

/// How long a player's token is good for, in seconds: 1 hour.
pub const TOKEN_SECONDS: i64 = 3_600;

/// For whom a request may speak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Speaker {
    /// For any player: the mode is open, or a trusted game server asks.
    Anyone,
    /// For this player only.
    Player(PlayerId),
}

impl Speaker {
    /// The only player it may speak for, if there is one.
    pub fn only(&self) -> Option<PlayerId> {
        match self {
            Self::Anyone => None,
            Self::Player(player) => Some(player.clone()),
        }
    }

    /// Refuses to speak for another player.
    pub fn may_be(&self, player: &PlayerId) -> Result<(), Problem> {
        match self {
            Self::Player(only) if only != player => {
                Err(Problem::new(Slug::Forbidden, "the token is another player's"))
            }
            _ => Ok(()),
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get("authorization")?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(str::trim)
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// Lets operators through.
pub fn admin(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    let given = bearer(headers).or_else(|| header(headers, "x-admin-token"));
    match given {
        Some(token) if same(token, &app.settings.admin_token) => Ok(()),
        Some(_) => Err(Problem::new(Slug::Forbidden, "the admin token is not the right one")),
        None => Err(Problem::new(
            Slug::Unauthorized,
            "needs the admin token, as 'Authorization: Bearer <token>': that of SCORELINE_ADMIN_TOKEN, or \
             the one that was made at first start",
        )),
    }
}

/// Whether a request comes from a game server or an operator: nobody has to be protected from those.
pub fn is_trusted(app: &App, headers: &HeaderMap) -> bool {
    let key = app.settings.server_key.as_deref();
    let by_key =
        key.zip(header(headers, "x-server-key")).is_some_and(|(key, given)| same(key, given));
    by_key || admin(app, headers).is_ok()
}

/// The proof that an operator asks. A handler that takes it before the body reads no body of
/// anybody else.
pub(crate) struct Operator;

impl FromRequestParts<Arc<App>> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        admin(app, &parts.headers).map(|()| Self)
    }
}

/// Lets operators through, and anybody where the server is open and on loopback.
pub fn admin_or_local(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    if app.settings.auth == AuthMode::Open && app.settings.loopback {
        return Ok(());
    }
    admin(app, headers)
}

/// For whom a request may speak.
pub fn speaker(app: &App, headers: &HeaderMap, now: Timestamp) -> Result<Speaker, Problem> {
    if let (Some(key), Some(given)) = (&app.settings.server_key, header(headers, "x-server-key")) {
        return if same(key, given) {
            Ok(Speaker::Anyone)
        } else {
            Err(Problem::new(Slug::Forbidden, "the server key is not the right one"))
        };
    }
    if app.settings.auth == AuthMode::Open {
        return Ok(Speaker::Anyone);
    }
    let token = bearer(headers).ok_or_else(|| {
        Problem::new(Slug::Unauthorized, "needs a player's token from POST /api/v2/players/session")
    })?;
    read_token(&app.settings.token_secret, token, now).map(Speaker::Player).ok_or_else(|| {
        Problem::new(Slug::Unauthorized, "the player's token is not valid or expired")
    })
}

fn mac(secret: &[u8], text: &str) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.chain_update(text.as_bytes())
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).expect("a nibble is a digit");
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

/// A token for a player, and when it expires.
pub fn make_token(secret: &[u8], player: &PlayerId, now: Timestamp) -> (String, Timestamp) {
    let expires_at = now.plus_ms(TOKEN_SECONDS * 1_000);
    let text = format!("v1.{}.{}", hex(player.as_str().as_bytes()), expires_at.as_ms() / 1_000);
    let signature = hex(&mac(secret, &text).finalize().into_bytes());
    (format!("{text}.{signature}"), expires_at)
}

/// The player of a token, if it is ours and has not expired.
pub fn read_token(secret: &[u8], token: &str, now: Timestamp) -> Option<PlayerId> {
    let (text, signature) = token.rsplit_once('.')?;
    mac(secret, text).verify_slice(&unhex(signature)?).ok()?;
    let mut parts = text.split('.');
    let (Some("v1"), Some(player), Some(expiry), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let expiry: i64 = expiry.parse().ok()?;
    let alive = now.as_ms() / 1_000 < expiry;
    let player = String::from_utf8(unhex(player)?).ok()?;
    alive.then(|| PlayerId::new(&player).ok()).flatten()
}

/// What is stored of a device's secret. The secret is long and random, so a hash suffices: nobody
/// guesses 128 bits, and a slow hash would only let strangers tire the server. The player is in it,
/// so that equal secrets look different; no secret of the server's is, so that a restored backup
/// knows its players without it.
pub fn secret_hash(player: &PlayerId, device_secret: &str) -> String {
    hex(&mac(player.as_str().as_bytes(), device_secret).finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms).expect("in range")
    }

    #[test]
    fn a_token_names_its_player_until_it_expires() {
        for name in ["device-1", "玩家.一", "a.b.c"] {
            let player = PlayerId::new(name).expect("valid");
            let (token, expires_at) = make_token(SECRET, &player, at(1_000_000));
            assert_eq!(read_token(SECRET, &token, at(1_000_001)), Some(player));
            assert_eq!(read_token(SECRET, &token, expires_at), None);
        }
    }

    #[test]
    fn a_changed_token_or_another_secret_is_refused() {
        let player = PlayerId::new("device-1").expect("valid");
        let (token, _) = make_token(SECRET, &player, at(0));
        assert_eq!(read_token(b"another secret of thirty-two byte", &token, at(1)), None);
        for place in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[place] = if bytes[place] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(read_token(SECRET, &changed, at(1)), None, "{changed}");
        }
        for nonsense in ["", ".", "v1", "v1..0.", "é.é.é.é"] {
            assert_eq!(read_token(SECRET, nonsense, at(1)), None);
        }
    }
}

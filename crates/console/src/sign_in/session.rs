//! A session: who signed in, as a cookie that only this database's nodes can make.
//!
//! The cookie is `v1.<id>.<expiry>.<proof>.<mac>`, where the proof is `admin` or the id of a key. It holds
//! nothing that must be stored, so every node knows it; it is worth nothing any more once the admin token
//! is another, or its key is revoked. One that was signed out is remembered in the database, and by nodes
//! that heard of it, until it would have expired.

use std::collections::HashMap;

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use parking_lot::Mutex;
use scoreline_core::time::Timestamp;
use scoreline_http::parts::Auth;
use scoreline_http::same;
use uuid::Uuid;

/// The name of the cookie.
pub(crate) const COOKIE_NAME: &str = "scoreline_console";
/// How long a session lasts, in seconds: half a day.
pub(crate) const SESSION_SECONDS: i64 = 12 * 3_600;
/// How long one lasts whose owner asked for it, in seconds: 30 days.
pub(crate) const LONG_SESSION_SECONDS: i64 = 30 * 86_400;
/// Sessions that were signed out and are remembered.
const ENDED_MAX: usize = 10_000;

/// A session that is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    /// Nobody can guess it.
    pub id: String,
    /// When it is over, in seconds since 1970.
    pub expires_s: i64,
    /// The key that it was signed in by; `None` for the admin token.
    pub key: Option<Uuid>,
}

/// What stands in the cookie of whoever signed in by the admin token.
const BY_ADMIN_TOKEN: &str = "admin";

impl Session {
    /// When it is over.
    pub fn expires_at(&self) -> Timestamp {
        Timestamp::EPOCH.plus_ms(self.expires_s.saturating_mul(1_000))
    }

    /// The value of its cookie.
    pub fn cookie(&self, auth: &Auth) -> String {
        let text = self.text();
        format!("{text}.{}", auth.signature("console session", &text))
    }

    /// What every form of it carries, so that no other site can send one.
    pub fn form_token(&self, auth: &Auth) -> String {
        auth.signature("console form", &self.id)
    }

    /// The session of a cookie, if one of these nodes made it and it is not over at `now`.
    pub fn read(cookie: &str, auth: &Auth, now: Timestamp) -> Option<Self> {
        let (text, mac) = cookie.rsplit_once('.')?;
        if !same(mac, &auth.signature("console session", text)) {
            return None;
        }
        let mut parts = text.split('.');
        let mut next = || parts.next();
        let (Some("v1"), Some(id), Some(expires), Some(proof), None) =
            (next(), next(), next(), next(), next())
        else {
            return None;
        };
        let key = match proof {
            BY_ADMIN_TOKEN => None,
            key => Some(Uuid::try_parse(key).ok()?),
        };
        let session = Self { id: id.to_owned(), expires_s: expires.parse().ok()?, key };
        (now.as_ms() / 1_000 < session.expires_s).then_some(session)
    }

    fn text(&self) -> String {
        let proof =
            self.key.map_or_else(|| BY_ADMIN_TOKEN.to_owned(), |key| key.simple().to_string());
        format!("v1.{}.{}.{proof}", self.id, self.expires_s)
    }
}

/// The value of the cookie that a request carries.
pub(crate) fn cookie_of(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs =
        all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(name, _)| *name == COOKIE_NAME).map(|(_, value)| value)
}

/// Sessions of which this node knows that they were signed out.
#[derive(Default)]
pub(crate) struct Ended(Mutex<HashMap<String, i64>>);

impl Ended {
    /// Ends a session.
    pub fn end(&self, session: &Session, now: Timestamp) {
        let mut ended = self.0.lock();
        if ended.len() >= ENDED_MAX {
            let now_s = now.as_ms() / 1_000;
            ended.retain(|_, expires_s| *expires_s > now_s);
        }
        if ended.len() < ENDED_MAX {
            ended.insert(session.id.clone(), session.expires_s);
        }
    }

    /// Whether a session was ended.
    pub fn holds(&self, session: &Session) -> bool {
        self.0.lock().contains_key(&session.id)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        assert_eq!(cookie_of(&headers), None);
        headers.append(COOKIE, HeaderValue::from_static("a=b; scoreline_console_x=1"));
        headers.append(COOKIE, HeaderValue::from_static("c=d;scoreline_console=v1.x.1.y"));
        assert_eq!(cookie_of(&headers), Some("v1.x.1.y"));
    }

    #[test]
    fn no_more_ended_sessions_are_remembered_than_there_is_room_for() {
        let ended = Ended::default();
        let now = Timestamp::EPOCH;
        for n in 0..ENDED_MAX + 10 {
            ended.end(&Session { id: n.to_string(), expires_s: 5, key: None }, now);
        }
        assert_eq!(ended.0.lock().len(), ENDED_MAX);
        let later = now.plus_ms(6_000);
        let session = Session { id: "late".to_owned(), expires_s: 50, key: None };
        ended.end(&session, later);
        assert!(ended.holds(&session), "those that are over made room");
    }
}

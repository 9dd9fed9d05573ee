//! Signing in and out, and who may see the pages.

pub(crate) mod attempts;
pub(crate) mod guard;
pub(crate) mod session;

use parking_lot::Mutex;
use scoreline_core::time::Timestamp;
use scoreline_http::same;
use uuid::Uuid;

use self::attempts::Attempts;
use self::session::{Ended, Session};

/// What signing in keeps.
pub(crate) struct SignIn {
    make_secret: fn() -> String,
    /// Wrong tries.
    pub attempts: Mutex<Attempts>,
    /// Sessions that were signed out.
    pub ended: Ended,
    /// What the link holds that signs in once, until it is used.
    link: Mutex<Option<String>>,
}

impl SignIn {
    /// `make_secret` makes what nobody can guess.
    pub fn new(make_secret: fn() -> String) -> Self {
        let (attempts, link) = (Mutex::default(), Mutex::default());
        Self { make_secret, attempts, ended: Ended::default(), link }
    }

    /// A new session that lasts this many seconds, begun by a key or by the admin token.
    pub fn start(&self, now: Timestamp, seconds: i64, key: Option<Uuid>) -> Session {
        Session { id: (self.make_secret)(), expires_s: now.as_ms() / 1_000 + seconds, key }
    }

    /// What a link holds that signs in once. It replaces the one before.
    pub fn make_link(&self) -> String {
        let code = (self.make_secret)();
        *self.link.lock() = Some(code.clone());
        code
    }

    /// Whether this is what the link holds; it holds nothing afterwards.
    pub fn use_link(&self, code: &str) -> bool {
        let mut link = self.link.lock();
        let is_it = link.as_deref().is_some_and(|held| same(held, code));
        if is_it {
            *link = None;
        }
        is_it
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_signs_in_once() {
        let sign_in = SignIn::new(|| "a-secret".to_owned());
        assert!(!sign_in.use_link("a-secret"), "there is none yet");
        let code = sign_in.make_link();
        assert!(!sign_in.use_link("another"));
        assert!(sign_in.use_link(&code));
        assert!(!sign_in.use_link(&code));
    }
}

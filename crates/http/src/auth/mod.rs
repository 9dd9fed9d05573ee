//! How a request proves for whom it speaks: the admin token, a named key, the server key, or a
//! player's token.
//!
//! What an endpoint demands is declared where it is registered (`access.rs`); here is how the proof is
//! checked. Secrets are compared in constant time.

pub(crate) mod key_ring;
pub(crate) mod same;
pub(crate) mod token;

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use scoreline_core::access::Scope;
use scoreline_core::audit::Actor;
use scoreline_core::id::PlayerId;
use scoreline_core::key::Key;
use scoreline_core::store::KeyStore;
use scoreline_core::time::{Clock, Timestamp};
use scoreline_ranking::Ranks;
use uuid::Uuid;

use key_ring::{KeyRing, MadeKey, looks_like_key};
pub use same::same;
use token::TokenSession;

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
    /// Another secret with which tokens may be signed.
    pub token_secret_other: Option<Vec<u8>>,
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
    /// By which key a game server or an operator is known. They are limited in bytes alone.
    pub key: Option<Arc<str>>,
}

impl Caller {
    fn with_key(key: &str) -> Self {
        Self { speaker: Speaker::Anyone, key: Some(Arc::from(key)) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| Problem::broken(&"the endpoint is not registered as a player's"))
    }
}

/// How somebody proved to be an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// By the admin token.
    AdminToken,
    /// By a key.
    Key(Key),
    /// By being on the same machine, in open mode.
    Local,
}

impl Proof {
    /// The name under which acts are written down.
    pub fn name(&self) -> &str {
        match self {
            Self::AdminToken => "admin token",
            Self::Key(key) => &key.name,
            Self::Local => "local",
        }
    }

    /// Whether it covers a scope. What is on the same machine in open mode may do what it may ask at all.
    pub fn covers(&self, scope: Scope) -> bool {
        match self {
            Self::AdminToken | Self::Local => true,
            Self::Key(key) => key.scopes.cover(scope),
        }
    }

    /// Fails with 403 unless it covers a scope.
    pub fn must_cover(&self, scope: Scope) -> Result<(), Problem> {
        if self.covers(scope) {
            return Ok(());
        }
        let detail = format!("the key {:?} does not cover {}", self.name(), scope.as_str());
        Err(Problem::new(Slug::Forbidden, detail))
    }

    /// Who did it, from where.
    pub fn actor(&self, address: Option<IpAddr>) -> Actor {
        let key = match self {
            Self::Key(key) => Some(key.id),
            Self::AdminToken | Self::Local => None,
        };
        Actor { name: self.name().to_owned(), key, address }
    }
}

/// Checks what requests send as proof.
pub struct Auth {
    settings: AuthSettings,
    keys: KeyRing,
    /// Knows which sessions were revoked.
    ranks: Arc<Ranks>,
    clock: Arc<dyn Clock>,
}

impl Auth {
    /// Whether any device id is believed.
    pub fn is_open(&self) -> bool {
        self.settings.mode == AuthMode::Open
    }

    /// Checks proofs against `settings` and the keys; both expire by `clock`.
    pub(crate) fn new(
        settings: AuthSettings,
        keys: Arc<dyn KeyStore>,
        ranks: Arc<Ranks>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { settings, keys: KeyRing::new(keys), ranks, clock }
    }

    /// The keys that are good here.
    pub(crate) fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// Fails with 401 or 403 unless an operator asks whose proof covers `scope`.
    pub async fn operator(&self, headers: &HeaderMap, scope: Scope) -> Result<Proof, Problem> {
        let proof = self.any_operator(headers).await?;
        proof.must_cover(scope)?;
        Ok(proof)
    }

    /// Fails with 401 or 403 unless an operator asks, whatever their proof covers.
    pub async fn any_operator(&self, headers: &HeaderMap) -> Result<Proof, Problem> {
        let Some(given) = bearer(headers).or_else(|| header(headers, "x-admin-token")) else {
            return Err(Problem::new(
                Slug::Unauthorized,
                "needs the admin token or a key, as 'Authorization: Bearer <token>': that of \
                 SCORELINE_ADMIN_TOKEN, the one that was made at first start, or one of \
                 'scoreline keys create'",
            ));
        };
        self.proof_of(given).await?.ok_or_else(|| {
            let detail = "neither the admin token nor a key that is good here";
            Problem::new(Slug::Forbidden, detail)
        })
    }

    /// What a secret proves; `None` if nothing.
    pub async fn proof_of(&self, secret: &str) -> Result<Option<Proof>, Problem> {
        if same(secret, &self.settings.admin_token) {
            return Ok(Some(Proof::AdminToken));
        }
        Ok(self.good_key(secret).await?.map(Proof::Key))
    }

    /// Makes a key that nobody guesses. It is good once the store has it.
    pub fn make_key(&self) -> MadeKey {
        KeyRing::make()
    }

    /// Reads the keys anew before the next look: one was made or revoked here.
    pub fn forget_keys(&self) {
        self.keys.forget();
    }

    /// The key of this id, if it is still good.
    pub async fn key_of(&self, id: Uuid) -> Result<Option<Key>, Problem> {
        let now = self.clock.now();
        let key = self.keys.of_id(id, now).await?;
        Ok(key.filter(|key| key.check(now).is_ok()))
    }

    /// The same, but anybody passes where the mode is open and the server listens on loopback only.
    pub async fn operator_or_local(
        &self,
        headers: &HeaderMap,
        scope: Scope,
    ) -> Result<Proof, Problem> {
        match self.operator(headers, scope).await {
            Err(_) if self.settings.mode == AuthMode::Open && self.settings.loopback => {
                Ok(Proof::Local)
            }
            outcome => outcome,
        }
    }

    /// Whether somebody asks whose requests are not counted: a game server or an operator.
    pub async fn is_known(&self, headers: &HeaderMap) -> bool {
        if self.is_game_server(headers) {
            return true;
        }
        let given = bearer(headers).or_else(|| header(headers, "x-admin-token"));
        let given = given.into_iter().chain(header(headers, "x-server-key"));
        for given in given {
            if same(given, &self.settings.admin_token)
                || matches!(self.good_key(given).await, Ok(Some(_)))
            {
                return true;
            }
        }
        false
    }

    /// Who calls. Fails with 401 or 403 if the request proves nothing where it must.
    pub(crate) async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        if self.is_game_server(headers) {
            return Ok(Caller::with_key("server key"));
        }
        if let Some(caller) = self.key_caller(headers).await? {
            return Ok(caller);
        }
        if self.settings.server_key.is_some() && header(headers, "x-server-key").is_some() {
            return Err(Problem::new(Slug::Forbidden, "the server key is not the right one"));
        }
        if self.settings.mode == AuthMode::Open {
            let admin = bearer(headers).or_else(|| header(headers, "x-admin-token"));
            if admin.is_some_and(|given| same(given, &self.settings.admin_token)) {
                return Ok(Caller::with_key("admin token"));
            }
            return Ok(Caller { speaker: Speaker::Anyone, key: None });
        }
        let given = bearer(headers).ok_or_else(|| {
            let detail = "needs a player's token from POST /api/v2/players/session";
            Problem::new(Slug::Unauthorized, detail)
        })?;
        let now = self.clock.now();
        let session = self.token_secrets().find_map(|secret| token::read_token(secret, given, now));
        let TokenSession { player, revocations } = session.ok_or_else(|| {
            Problem::new(Slug::Unauthorized, "the player's token is not valid or expired")
        })?;
        if revocations < self.ranks.revocations_of(&player) {
            let detail = "the player's sessions were revoked; POST /api/v2/players/session again";
            return Err(Problem::new(Slug::Unauthorized, detail));
        }
        Ok(Caller { speaker: Speaker::Player(player), key: None })
    }

    /// The secrets with which tokens may be signed, first the one that signs.
    fn token_secrets(&self) -> impl Iterator<Item = &Vec<u8>> {
        std::iter::once(&self.settings.token_secret).chain(&self.settings.token_secret_other)
    }

    /// A caller with a key, which speaks for anybody if it covers that.
    async fn key_caller(&self, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
        let given = header(headers, "x-server-key").or_else(|| bearer(headers));
        let Some(given) = given.filter(|given| looks_like_key(given)) else { return Ok(None) };
        match self.good_key(given).await? {
            Some(key) if key.scopes.cover(Scope::EventsWrite) => {
                Ok(Some(Caller::with_key(&key.id.to_string())))
            }
            Some(key) => {
                let needed = Scope::EventsWrite.as_str();
                let detail = format!("the key {:?} does not cover {needed}", key.name);
                Err(Problem::new(Slug::Forbidden, detail))
            }
            None => Err(Problem::new(Slug::Forbidden, "there is no such key")),
        }
    }

    /// The key that a request shows; `None` if there is no such key.
    async fn good_key(&self, given: &str) -> Result<Option<Key>, Problem> {
        let now = self.clock.now();
        let Some(key) = self.keys.find(given, now).await? else { return Ok(None) };
        match key.check(now) {
            Ok(()) => {
                self.keys.note_use(&key, now).await;
                Ok(Some(key))
            }
            Err(fault) => Err(Problem::new(Slug::Unauthorized, fault.to_string())),
        }
    }

    fn is_game_server(&self, headers: &HeaderMap) -> bool {
        let key = self.settings.server_key.as_deref();
        key.zip(header(headers, "x-server-key")).is_some_and(|(key, given)| same(key, given))
    }

    /// A signature of a text that only this database's nodes can make. What is signed for one purpose
    /// is worth nothing for another, and nothing any more once the admin token is another.
    pub fn signature(&self, purpose: &str, text: &str) -> String {
        let AuthSettings { token_secret, admin_token, .. } = &self.settings;
        token::signature(token_secret, &[purpose, admin_token, text])
    }

    /// A new token for a player, and when it expires.
    pub(crate) fn make_token(&self, session: &TokenSession, now: Timestamp) -> (String, Timestamp) {
        token::make_token(&self.settings.token_secret, session, now)
    }

    /// The secrets that may have been made for a device's idempotency key, first the one that is made now.
    /// It is another one once the player was unbound.
    pub(crate) fn device_secrets(
        &self,
        player: &PlayerId,
        key: &str,
        revocations: i64,
    ) -> Vec<String> {
        let revocations = revocations.to_string();
        let texts = ["device secret", player.as_str(), &revocations, key];
        self.token_secrets().map(|secret| token::signature(secret, &texts)).collect()
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

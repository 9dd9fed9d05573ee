//! The gate in front of guarded endpoints: who asks, and the log of what operators did.
//!
//! Which proof an endpoint demands is declared where it is registered (`access.rs`); how it is checked is in
//! `auth`. Here is what the guard needs of both, and of the address that a request came from.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use scoreline_core::access::Scope;
use scoreline_core::audit::{Act, Actor};
use scoreline_core::store::AuditStore;
use scoreline_core::time::{Clock, Timestamp};
use serde_json::json;

use crate::auth::Auth;
use crate::limits::RateLimits;
use crate::problem::Problem;
use crate::suspicion::{Credential, Suspicion};

/// What stands at every guarded endpoint.
pub(crate) struct Gate {
    /// Checks proofs.
    pub auth: Arc<Auth>,
    /// Knows where requests come from.
    pub limits: Arc<RateLimits>,
    /// The log of acts.
    pub log: Arc<dyn AuditStore>,
    /// Hears of credentials that are not good, and of acts.
    pub suspicion: Arc<Suspicion>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The operator who asks, as the guard found out, and what for.
#[derive(Debug, Clone)]
pub(crate) struct Operator {
    /// Who.
    pub by: Actor,
    /// The name of the operation.
    pub what: Arc<str>,
}

impl Operator {
    /// What is done, for the store to write down with it.
    pub fn act(
        &self,
        target: &(impl ToString + ?Sized),
        note: Option<String>,
        at: Timestamp,
    ) -> Act {
        let target = target.to_string();
        Act { by: self.by.clone(), what: self.what.to_string(), target, note, at }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let operator = parts.extensions.get::<Self>().cloned();
        operator.ok_or_else(|| Problem::broken(&"the endpoint is not registered as an operator's"))
    }
}

/// Headers by which a proxy says that it passes on what somebody else asks.
const OF_PROXIES: [HeaderName; 4] = [
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-real-ip"),
    header::FORWARDED,
    header::VIA,
];

/// Whether somebody on this machine asks, and not a proxy on it for somebody elsewhere.
fn is_local(peer: Option<SocketAddr>, headers: &HeaderMap) -> bool {
    let is_loopback = peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    is_loopback && !OF_PROXIES.iter().any(|name| headers.contains_key(name))
}

impl Gate {
    /// The operator who asks, whose proof must cover `scope`.
    pub async fn operator(
        &self,
        headers: &HeaderMap,
        peer: Option<SocketAddr>,
        scope: Scope,
        is_local_enough: bool,
    ) -> Result<Actor, Problem> {
        let proof = if is_local_enough && is_local(peer, headers) {
            self.auth.operator_or_local(headers, scope).await?
        } else {
            self.auth.operator(headers, scope).await?
        };
        Ok(proof.actor(self.limits.sender(peer, headers)))
    }

    /// Notes a request that showed a credential and was refused; one without any proves nothing wrong.
    pub fn refuse(&self, credential: Credential, headers: &HeaderMap, peer: Option<SocketAddr>) {
        const SHOWN: [&str; 3] = ["authorization", "x-admin-token", "x-server-key"];
        if SHOWN.iter().any(|name| headers.contains_key(*name)) {
            self.suspicion.refused(credential, self.limits.sender(peer, headers));
        }
    }

    /// Notes what has no transaction of its own. Where that fails, the log of the program has it.
    pub async fn note(&self, operator: &Operator, target: String, status: StatusCode) {
        let act = operator.act(&target, None, self.clock.now());
        let audited = act.changed(None, Some(&json!({ "status": status.as_u16() })));
        if let Err(error) = self.log.note_act(audited.clone()).await {
            let Act { by, what, target, .. } = &audited.act;
            tracing::warn!(
                audit.who = by.name, audit.what = what, audit.target = target,
                audit.error = %error, "an act of an operator was not written down"
            );
        }
    }
}

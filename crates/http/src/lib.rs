//! The HTTP API: one file an endpoint, with its request, answer, documentation and handler.
//!
//! No SQL and no rule of the game lives here. [`App`] puts the parts together; a handler takes those
//! that it uses. Where to look: the endpoints are in `routes/<area>/`, who may call one in
//! `access.rs`, how requests are read in `request/`, every failure in `problem.rs`, and what all
//! requests pass through in `router.rs`.

mod access;
mod analytics;
mod app;
mod auth;
mod boards;
mod cached;
mod connections;
mod cors;
mod csv;
mod database;
mod deadline;
mod erasure;
mod figures;
#[doc(hidden)]
pub mod fuzzing;
mod gate;
mod heavy;
mod inflate;
mod intake;
mod joining;
mod limits;
mod metrics;
mod observer;
mod openapi;
mod player_export;
mod problem;
mod received;
mod request;
mod request_id;
mod room;
mod router;
mod routes;
mod seldom;
mod sender;
mod sessions;
mod suspicion;
mod times;
mod tournaments;
mod turned_away;
mod vitals;

/// The parts of a running server, for other front ends than this API: each is taken out of an [`App`]
/// by `Arc::from_ref`.
pub mod parts {
    pub use crate::analytics::{Analytics, Inquiry};
    pub use crate::auth::{Auth, Proof};
    pub use crate::boards::{Boards, Excerpt, Period, Ranking, Row};
    pub use crate::erasure::new_erasure;
    pub use crate::figures::{Figures, Hour, Summary, Timeframe, TypeSummary};
    pub use crate::joining::new_joining;
    pub use crate::limits::{Counting, RateLimits, Spent};
    pub use crate::metrics::{Counted, FlawCount, Metrics};
    pub use crate::observer::Observer;
    pub use crate::player_export::PlayerExports;
    pub use crate::sessions::Sessions;
    pub use crate::times::Times;
    pub use crate::tournaments::Tournaments;
    pub use crate::vitals::{State, Vitals, Wellness, in_time};
}

pub use app::{App, Parts, Settings};
pub use auth::AuthMode;
pub use auth::same;
pub use connections::{Acceptor, Patience};
pub use problem::{Problem, Slug};
pub use router::{front_end, openapi_json, router};
pub use sender::{Network, ProxyHeader};

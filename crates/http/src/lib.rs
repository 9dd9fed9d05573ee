//! The HTTP API: one file an endpoint, with its request, answer, documentation and handler.
//!
//! No SQL and no rule of the game lives here. [`App`] puts the parts together; a handler takes those
//! that it uses. Where to look: the endpoints are in `routes/<area>/`, who may call one in
//! `access.rs`, how requests are read in `request/`, every failure in `problem.rs`, and what all
//! requests pass through in `router.rs`.

mod access;
mod app;
mod auth;
mod boards;
mod cached;
mod connections;
mod cors;
mod database;
mod figures;
mod gate;
mod heavy;
mod inflate;
mod intake;
mod limits;
mod metrics;
mod observer;
mod openapi;
mod problem;
mod received;
mod request;
mod room;
mod router;
mod routes;
mod seldom;
mod sender;
mod tournaments;
mod turned_away;
mod vitals;

pub use app::{App, Parts, Settings};
pub use auth::AuthMode;
pub use connections::{Acceptor, Patience};
pub use problem::{Problem, Slug};
pub use router::{openapi_json, router};
pub use sender::{Network, ProxyHeader};

//! The HTTP API: routes by area, with their requests, answers and errors.
//!
//! No SQL and no rule of the game lives here. Handlers read the [`App`] and answer; what they need
//! from the other side comes through the traits of `scoreline-core`.

mod access;
mod app;
mod auth;
mod board;
mod database;
mod intake;
mod limits;
mod metrics;
mod openapi;
mod path;
mod problem;
mod received;
mod routes;
mod unserved;

pub use app::{App, Parts, Settings};
pub use auth::AuthMode;
pub use openapi::openapi_json;
pub use problem::{Problem, Slug};
pub use routes::router;

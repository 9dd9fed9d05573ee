//! Everything that runs beside the requests: the direct intake with its group commit, operations,
//! and the background jobs.
//!
//! [`start`] brings it all up in order and answers [`Workers`]; [`Workers::shutdown`] takes it down
//! again. No SQL and no HTTP lives here: this crate knows the traits of `scoreline-core` only, so
//! the same workers run on every store. Start reading at `applier`, through which every event passes,
//! then `direct`; `engine` holds what [`Operations`](scoreline_core::operations::Operations) and the
//! [`scheduler`] share.
//!
//! Every `select!` is `biased`, and nothing here draws a random number: what two things that are ready at
//! once lead to is not left to chance, so that `crates/simulation` repeats a run from its seed.

mod applier;
mod definition_file;
mod direct;
mod engine;
mod jobs;
mod measured;
pub mod membership;
mod operator;
mod plan;
mod preview;
pub mod queued;
mod rebuild;
mod removal;
mod reviews;
pub mod scheduler;
mod series;
mod set_aside;
mod start;
pub mod timekeeper;

pub use membership::NodesSetup;
pub use preview::preview_definition;
pub use start::{Setup, StartError, Stopped, Workers, start};

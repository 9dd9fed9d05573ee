//! Everything that runs beside the requests: the direct intake with its group commit, operations,
//! and the background jobs.
//!
//! [`start`] brings it all up in order and answers [`Workers`]; [`Workers::shutdown`] takes it down
//! again. No SQL and no HTTP lives here: this crate knows the traits of `scoreline-core` only, so
//! the same workers run on every store. Start reading at [`applier`], through which every event
//! passes, then [`direct`] and [`scheduler`].

pub mod applier;
pub mod direct;
pub mod jobs;
mod measured;
pub mod membership;
pub mod operator;
pub mod plan;
pub mod queued;
pub mod scheduler;
mod start;

pub use start::{NodesSetup, Setup, StartError, Stopped, Workers, start};

//! A whole Scoreline in one thread, from a seed: devices, several nodes, a network that delays and loses, a
//! queue, a database, and the deaths of nodes at every step.
//!
//! What runs is what production runs: the workers of `scoreline-workers` with their intake, queue protocol,
//! jobs and closing of tournaments, the boards of `scoreline-ranking`, and the decisions of
//! `scoreline-core`. Simulated are the traits at the edge (`store.rs`, `queue.rs`), the clock and the time:
//! tokio's is paused, so that a minute passes as soon as nobody has anything to do. Whatever is drawn by
//! lot comes from `random.rs`, so a seed repeats its run. [`run::run`] plays one; `check.rs` says what must
//! be true at its end, by a reckoning of its own.

mod check;
mod database;
mod devices;
mod line;
mod nodes;
mod queue;
mod random;
mod reckoning;
pub mod run;
pub mod sabotage;
mod scenario;
mod shared;
mod store;
mod unasked;
mod world;

//! Traffic for a running server: simulated players, and a load generator that measures.
//!
//! [`simulation`] plays the sample game and says what happened, as devices would. [`demo`] sends
//! that to a server, so that one can watch ranks move and prizes being won. [`load`] sends requests
//! by a schedule that does not wait for answers, and [`mod@bench`] makes a report of it. Nothing here
//! knows the server from inside: everything goes over HTTP.

pub mod bench;
pub mod client;
pub mod demo;
pub mod freshness;
pub mod load;
pub mod past;
pub mod players;
pub mod report;
mod session;
pub mod simulation;
pub mod workload;

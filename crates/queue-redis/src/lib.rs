//! The work queue on Redis Streams: [`scoreline_core::queue::Queue`] for any number of nodes.
//!
//! Each class has a stream with one consumer group, and beside it the ids by receipt, the delayed
//! parcels, the counters and a bell, all under one hash tag, so that a Redis Cluster spreads the
//! classes. Every step of a parcel is one script (`scripts/`), so that no counter is ever between two
//! states. Nothing is trimmed: what is in a stream leaves it by being settled.
//!
//! `classes` run scripts and notice a queue that lost its data, `bell`
//! waits for work, and `preflight` says what speaks against a server.

mod answer;
mod bell;
mod claiming;
mod classes;
mod error;
mod leases;
mod options;
mod preflight;
mod queue;
mod remembered;
mod scripts;

pub use error::ConnectError;
pub use options::RedisOptions;
pub use queue::RedisQueue;

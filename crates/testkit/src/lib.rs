//! What tests share: a clock moved by hand, a game that uses every operator, a queue in memory, and
//! the conformance suites that every implementation of a trait of the core passes.
//!
//! [`mod@store_conformance`] is the contract of [`scoreline_core::store`] in executable form: a store
//! is right when it passes, whatever database it stands on; [`mod@queue_conformance`] is the same for
//! queues. Nothing here is part of the server.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "suites number their players and events from small loops"
)]

mod certificates;
pub mod clock;
pub mod contract;
pub mod game;
pub mod memory_nodes;
pub mod memory_queue;
pub mod postgres;
pub mod proxy;
pub mod queue_conformance;
pub mod redis;
pub mod sessions;
pub mod store_conformance;
pub mod store_crashes;

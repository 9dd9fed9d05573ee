//! What tests share: a clock moved by hand, a game that uses every operator, and the conformance
//! suites that every implementation of a trait of the core passes.
//!
//! [`store_conformance`] is the contract of [`scoreline_core::store`] in executable form: a store
//! is right when it passes, whatever database it stands on. Nothing here is part of the server.

pub mod clock;
pub mod game;
pub mod rank_conformance;
pub mod store_conformance;

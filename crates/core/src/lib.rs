//! The rules of Scoreline: what an event is, which changes it makes, how players rank, when a
//! tournament ends and who wins what.
//!
//! Everything here is a pure function over plain data. There is no I/O, no clock and no async
//! runtime in this crate: time and randomness come in as arguments, and the traits at its edge
//! ([`store::Store`], [`queue::Queue`], [`intake::Intake`], [`time::Clock`]) are
//! implemented elsewhere. Start reading at [`fold`], the one idea on which the rest stands.

pub mod access;
pub mod alert;
pub mod analytics;
pub mod audit;
pub mod ban;
pub mod breaker;
mod bytes;
pub mod erasure;
pub mod error;
pub mod event;
pub mod feed;
pub mod fold;
pub mod game;
pub mod id;
pub mod intake;
pub mod joining;
pub mod key;
pub mod latency;
pub mod limits;
pub mod naming;
pub mod nickname;
pub mod nodes;
pub mod operations;
pub mod plural;
pub mod prize;
pub mod queue;
pub mod rank;
pub mod rebuild;
pub mod reconcile;
pub mod reload;
pub mod review;
pub mod session;
pub mod slowness;
pub mod store;
pub mod suggestion;
pub mod suspicion;
pub mod ticket;
pub mod time;
pub mod timekeeping;
pub mod tournament;
pub mod turning;
pub mod verify;
pub mod void;

//! The workers on a real store and a real rank index, with a clock turned by hand and faults where
//! a test asks for them.

mod intake;
mod nodes;
mod operations;
mod queued;
mod scheduling;
mod shutdown;
mod support;
mod tournaments;

//! The workers on a real store and real boards, with a clock turned by hand and faults where
//! a test asks for them.

mod following;
mod intake;
mod jumps;
mod nodes;
mod operations;
mod queued;
mod reviewing;
mod scheduling;
mod shutdown;
mod support;
mod tournaments;

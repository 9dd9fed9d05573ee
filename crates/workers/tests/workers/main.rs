//! The workers on a real store and a real rank index, with a clock turned by hand and faults where
//! a test asks for them.

mod intake;
mod operations;
mod scheduling;
mod shutdown;
mod support;
mod tournaments;

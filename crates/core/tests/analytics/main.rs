//! Exact analytics: whatever the order, the repetition and the lateness of events, the counters are
//! what counting again from all events gives.

mod game;
mod limits;
mod naive;
mod sets;

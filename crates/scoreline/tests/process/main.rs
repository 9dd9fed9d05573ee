//! The binary itself: started, killed, stopped, and given nonsense.

mod attacks;
mod capacity;
mod clock;
mod commands;
mod compare_bench;
mod death;
mod erasing;
mod examples;
mod exports;
mod full_disk;
mod index_bench;
mod keys;
mod large_events;
mod logs;
mod moved_players;
mod moving;
mod names;
mod prizes;
mod profile_bench;
mod reload;
mod requests;
mod service_manager;
mod standing;
mod support;
#[cfg(feature = "otel")]
mod traces;

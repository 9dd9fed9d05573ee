//! The binary itself: started, killed, stopped, and given nonsense.

mod commands;
mod death;
mod full_disk;
mod index_bench;
mod logs;
mod moving;
mod reload;
mod requests;
mod service_manager;
mod support;

//! The binary itself: started, killed, stopped, and given nonsense.

mod commands;
mod death;
mod full_disk;
mod requests;
mod support;

//! The binary itself: started, killed, stopped, and given nonsense.

mod commands;
mod death;
mod requests;
mod support;

//! The way to Redis that the queue and the ranks share: addresses, connections and scripts.
//!
//! It knows nothing of what is kept there. `server` reads an address (one Redis or a cluster, with
//! or without TLS) and never repeats a password, `link` keeps the connection and gives up within a
//! bounded time, and `script` runs a script that the server may not know yet.

mod link;
mod script;
mod server;

pub use link::Link;
pub use script::Source;
pub use server::{Connection, Server, is_namespace};

//! Puts the parts together: settings, the data directory, and a server that starts and stops.
//!
//! Nothing here knows SQL or the game; it decides which parts are used and in which order they
//! come up and go down. The command line lives in the `scoreline` crate.

mod clock;
pub mod config;
mod counting;
mod data_dir;
mod error;
mod moving;
mod offline;
mod one_by_one;
mod open_files;
mod profile;
mod secrets;
mod server;
mod substitutes;
mod virtual_clock;

pub use clock::SystemClock;
pub use config::{Config, ConfigError, PostgresConfig, Profile};
pub use data_dir::{DataDir, DataDirError, RunningServer};
pub use error::ServerError;
pub use moving::{MovedCounts, take_over};
pub use offline::Offline;
pub use profile::{
    database_identity, examine_postgres, exposure, inspect, migrate, pending_migrations,
    preview_reload, renew_identity, shared_queue,
};
pub use scoreline_http::{AuthMode, Patience};
pub use scoreline_store_postgres::Examination;
pub use server::Server;
pub use substitutes::{Make, Substitutes};
pub use virtual_clock::{VirtualClock, clock_of, virtual_clock_text};

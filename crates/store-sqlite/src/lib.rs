//! The store on SQLite: one file, one writer, readers beside it.
//!
//! [`SqliteStore`] implements every trait of `scoreline_core::store`. `apply` holds the one
//! transaction on which everything stands; the other files are named for what they read or write.
//! No rule of the game lives here: what events change is worked out by `scoreline_core::fold`.

mod apply;
mod backup;
mod boards;
mod changes;
mod checkpoint;
mod connection;
mod dead;
mod error;
mod events;
mod filling;
mod glance;
mod migrate;
mod moving;
mod open;
mod players;
mod prizes;
mod projections;
mod quarantine;
mod retention;
mod rows;
mod state;
mod statement;
mod store;
mod tournaments;
mod verify;

pub use moving::Snapshot;
pub use store::{Access, Options, SqliteStore};

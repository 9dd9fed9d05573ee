//! The store on SQLite: one file, one writer, readers beside it.
//!
//! [`SqliteStore`] implements every trait of `scoreline_core::store`, each in the file of that trait's
//! name. `apply` holds the one transaction on which everything stands; below all of them is `store`, the
//! handle with its connections.
//! No rule of the game lives here: what events change is worked out by `scoreline_core::fold`.

mod access_keys;
mod acts;
mod analytics;
mod apply;
mod asking;
mod audit;
mod backup;
mod boards;
mod changes;
mod checkpoint;
mod connection;
mod dead;
mod earlier;
mod erasures;
mod error;
mod events;
mod feed;
mod figures;
mod filling;
mod glance;
mod joining;
mod maintenance;
mod migrate;
mod moved;
mod moving;
mod names;
mod numbers;
mod open;
mod plan;
mod players;
mod prizes;
mod projections;
mod quarantine;
mod reserve;
mod retention;
mod reviews;
mod rows;
mod scanning;
mod set_aside;
mod shapes;
mod state;
mod statement;
mod store;
mod telling;
mod tombstones;
mod tournaments;
mod vacuum;
mod verify;
mod voided;
mod voids;

pub use moving::Snapshot;
pub use open::Options;
pub use store::{Access, SqliteStore};

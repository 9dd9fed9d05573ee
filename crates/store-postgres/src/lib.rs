//! The store on PostgreSQL 14 and later: many nodes, many transactions at once.
//!
//! [`PostgresStore`] implements every trait of `scoreline_core::store`, each in the file of that
//! trait's name. `apply` holds the one transaction on which everything stands; below all of them is `store`,
//! the handle with its connections.
//! No rule of the game lives here: what events change is worked out by `scoreline_core::fold`.

mod access_keys;
mod acts;
mod address;
mod analytics;
mod apply;
mod asking;
mod audit;
mod boards;
mod changes;
mod dead;
mod ear;
mod earlier;
mod erasures;
mod error;
mod events;
mod examine;
mod feed;
mod figures;
mod filling;
mod identity;
mod joining;
mod keys;
mod maintenance;
mod migrate;
mod migrations;
mod moved;
mod moving;
mod nodes;
mod partitions;
mod plan;
mod players;
mod pool;
mod prizes;
mod projections;
mod quarantine;
mod retention;
mod reviews;
mod room;
mod rows;
mod scanned;
mod scanning;
mod session;
mod set_aside;
mod settings;
mod snapshot;
mod state;
mod statistics;
mod store;
mod telling;
mod tls;
mod tombstones;
mod tournaments;
mod value;
mod verify;
mod voided;
mod voids;

pub use examine::Examination;
pub use migrations::{MIGRATIONS, PendingMigration};
pub use moving::TakeOver;
pub use settings::{Settings, connect};
pub use store::PostgresStore;

//! The store on PostgreSQL 14 and later: many nodes, many transactions at once.
//!
//! [`PostgresStore`] implements every trait of `scoreline_core::store`. `apply` holds the one
//! transaction on which everything stands; the other files are named for what they read or write.
//! No rule of the game lives here: what events change is worked out by `scoreline_core::fold`.

mod apply;
mod boards;
mod changes;
mod dead;
mod error;
mod events;
mod examine;
mod filling;
mod migrate;
mod moving;
mod nodes;
mod partitions;
mod players;
mod pool;
mod prizes;
mod projections;
mod quarantine;
mod retention;
mod rows;
mod session;
mod settings;
mod state;
mod statistics;
mod store;
mod tls;
mod tournaments;
mod trial;
mod value;
mod verify;

pub use examine::Examination;
pub use migrate::PendingMigration;
pub use moving::TakeOver;
pub use settings::Settings;
pub use store::PostgresStore;
pub use trial::{IndexTrial, TakenIndex, TrialContent, TrialSizes};

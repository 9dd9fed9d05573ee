//! What Scoreline asks of a database.
//!
//! One trait a concern; [`Store`] is all of them together. Everything derived is written by
//! [`EventStore::apply`] in the transaction that stores the events. SQLite and PostgreSQL implement
//! these, and both pass the conformance suite in `scoreline-testkit`. A method that changes
//! something either did it durably when it answers, or did nothing.

mod access_keys;
mod acts;
mod analytics;
mod asking;
mod audit;
mod boards;
mod clock;
mod crash;
mod dead;
mod earlier;
mod erasure_requests;
mod erasures;
mod events;
mod feed;
mod figures;
mod filling;
mod joining;
mod maintenance;
mod moving;
mod orders;
mod plan;
mod players;
mod prepared;
mod prizes;
mod projections;
mod quarantine;
mod retention;
mod reviews;
pub mod rows;
pub mod schema;
mod set_aside;
mod sign_outs;
mod tally;
mod tournaments;
pub mod values;
mod verify;

pub use access_keys::KeyStore;
pub use acts::ActStore;
pub use analytics::AnalyticsStore;
pub use asking::{Answer, AskStore, Question};
pub use audit::AuditStore;
pub use boards::BoardStore;
pub use clock::ClockStore;
pub use crash::{CrashHook, CrashPoint};
pub use dead::{DeadEvent, DeadFilter, DeadNo, DeadStore};
pub use earlier::{Forward, Forwarded, by_player};
pub use erasure_requests::ErasureRequestStore;
pub use erasures::ErasureStore;
pub use events::{
    Admitted, Applied, Batch, EventFilter, EventStore, Gathering, Page, Portion, ScanPosition,
    StoredEvent, Text,
};
pub use feed::FeedStore;
pub use figures::{FigureRow, FigureStore, Totals};
pub use filling::{DroppedSlot, FillingStore};
pub use joining::{BothPlayers, JoiningPlayer, Union};
pub use maintenance::{MaintenanceStore, PoolFigures, Progress, StoreFigures};
pub use moving::{Cell, MOVED_TABLES, MovedRows};
pub use orders::{
    Close, Deed, Gone, Moved, Order, Statement, Sweeping, adopting, finish_fill, remove_figures,
};
pub use plan::{KeptOfPlayer, check_in_force, find_projection};
pub use players::{PlayerProfile, PlayerStore};
pub use prepared::{Foundation, Marked, Prepared, attach_voids};
pub use prizes::PrizeStore;
pub use projections::{Adopted, ProjectionStore};
pub use quarantine::{QuarantineEntry, QuarantineFilter, QuarantineNo, QuarantineStore};
pub use retention::{Removed, RetentionStore};
pub use reviews::ReviewStore;
pub use set_aside::{
    LetGo, Measured, SetAside, SetAsideFigures, SetAsideGroup, SetAsideKind, SetAsideMax,
    SetAsideStore, SetAsideUse, Size,
};
pub use sign_outs::SignOutStore;
pub use tally::{Begun, Care, Counts, Halves, InReview, Tally, Written};
pub use tournaments::{Award, TournamentStore};
pub use verify::{Difference, VerifyReport, VerifyStore};

use std::path::PathBuf;

use crate::analytics::StateError;
use crate::error::ErrorKind;
use crate::fold::{FoldOverflow, RefoldError};
use crate::game::MeaningError;
use crate::id::ProjectionNo;
use crate::joining::MoveRefused;
use crate::key::KeyRefused;
use crate::tournament::Unfit;

/// Everything a database must do.
pub trait Store:
    AskStore
    + EventStore
    + DeadStore
    + QuarantineStore
    + SetAsideStore
    + ProjectionStore
    + FillingStore
    + BoardStore
    + FeedStore
    + PlayerStore
    + TournamentStore
    + PrizeStore
    + FigureStore
    + AnalyticsStore
    + RetentionStore
    + VerifyStore
    + MaintenanceStore
    + KeyStore
    + SignOutStore
    + AuditStore
    + ClockStore
    + ActStore
    + ReviewStore
    + ErasureStore
    + ErasureRequestStore
{
}

impl<T> Store for T where
    T: AskStore
        + EventStore
        + DeadStore
        + QuarantineStore
        + SetAsideStore
        + ProjectionStore
        + FillingStore
        + BoardStore
        + FeedStore
        + PlayerStore
        + TournamentStore
        + PrizeStore
        + FigureStore
        + AnalyticsStore
        + RetentionStore
        + VerifyStore
        + MaintenanceStore
        + KeyStore
        + SignOutStore
        + AuditStore
        + ClockStore
        + ActStore
        + ReviewStore
        + ErasureStore
        + ErasureRequestStore
{
}

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The plan was made from an older state of the store: make a new one and try again.
    #[error("the game definition, a tournament or a rebuild has changed meanwhile")]
    StalePlan,
    /// The thing asked for does not exist.
    #[error("{0} does not exist")]
    NotFound(String),
    /// The caller goes by another game definition than the one in force.
    #[error("another game definition is in force; reload it")]
    AnotherDefinition,
    /// The projection is not being filled, or no longer with what the caller's plan says.
    #[error("projection {} is not being filled", .0.0)]
    NotFilling(ProjectionNo),
    /// The step does not fit the tournament's state.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The key cannot be kept beside those that there are.
    #[error(transparent)]
    KeyRefused(#[from] KeyRefused),
    /// The player was erased: nothing of them is taken in any more.
    #[error("this player was erased")]
    Erased,
    /// The player was moved: they are somebody else.
    #[error("this player was moved to another id")]
    Moved,
    /// The player cannot be moved so.
    #[error("{} {_0}", _0.field())]
    MoveRefused(#[from] MoveRefused),
    /// A projection is being filled, and what was asked for waits for that.
    #[error("a board is being filled from history; try again when that is done")]
    Filling,
    /// The file that was to be written exists.
    #[error("{} exists; name a new file", .0.display())]
    FileExists(PathBuf),
    /// The file that was to be written cannot be.
    #[error("{} cannot be written: {reason}", .path.display())]
    FileRefused {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
    /// The store was opened for reading only.
    #[error("the store was opened for reading only")]
    ReadOnly,
    /// The store is not backed up by Scoreline: how it is instead.
    #[error("{0}")]
    BackedUpElsewhere(String),
    /// Other processes work on the database.
    #[error(
        "nodes run on this database, or did within the last 15 seconds; stop them, then try again"
    )]
    NodesRun,
    /// The schema that was to be filled holds something: its name, and what to do.
    #[error("the schema {schema} is in use already; {cure}")]
    InUse {
        /// Its name.
        schema: String,
        /// What to do.
        cure: String,
    },
    /// Whoever was to take what is read is gone.
    #[error("the work was broken off")]
    BrokenOff,
    /// There is no space left for the data. Nothing was written.
    #[error("the disk is full: free some space, and writing goes on by itself")]
    DiskFull,
    /// All connections are busy and stayed so for as long as a caller may wait.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// The database took the work back in favour of other work: a deadlock, or a view of the data
    /// that no longer holds. The same may well succeed at once.
    #[error("the database is busy with the same rows: {0}")]
    LostRace(String),
    /// A lock was not free within the time allowed.
    #[error("the database is busy with the same tables: {0}")]
    LockTaken(String),
    /// The database is out of reach.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// The database is not one of ours, of a newer version, or damaged.
    #[error("the database cannot be used: {0}")]
    Unusable(String),
    /// The position of a scan was given out by another store.
    #[error("the position of a scan is not one of this store")]
    ForeignPosition,
    /// The database refused one of the events or its effects. Which one, bisecting finds out.
    #[error("the database refused the data: {0}")]
    Refused(String),
    /// A statement of a transaction failed only because one before it had, whose error counts.
    #[error("a statement before this one failed in the same transaction")]
    Consequence,
    /// Anything else that went wrong.
    #[error("the database failed: {0}")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::AnotherDefinition
            | Self::NotFilling(_)
            | Self::Unfit(_)
            | Self::KeyRefused(_)
            | Self::Erased
            | Self::Moved
            | Self::FileExists(_)
            | Self::FileRefused { .. }
            | Self::ReadOnly
            | Self::BackedUpElsewhere(_)
            | Self::NodesRun
            | Self::InUse { .. }
            | Self::BrokenOff => ErrorKind::Conflict,
            Self::MoveRefused(refused) => refused.kind(),
            Self::StalePlan
            | Self::Filling
            | Self::DiskFull
            | Self::Busy(_)
            | Self::LostRace(_)
            | Self::LockTaken(_)
            | Self::Unreachable(_) => ErrorKind::Busy,
            Self::Refused(_) => ErrorKind::Invalid,
            Self::ForeignPosition | Self::Unusable(_) | Self::Consequence | Self::Failed(_) => {
                ErrorKind::Broken
            }
        }
    }
}

/// A player's state that cannot be read.
impl From<StateError> for StoreError {
    fn from(error: StateError) -> Self {
        Self::Unusable(error.to_string())
    }
}

impl From<MeaningError> for StoreError {
    fn from(error: MeaningError) -> Self {
        Self::Unusable(error.to_string())
    }
}

/// Events whose fold cannot be stored: one of them, or their sum, is too great.
impl From<FoldOverflow> for StoreError {
    fn from(overflow: FoldOverflow) -> Self {
        Self::Refused(overflow.to_string())
    }
}

/// Why a player's state cannot be folded anew.
impl From<RefoldError> for StoreError {
    fn from(error: RefoldError) -> Self {
        match error {
            RefoldError::Overflow(overflow) => overflow.into(),
            RefoldError::Damaged(damaged) => damaged.into(),
        }
    }
}

/// What every store method answers.
pub type Result<T> = std::result::Result<T, StoreError>;

//! What operators can do while the server runs: reload the definition, fill projections from
//! history, replay dead and quarantined events, run tournaments of their own.
//!
//! Routes and command line call these through [`Operations`], which the workers implement; every
//! one is safe to repeat.

use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;

use crate::audit::Act;
use crate::error::ErrorKind;
use crate::fold::{Plan, ProjectionKind};
use crate::game::{ChoiceError, Class, Definition, Mistake};
use crate::id::PlayerId;
use crate::joining::{Joined, Joining};
use crate::latency::Latencies;
use crate::nodes::Node;
use crate::plural::counted;
use crate::prize::tiers::TierFault;
use crate::queue::QueueError;
use crate::rank::Comparison;
use crate::reload::Change;
use crate::review::{ReviewFilter, ReviewNo};
use crate::store::{DeadFilter, Progress, QuarantineFilter, SetAsideFigures, StoreError};
use crate::time::Timestamp;
use crate::timekeeping::Doubt;
use crate::tournament::{ExtraTournament, Tournament};
use crate::void::{Meant, Voided, Voiding};

/// Why an operation was not done.
#[derive(Debug, thiserror::Error)]
pub enum OperationError {
    /// The definition file has mistakes; the one in force stays.
    #[error("the game definition has {}; the one in force stays", counted(.0.len(), "mistake"))]
    Definition(Vec<Mistake>),
    /// The definition file cannot be read; the one in force stays.
    #[error("the game definition cannot be read ({0}); the one in force stays")]
    DefinitionFile(String),
    /// The definition is not the one of this data; the one in force stays.
    #[error(transparent)]
    Choice(#[from] ChoiceError),
    /// What was asked for makes no sense: the field at fault, and why.
    #[error("{field} {reason}")]
    Invalid {
        /// The field at fault.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The prizes of a tournament are not what prizes can be: everything wrong with them.
    #[error("{}", .0.first().map_or_else(String::new, ToString::to_string))]
    Prizes(Vec<TierFault>),
    /// Another rebuild is under way.
    #[error("a rebuild is running already")]
    RebuildRuns,
    /// The board of a tournament that was cancelled is not filled.
    #[error("tournament {0} was cancelled; its standings stay as they are")]
    TournamentCancelled(String),
    /// A tournament has this id already.
    #[error("tournament {0} exists already")]
    TournamentExists(Arc<str>),
    /// There is no queue.
    #[error("there is no queue: events are applied before they are acknowledged")]
    NoQueue,
    /// A board is not in the memory of this node: which, and why.
    #[error("{0}")]
    BoardNotLoaded(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The queue failed.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// Events to be replayed were not taken.
    #[error(transparent)]
    Intake(#[from] crate::intake::IntakeError),
}

impl OperationError {
    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Definition(_)
            | Self::DefinitionFile(_)
            | Self::Invalid { .. }
            | Self::Prizes(_) => ErrorKind::Invalid,
            Self::RebuildRuns
            | Self::TournamentCancelled(_)
            | Self::TournamentExists(_)
            | Self::NoQueue
            | Self::BoardNotLoaded(_) => ErrorKind::Conflict,
            Self::Choice(error) => error.kind(),
            Self::Store(error) => error.kind(),
            Self::Queue(error) => error.kind(),
            Self::Intake(error) => error.kind(),
        }
    }
}

/// What a reload did.
#[derive(Debug, Clone)]
pub struct Reloaded {
    /// Whether the definition differs from the one before.
    pub changed: bool,
    /// Projections that do not hold history yet, by kind and name.
    pub incomplete: Vec<(ProjectionKind, Arc<str>)>,
}

/// What a replay of dead events did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retried {
    /// Events that were tried again.
    pub retried: u64,
    /// Those that are applied now, or were already.
    pub processed: u64,
    /// Those that failed again.
    pub failed: u64,
}

/// What a replay of quarantined events did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Requeued {
    /// Entries that were checked again.
    pub checked: u64,
    /// Those that are accepted now and left quarantine.
    pub accepted: u64,
    /// Those that the definition still does not allow.
    pub still_rejected: u64,
}

/// How a rebuild is going, or how the last one ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RebuildStatus {
    /// None was started since the process did.
    Idle,
    /// One is under way.
    Running {
        /// The projections still to be filled, the present one first.
        projections: Vec<(ProjectionKind, Arc<str>)>,
        /// How far the present one has come.
        progress: Progress,
        /// When it began.
        since: Timestamp,
    },
    /// The last one is finished.
    Finished {
        /// How many projections were filled.
        projections: usize,
        /// When it ended.
        at: Timestamp,
    },
    /// The last one ended because what it filled is no longer wanted: another definition has come into
    /// force, or a tournament was cancelled.
    Retired {
        /// What was let go of.
        projections: Vec<(ProjectionKind, Arc<str>)>,
        /// When it ended.
        at: Timestamp,
    },
    /// The last one failed; starting it again goes on where it stopped.
    Failed {
        /// Why.
        reason: String,
        /// When it stopped.
        at: Timestamp,
    },
}

/// Which projections to rebuild.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RebuildScope {
    /// Those that do not hold all of history.
    Incomplete,
    /// All but the tournaments that are closed: their standings are frozen and paid for. Name one to
    /// rebuild it.
    All,
    /// Those with one of these names.
    Named(Vec<String>),
}

/// Which events are not to count, or are to count again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VoidOrder {
    /// Whose. Without a player, all stored events are looked through.
    pub player: Option<PlayerId>,
    /// Those with these ids.
    pub ids: Option<Vec<Uuid>>,
    /// Of this type, where no ids are named.
    pub event_type: Option<String>,
    /// Not before this event time, likewise.
    pub from: Option<Timestamp>,
    /// Before this event time, likewise.
    pub until: Option<Timestamp>,
    /// Whether they are not to count, or to count again.
    pub void: bool,
    /// Only tells what would change.
    pub dry_run: bool,
}

impl VoidOrder {
    /// What is meant of the events of a player; `found` are those of the ids that are theirs.
    pub fn of_player(&self, found: Vec<Uuid>) -> Voiding {
        let meant = match &self.ids {
            Some(_) => Meant::Ids(found),
            None => Meant::Fitting {
                event_type: self.event_type.clone(),
                from: self.from,
                until: self.until,
            },
        };
        Voiding { meant, void: self.void, dry_run: self.dry_run }
    }
}

/// What is to become of entries of the review list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReviewOrder {
    /// These.
    pub entries: Vec<ReviewNo>,
    /// And of those that fit, the oldest [`crate::limits::REVIEWS_DECIDED_MAX`]; none if that is all of them.
    pub fitting: ReviewFilter,
    /// Whether they are to count.
    pub accept: bool,
}

/// What is to be removed for good, so that the disk has room again. What was given up always goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RoomOrder {
    /// Also everything that waits in quarantine.
    pub quarantine: bool,
    /// Also every dead event that waits.
    pub dead: bool,
    /// Also raw events older than this many days; `None` leaves all of them.
    pub events_older_than_days: Option<u32>,
}

/// What was removed for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RoomMade {
    /// Entries of quarantine.
    pub quarantined: u64,
    /// Dead events.
    pub dead: u64,
    /// Raw events.
    pub events: u64,
    /// Bytes by which the database is smaller on the disk.
    pub bytes: u64,
}

/// A background job that runs by itself, for health and metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobFigures {
    /// What it does, such as `close_tournaments`.
    pub name: &'static str,
    /// When it last succeeded.
    pub last_success: Option<Timestamp>,
    /// Failures in a row, with the last reason.
    pub failing: Option<(u32, String)>,
}

/// Operations.
#[async_trait]
pub trait Operations: Send + Sync + 'static {
    /// The definition in force.
    fn definition(&self) -> Arc<Definition> {
        Arc::clone(&self.plan().definition)
    }

    /// The plan in force.
    fn plan(&self) -> Arc<Plan>;

    /// Reads the definition file again and puts it in force, or changes nothing. Without a file, the
    /// definition of the data stays in force. That of another game is refused unless `replace_game`
    /// says that it is meant.
    async fn reload(&self, replace_game: bool) -> Result<Reloaded, OperationError>;

    /// What a reload would change now. Reads only.
    async fn preview_reload(&self) -> Result<Vec<Change>, OperationError>;

    /// Holds back the events of a class in the queue, or of all classes, on every node and across
    /// restarts; accepting goes on. Conflict without a queue.
    async fn pause(&self, class: Option<Class>) -> Result<(), OperationError>;

    /// Ends a pause.
    async fn resume(&self, class: Option<Class>) -> Result<(), OperationError>;

    /// The other nodes on the same database, as this one last heard of them.
    fn other_nodes(&self) -> Vec<Node> {
        Vec::new()
    }

    /// Compares the boards that this node holds in memory with the store, and loads those anew that
    /// differ. Lists at most `list` differences of each.
    async fn compare_boards(&self, list: usize) -> Result<Vec<Comparison>, OperationError>;

    /// Starts to fill projections from history in the background. Conflict while one runs.
    async fn rebuild(&self, scope: RebuildScope) -> Result<(), OperationError>;

    /// How the rebuild is going.
    fn rebuild_status(&self) -> RebuildStatus;

    /// Applies dead events that fit again, at most `limit`.
    async fn retry_dead(&self, filter: DeadFilter, limit: usize)
    -> Result<Retried, OperationError>;

    /// Checks quarantined events that fit again under the definition in force and applies those
    /// that pass.
    async fn requeue_quarantined(
        &self,
        filter: QuarantineFilter,
    ) -> Result<Requeued, OperationError>;

    /// Creates a tournament. Conflict if the id is taken.
    async fn create_tournament(
        &self,
        wanted: ExtraTournament,
    ) -> Result<Tournament, OperationError>;

    /// Cancels a tournament.
    async fn cancel_tournament(&self, id: &str) -> Result<Tournament, OperationError>;

    /// Ends a running tournament now.
    async fn end_tournament(&self, id: &str) -> Result<Tournament, OperationError>;

    /// Why the time is not trusted, if it is not.
    fn clock_doubt(&self) -> Option<Doubt>;

    /// Trusts the clock, on every node. Answers the time since, or `None` where nobody doubted it.
    async fn trust_clock(&self) -> Result<Option<Timestamp>, OperationError>;

    /// Makes events not count, or count again. Each player is one step, and what was done already is not
    /// done again.
    async fn void(&self, order: VoidOrder, act: Act) -> Result<Voided, OperationError>;

    /// Moves a player to another id: from now on the two are one.
    async fn move_player(&self, joining: Joining, act: Act) -> Result<Joined, OperationError>;

    /// Accepts or refuses events that wait for review. Each player is one step, and what was decided so already is
    /// not decided again. Answers how many entries changed.
    async fn decide_reviews(&self, order: ReviewOrder, act: Act) -> Result<u64, OperationError>;

    /// Removes for good what nobody needs, and gives the space back to the disk.
    async fn make_room(&self, order: RoomOrder) -> Result<RoomMade, OperationError>;

    /// What is set aside, as far as this node knows.
    fn set_aside(&self) -> SetAsideFigures;

    /// The background jobs.
    fn jobs(&self) -> Vec<JobFigures>;

    /// From the receipt of events to their being on the boards of the node that applied them, since
    /// this node started. Replayed events are left out.
    fn freshness(&self) -> Latencies {
        Latencies::default()
    }
}

//! The way in: what a request's events pass through until they are durable.
//!
//! Two implementations exist: direct (group commit into the store) and the Redis queue. Neither
//! answers before every event it accepted would survive the death of any process.

use async_trait::async_trait;

use crate::error::ErrorKind;
use crate::event::{Event, Rejected};
use crate::queue::loss::Losses;
use crate::queue::{ByClass, ClassFigures};
use crate::time::Timestamp;

/// What one request brings.
#[derive(Debug, Clone, Default)]
pub struct Submission {
    /// The events that passed validation.
    pub events: Vec<Event>,
    /// The events that did not pass validation; they are kept in quarantine.
    pub rejected: Vec<Rejected>,
}

/// The proof that a submission is durable. Intakes build it after the commit, nothing else may.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// Events that were accepted: applied, found to be duplicates, queued, or put among the dead
    /// with a visible reason.
    pub accepted: usize,
    /// Events that were kept in quarantine, conflicting ones among them.
    pub quarantined: usize,
    /// Places in [`Submission::events`] of those that conflict with another event of their player
    /// and are kept in quarantine. Always empty where the answer comes before the commit.
    pub conflicting: Vec<usize>,
}

/// Why a submission was not taken. Nothing of it was stored as far as can be known; sending it
/// again is always safe.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IntakeError {
    /// More is waiting than may wait.
    #[error("too many events are waiting to be stored; try again in {retry_after_s} s")]
    Overloaded {
        /// When to try again, in seconds.
        retry_after_s: u32,
    },
    /// There is no durable place for events right now.
    #[error("events cannot be stored right now: {reason}")]
    Unavailable {
        /// Why, for people.
        reason: String,
        /// When to try again, in seconds.
        retry_after_s: u32,
    },
    /// The server is shutting down.
    #[error("the server is shutting down")]
    ShuttingDown,
}

impl IntakeError {
    /// What kind of trouble it is: always one that passes.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Busy
    }

    /// When to try again, in seconds.
    pub fn retry_after_s(&self) -> u32 {
        match self {
            Self::Overloaded { retry_after_s } | Self::Unavailable { retry_after_s, .. } => {
                *retry_after_s
            }
            Self::ShuttingDown => 1,
        }
    }
}

/// How intake is doing. All figures are kept as they change; reading them costs nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct IntakeFigures {
    /// `direct` or `redis`.
    pub mode: &'static str,
    /// Events of each class waiting to be applied.
    pub waiting_by_class: ByClass<u64>,
    /// Events being applied now.
    pub active: u64,
    /// Events waiting for another attempt.
    pub delayed: u64,
    /// Events applied since the process started, duplicates included.
    pub completed: u64,
    /// Events found to be duplicates since the process started.
    pub duplicates: u64,
    /// How many workers apply events.
    pub workers: u32,
    /// Events per second that the workers manage when they are busy, measured over the last
    /// minute; `None` while nothing was measured.
    pub capacity_per_second: Option<f64>,
    /// The share of the workers' time that was busy over the last minute, in percent.
    pub current_load_percent: f64,
    /// When the oldest event that is not settled was received.
    pub oldest_waiting: Option<Timestamp>,
    /// Whether an operator has paused each class.
    pub paused: ByClass<bool>,
    /// Why intake does not accept events, while it does not.
    pub refusing: Option<String>,
    /// The state of the queue; `None` where there is none.
    pub queue: Option<QueueLink>,
}

/// The state of the queue, as a node sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueLink {
    /// Why events go to the store directly, while they do.
    pub away: Option<String>,
    /// Whether it belongs to another database, and serves this one in no way.
    pub foreign: bool,
    /// Why the workers claim nothing, while they do not.
    pub held_up: Option<String>,
    /// Why it may lose accepted events, where an operator accepts that.
    pub risks: Vec<String>,
    /// Each class of the queue.
    pub by_class: ByClass<ClassFigures>,
    /// What the queue lost without anybody taking it out, since it was first used.
    pub losses: Losses,
    /// The losses that this node noticed within the last day.
    pub recent_losses: Losses,
    /// Entries that were claimed again because their worker had not settled them in time.
    pub reclaimed: u64,
    /// Times that a worker came to settle what had gone to another.
    pub stale: u64,
}

/// How values are spread: how many lay at or under each bound.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    /// Each bound with the number of values at or under it that are above the bound before;
    /// ascending, the last bound is infinite.
    pub buckets: Vec<(f64, u64)>,
    /// All values added up.
    pub sum: f64,
}

/// How commits went since the process started.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CommitFigures {
    /// Events of one transaction.
    pub events: Histogram,
    /// Seconds that one transaction took.
    pub seconds: Histogram,
}

impl CommitFigures {
    /// Adds up the figures of two committers whose histograms have the same bounds.
    #[must_use]
    pub fn plus(mut self, other: &Self) -> Self {
        self.events.add(&other.events);
        self.seconds.add(&other.seconds);
        self
    }
}

impl Histogram {
    fn add(&mut self, other: &Self) {
        if self.buckets.is_empty() {
            self.clone_from(other);
            return;
        }
        assert!(
            self.buckets.len() == other.buckets.len() || other.buckets.is_empty(),
            "only histograms with the same bounds can be added up"
        );
        for ((_, count), (_, more)) in self.buckets.iter_mut().zip(&other.buckets) {
            *count += more;
        }
        self.sum += other.sum;
    }
}

/// A request on its way in. While it is held, nothing that ends before its receipt can close.
pub trait Arrival: Send + Sync {
    /// When the request was received.
    fn received_at(&self) -> Timestamp;
}

/// Takes submissions and makes them durable.
#[async_trait]
pub trait Intake: Send + Sync + 'static {
    /// Stamps a request with its receipt. The arrival is given to [`Intake::submit`], or dropped
    /// when the request comes to nothing.
    fn arrive(&self) -> Box<dyn Arrival>;

    /// Makes a submission durable. Cancelling the future does not take back what is under way.
    async fn submit(
        &self,
        arrival: Box<dyn Arrival>,
        submission: Submission,
    ) -> Result<Receipt, IntakeError>;

    /// The receipt of the oldest request or event that is not settled: nothing received before it
    /// is still waiting anywhere. `now` if nothing waits.
    fn watermark(&self) -> Timestamp;

    /// How intake is doing.
    fn figures(&self) -> IntakeFigures;

    /// How commits went; empty for an intake that does not commit itself.
    fn commits(&self) -> CommitFigures {
        CommitFigures::default()
    }
}

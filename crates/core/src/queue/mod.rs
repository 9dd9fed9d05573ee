//! The work queue between intake and workers: what waits is durable, in three classes, for any
//! number of nodes.
//!
//! Intake pushes one [`Parcel`] for each class of a submission. Workers claim parcels under a
//! lease, apply their events to the store, and settle them after the commit. Whatever happens in
//! between (a crash, a lost lease, a second delivery) only leads to events being applied again,
//! which changes nothing. So the queue promises *at least once*, and never less.
//!
//! A queue belongs to one database: that of the first node that used it. A node of another database is
//! refused ([`QueueError::Foreign`]), so that no event is ever committed to a database that it was not
//! sent to.
//!
//! The rules are pure and stand beside the trait: [`shares`], [`backoff`], [`admission`], [`loss`],
//! and the encoding of parcels in [`codec`]. `queue-redis` implements [`Queue`] on Redis, `testkit`
//! in memory, and both pass the suite `queue_conformance`.

pub mod admission;
pub mod backoff;
mod by_class;
pub mod codec;
mod figures;
pub mod loss;
mod parcel;
pub mod shares;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

pub use by_class::ByClass;
pub use figures::{Amount, ClassFigures, Memory, QueueFigures};
pub use parcel::{Parcel, parcels};

use crate::error::ErrorKind;
use crate::game::Class;
use crate::id::DatabaseId;
use crate::limits;
use crate::time::Timestamp;
use admission::Limits;
use shares::Shares;

/// Where accepted events wait for a worker. One value is one node's way to the queue; all nodes
/// share what is in it.
///
/// Times inside the queue (when a lease ends, when a retry is due) go by the clock of the queue
/// itself and are handed over as durations. So it does not matter how far the clocks of nodes are
/// apart. The receipts of events are the only times of nodes in it, and are compared, never added.
#[async_trait]
pub trait Queue: Send + Sync + 'static {
    /// Puts a parcel at the end of its class. It is durable when this answers; if this fails, it
    /// may be in the queue nevertheless, and pushing it again is safe.
    ///
    /// A submission of several classes is pushed least urgent first: that class is refused first,
    /// and then nothing of the submission is in the queue.
    async fn push(&self, class: Class, parcel: &Parcel) -> Result<()>;

    /// Leases parcels of about `events_max` events to this node, by the shares of the classes. The
    /// last parcel of each class may go beyond. Work whose lease ran out and work whose pause is
    /// over are among them; paused classes are not. Answers at once, with nothing if nothing waits.
    ///
    /// Do not cancel this future: parcels that a cancelled claim has leased lie idle until their
    /// lease runs out.
    async fn claim(&self, events_max: usize, shares: &Shares) -> Result<Vec<Leased>>;

    /// Waits until there may be something to claim, at most `longest`: until something is pushed or
    /// released, a retry is due or a class is resumed, also if that was since the last claim. Does
    /// not poll. May be cancelled.
    ///
    /// A lease that runs out need not end it. The next claim finds such work, so `longest` is also
    /// how late it may be noticed.
    async fn wait(&self, longest: Duration) -> Result<()>;

    /// Takes parcels out of the queue, after the commit that made their events durable elsewhere.
    /// Answers for each what became of it, in their order. Succeeds on a queue without any memory
    /// left. If it fails, some of them may be settled; settling them again is safe.
    async fn settle(&self, settled: &[Settled]) -> Result<Vec<Hold>>;

    /// Gives parcels up after an attempt that failed; they can be claimed again after `pause`, with
    /// one more attempt counted.
    async fn retry(&self, leases: &[Lease], pause: Duration) -> Result<Vec<Hold>>;

    /// Gives parcels up untried; they can be claimed again after `pause`. No attempt is counted: what
    /// this node cannot read, another may.
    async fn put_off(&self, leases: &[Lease], pause: Duration) -> Result<Vec<Hold>>;

    /// Gives parcels back untried: trouble of the infrastructure, or shutdown. They keep their
    /// place and can be claimed at once; no attempt is counted.
    async fn release(&self, leases: &[Lease]) -> Result<Vec<Hold>>;

    /// Starts leases afresh, for work that takes long. What is [`Hold::Taken`] or [`Hold::Gone`]
    /// need not be worked on.
    async fn extend(&self, leases: &[Lease]) -> Result<Vec<Hold>>;

    /// How long a lease lasts. Extend when half of it is over.
    fn lease(&self) -> Duration;

    /// Hands out nothing of a class from now on, on every node and across restarts. What is leased
    /// is finished, and pushing goes on.
    async fn pause(&self, class: Class) -> Result<()>;

    /// Ends a pause.
    async fn resume(&self, class: Class) -> Result<()>;

    /// How the queue is doing, in constant time however much waits.
    async fn figures(&self) -> Result<QueueFigures>;

    /// The oldest receipt of an event that is not settled, be it waiting, leased or delayed; `None`
    /// if there is none. Never later than the truth.
    ///
    /// A submission on its way here is not in it: ask for the watermarks of the intakes first and
    /// for this one afterwards. The other way round, a parcel could slip through between the two.
    async fn watermark(&self) -> Result<Option<Timestamp>>;

    /// What speaks against trusting this queue with events. Nothing, if it is set up well.
    async fn preflight(&self) -> Result<Vec<Objection>>;

    /// Whether the queue answers and can be written to.
    async fn ping(&self) -> Result<()>;

    /// The database that the queue belongs to; `None` while no node has used it. Changes nothing.
    async fn owner(&self) -> Result<Option<DatabaseId>>;

    /// Makes the queue belong to the database of this node, with all that waits in it. The nodes of
    /// the former one are refused from then on. Only ever done for an operator who asks for it.
    async fn adopt(&self) -> Result<()>;
}

/// What every queue method answers.
pub type Result<T> = std::result::Result<T, QueueError>;

/// A parcel handed to a node for the time of a lease.
#[derive(Debug, Clone, PartialEq)]
pub struct Leased {
    /// What it holds.
    pub parcel: Parcel,
    /// How many attempts ended before this one without being settled or released: retries, and
    /// leases that ran out. A parcel that kills its worker gathers attempts by the latter, and must
    /// be taken apart once [`backoff::RetryRule::attempts_max`] are over.
    pub attempts: u32,
    /// The right to settle it.
    pub lease: Lease,
}

/// The right to settle, retry, release or extend one delivery of a parcel. Once the parcel is
/// delivered to somebody else, this one is void.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The class of the parcel.
    pub class: Class,
    /// The queue's own name for the parcel.
    pub id: Arc<str>,
    /// Which delivery of the parcel it is.
    pub delivery: u32,
    /// How many events the parcel holds.
    pub events: u32,
}

/// A parcel whose events are durable elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The right to settle it.
    pub lease: Lease,
    /// How many of its events could not be applied and are among the dead.
    pub dead: u32,
}

/// Who held a parcel when its lease was to be settled, retried, released or extended. That was done
/// only if the caller held the parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hold {
    /// The caller's.
    Held,
    /// Somebody else's: the lease ran out and the parcel was delivered again. Its new owner finds
    /// duplicates and settles it. Counted as stale in the figures.
    Taken,
    /// Nobody's: it is settled, given up for a retry, or was lost.
    Gone,
}

/// How a node uses the queue. All nodes should use the same values.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueSettings {
    /// The database whose events it brings and applies.
    pub database: DatabaseId,
    /// How long a lease lasts.
    pub lease: Duration,
    /// How much may wait.
    pub limits: Limits,
}

impl QueueSettings {
    /// The usual settings of the nodes of a database.
    pub fn of(database: DatabaseId) -> Self {
        let lease = Duration::from_millis(limits::QUEUE_LEASE_MS);
        Self { database, lease, limits: Limits::default() }
    }
}

/// Something that speaks against a queue, in words for its operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// What it is about.
    pub about: ObjectionKind,
    /// What is wrong and what to do.
    pub message: String,
}

/// What an objection is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObjectionKind {
    /// The queue forgets what it holds when its server stops.
    Volatile,
    /// The queue answers before what it was given is on its disk.
    Unsynced,
    /// The queue throws away what it holds when memory is short.
    Evicting,
    /// The server is too old.
    TooOld,
    /// The server takes no writes, for example because it is a replica.
    ReadOnly,
    /// The queue belongs to another database.
    Foreign,
}

impl Objection {
    /// That the queue belongs to another database than the node's `own`.
    pub fn foreign(owner: DatabaseId, own: DatabaseId) -> Self {
        let message = QueueError::Foreign { owner, own }.to_string();
        Self { about: ObjectionKind::Foreign, message }
    }
}

impl ObjectionKind {
    /// The objections that an operator may accept. Any other makes the queue unusable.
    pub const ACCEPTABLE: [Self; 3] = [Self::Volatile, Self::Unsynced, Self::Evicting];

    /// Whether an operator who accepts the objections `accepted` accepts this one as well.
    /// Accepting that the queue forgets everything includes accepting that it forgets a part.
    pub fn is_accepted_by(self, accepted: &[Self]) -> bool {
        let is = |one: &Self| *one == self || (self, *one) == (Self::Unsynced, Self::Volatile);
        Self::ACCEPTABLE.contains(&self) && accepted.iter().any(is)
    }

    /// The word for it in settings and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Volatile => "volatile",
            Self::Unsynced => "unsynced",
            Self::Evicting => "evicting",
            Self::TooOld => "too_old",
            Self::ReadOnly => "read_only",
            Self::Foreign => "foreign",
        }
    }
}

/// Why a queue did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// More of the class waits than may. Other, more urgent classes may still be taken.
    #[error("the queue takes no more {} events: {reason}", .class.as_str())]
    Overloaded {
        /// The class that is full.
        class: Class,
        /// Which limit was reached.
        reason: String,
    },
    /// The queue is out of reach, starting up, or failing over.
    #[error("the queue cannot be reached: {0}")]
    Unreachable(String),
    /// The queue answers but cannot keep what it is given: it is a replica, or cannot write to its
    /// disk.
    #[error("the queue cannot keep events: {0}")]
    NotDurable(String),
    /// The queue belongs to another database. Nothing was put into it or taken out of it.
    #[error(
        "the queue belongs to the database {owner}, and this node's is {own}: set REDIS_URL to a Redis \
         of its own (another number at its end suffices); if that database is gone for good, 'scoreline \
         identity --adopt-queue' gives its queue to this one"
    )]
    Foreign {
        /// The database that it belongs to.
        owner: DatabaseId,
        /// The database of this node.
        own: DatabaseId,
    },
    /// Anything else that went wrong.
    #[error("the queue failed: {0}")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl QueueError {
    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Overloaded { .. } | Self::Unreachable(_) | Self::NotDurable(_) => ErrorKind::Busy,
            Self::Foreign { .. } => ErrorKind::Conflict,
            Self::Failed(_) => ErrorKind::Broken,
        }
    }

    /// Whether a breaker counts it: the server is in trouble. A queue that is full is not.
    pub fn is_trouble(&self) -> bool {
        !matches!(self, Self::Overloaded { .. })
    }
}

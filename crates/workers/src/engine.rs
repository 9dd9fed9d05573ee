//! What operations and background jobs both work with.
//!
//! The [`Engine`] lies below the operator, who is asked from outside, and the scheduler, which runs
//! by itself, so that neither knows the other. An operation that has changed something the jobs act
//! on wakes them here instead of doing their work.

use std::sync::Arc;

use scoreline_core::queue::Queue;
use scoreline_core::store::Store;
use scoreline_core::time::Clock;
use scoreline_ranking::Ranks;
use tokio::sync::Notify;

use crate::jobs::Jobs;
use crate::membership::Membership;
use crate::plan::PlanHandle;
use crate::rebuild::Rebuilder;
use crate::set_aside::SetAsideKeeper;
use crate::timekeeper::Timekeeper;

/// The parts that operations and background jobs share.
pub struct Engine {
    /// The database.
    pub(crate) store: Arc<dyn Store>,
    /// The plan in force.
    pub(crate) plans: Arc<PlanHandle>,
    /// The ranks.
    pub(crate) ranks: Arc<Ranks>,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// The same, with whether it is trusted.
    pub(crate) time: Arc<Timekeeper>,
    /// The queue, where there is one.
    pub(crate) queue: Option<Arc<dyn Queue>>,
    /// This node among others, where there may be others.
    pub(crate) membership: Option<Arc<Membership>>,
    /// Fills projections from history.
    pub(crate) rebuilder: Arc<Rebuilder>,
    /// Keeps what is set aside within its bounds.
    pub(crate) set_aside: Arc<SetAsideKeeper>,
    /// The outcomes of the background jobs.
    pub(crate) jobs: Jobs,
    /// Something changed that the quick jobs act on.
    pub(crate) changed: Notify,
}

impl Engine {
    /// Lets the quick jobs run now instead of at their next tick.
    pub(crate) fn wake_jobs(&self) {
        // One permit is kept for jobs that are running at this moment.
        self.changed.notify_one();
    }
}

//! The one way by which events reach the store and then the rank index.
//!
//! Intake, the queue's workers, replays of dead and of quarantined events all come through the
//! [`Applier`]. Any number of batches may be under way, here and on other nodes: the rank index takes
//! absolute standings with the version of their entry and passes over what is older than what it
//! holds, so it does not matter in which order commits are published.
//!
//! A process that dies between the two steps leaves the index behind the store. The memory index
//! dies with it; for one that lives elsewhere, the store answers the standings of duplicates too,
//! so the resend of the unanswered batch brings it up to date.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use scoreline_core::id::BoardKey;
use scoreline_core::rank::{RankError, RankIndex, Update};
use scoreline_core::store::{Applied, Batch, Store, StoreError};
use scoreline_core::time::Clock;
use tokio::task::JoinHandle;

use crate::plan::{PlanHandle, STALE_PLANS_MAX};

/// Applies batches.
pub struct Applier {
    store: Arc<dyn Store>,
    plans: Arc<PlanHandle>,
    publisher: Arc<Publisher>,
    clock: Arc<dyn Clock>,
}

/// A batch that is durable and not yet in the rank index.
pub(crate) struct Committed {
    applied: Applied,
    publisher: Arc<Publisher>,
}

/// Writes to the rank index.
struct Publisher {
    index: Arc<dyn RankIndex>,
    /// The index did not take the last standings. That is said when it begins and when it ends, not
    /// with every batch in between.
    is_refused: AtomicBool,
}

impl Applier {
    /// Applies by the plan of `plans` to `store`, then to `index`.
    pub fn new(
        store: Arc<dyn Store>,
        plans: Arc<PlanHandle>,
        index: Arc<dyn RankIndex>,
        clock: Arc<dyn Clock>,
    ) -> Arc<Self> {
        let publisher = Arc::new(Publisher { index, is_refused: AtomicBool::new(false) });
        Arc::new(Self { store, plans, publisher, clock })
    }

    /// Commits a batch and brings the ranks up to date. Both happen, or neither: a caller that goes
    /// away in between stops nothing.
    pub async fn apply(self: &Arc<Self>, batch: Batch) -> Result<Applied, StoreError> {
        let applier = Arc::clone(self);
        let work = async move { Ok(applier.committed(batch).await?.publish().await) };
        unless_panicked(tokio::spawn(work).await)
    }

    /// The first half of [`Applier::apply`]. Whoever calls this publishes what it answers.
    pub(crate) async fn commit(self: &Arc<Self>, batch: Batch) -> Result<Committed, StoreError> {
        let applier = Arc::clone(self);
        let work = async move { applier.committed(batch).await };
        unless_panicked(tokio::spawn(work).await)
    }

    /// Whether the store answers and can be written to.
    pub(crate) async fn probe(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }

    /// The plan in force.
    pub(crate) fn plans(&self) -> &PlanHandle {
        &self.plans
    }

    async fn committed(&self, batch: Batch) -> Result<Committed, StoreError> {
        let applied = self.apply_by_present_plan(batch).await?;
        Ok(Committed { applied, publisher: Arc::clone(&self.publisher) })
    }

    async fn apply_by_present_plan(&self, batch: Batch) -> Result<Applied, StoreError> {
        let mut plan = self.plans.current();
        for _ in 0..STALE_PLANS_MAX {
            let answer = self.store.apply(Arc::clone(&plan), batch.clone(), self.clock.now()).await;
            match answer {
                Err(StoreError::StalePlan) => plan = self.plans.after(&plan).await?,
                answer => return answer,
            }
        }
        Err(StoreError::StalePlan)
    }
}

impl Committed {
    /// What became of it.
    pub(crate) fn applied(&self) -> &Applied {
        &self.applied
    }

    /// Brings the ranks up to date. If the index does not take them it forgets the boards, and they
    /// are read from the store when next asked for: slow is better than wrong.
    pub(crate) async fn publish(self) -> Applied {
        let Self { mut applied, publisher } = self;
        if applied.touched.is_empty() {
            return applied;
        }
        let touched = Arc::new(std::mem::take(&mut applied.touched));
        publisher.publish(&touched).await;
        applied.touched = Arc::unwrap_or_clone(touched);
        applied
    }
}

impl Publisher {
    async fn publish(&self, touched: &Arc<Vec<Update>>) {
        let Err(error) = self.set(touched).await else {
            if self.is_refused.swap(false, Ordering::Relaxed) {
                tracing::info!("the rank index takes standings again");
            }
            return;
        };
        let is_news = !self.is_refused.swap(true, Ordering::Relaxed);
        let boards: BTreeSet<BoardKey> = touched.iter().map(|update| update.board).collect();
        let mut outdated = 0;
        for board in &boards {
            outdated += usize::from(self.forget(*board).await.is_err());
        }
        if is_news {
            tracing::warn!(
                ranks.boards = boards.len(),
                // Those that could not be unloaded yet either.
                ranks.outdated = outdated,
                ranks.error = %error,
                "the rank index does not take standings; boards that change meanwhile are read again"
            );
        }
    }

    /// Writes in a task of its own: the batch is durable, so a panic in the index must not cost its
    /// senders their answer.
    async fn set(&self, touched: &Arc<Vec<Update>>) -> Result<(), RankError> {
        let (index, touched) = (Arc::clone(&self.index), Arc::clone(touched));
        or_unreachable(tokio::spawn(async move { index.set(&touched).await })).await
    }

    async fn forget(&self, board: BoardKey) -> Result<(), RankError> {
        let index = Arc::clone(&self.index);
        or_unreachable(tokio::spawn(async move { index.unload(board).await })).await
    }
}

/// What panics is out of reach.
async fn or_unreachable(work: JoinHandle<Result<(), RankError>>) -> Result<(), RankError> {
    work.await.unwrap_or_else(|panicked| Err(RankError::Unreachable(Box::new(panicked))))
}

/// Every event that dies shows in the log, once, with its reason.
pub(crate) fn log_dead(applied: &Applied) {
    for (key, reason) in &applied.dead {
        tracing::warn!(
            event.id = %key.id,
            event.time = %key.time,
            event.reason = %reason,
            "an event could not be applied and is dead"
        );
    }
}

/// A panic in a store costs its caller the answer, not the server its commit loop.
fn unless_panicked<T>(
    outcome: Result<Result<T, StoreError>, tokio::task::JoinError>,
) -> Result<T, StoreError> {
    outcome.unwrap_or_else(|error| Err(StoreError::Failed(Box::new(error))))
}

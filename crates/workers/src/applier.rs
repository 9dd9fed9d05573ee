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

use scoreline_core::id::BoardKey;
use scoreline_core::rank::{RankError, RankIndex, Update};
use scoreline_core::store::{Applied, Batch, Store, StoreError};
use scoreline_core::time::Clock;

use crate::plan::{PlanHandle, STALE_PLANS_MAX};

/// Applies batches.
pub struct Applier {
    store: Arc<dyn Store>,
    plans: Arc<PlanHandle>,
    index: Arc<dyn RankIndex>,
    clock: Arc<dyn Clock>,
}

/// A batch that is durable and not yet in the rank index.
pub(crate) struct Committed {
    applied: Applied,
    index: Arc<dyn RankIndex>,
}

impl Applier {
    /// Applies by the plan of `plans` to `store`, then to `index`.
    pub fn new(
        store: Arc<dyn Store>,
        plans: Arc<PlanHandle>,
        index: Arc<dyn RankIndex>,
        clock: Arc<dyn Clock>,
    ) -> Arc<Self> {
        Arc::new(Self { store, plans, index, clock })
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
        Ok(Committed { applied, index: Arc::clone(&self.index) })
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
        let Self { mut applied, index } = self;
        if applied.touched.is_empty() {
            return applied;
        }
        let touched = Arc::new(std::mem::take(&mut applied.touched));
        if let Err(error) = set(&index, &touched).await {
            let boards: BTreeSet<BoardKey> = touched.iter().map(|update| update.board).collect();
            tracing::warn!(
                ranks.boards = boards.len(),
                ranks.error = %error,
                "the rank index did not take the standings of a batch; its boards are read again"
            );
            for board in boards {
                forget(&index, board).await;
            }
        }
        applied.touched = Arc::unwrap_or_clone(touched);
        applied
    }
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

/// Writes to the index, in a task of its own: the batch is durable, so a panic in the index must
/// not cost its senders their answer.
async fn set(index: &Arc<dyn RankIndex>, touched: &Arc<Vec<Update>>) -> Result<(), RankError> {
    let (index, touched) = (Arc::clone(index), Arc::clone(touched));
    tokio::spawn(async move { index.set(&touched).await })
        .await
        .unwrap_or_else(|panicked| Err(RankError::Unreachable(Box::new(panicked))))
}

async fn forget(index: &Arc<dyn RankIndex>, board: BoardKey) {
    let index = Arc::clone(index);
    let forgotten = tokio::spawn(async move { index.unload(board).await })
        .await
        .unwrap_or_else(|panicked| Err(RankError::Unreachable(Box::new(panicked))));
    if let Err(error) = forgotten {
        tracing::error!(
            ranks.slot = board.slot.0,
            ranks.error = %error,
            "a board with outdated ranks could not be unloaded"
        );
    }
}

/// A panic in a store costs its caller the answer, not the server its commit loop.
fn unless_panicked<T>(
    outcome: Result<Result<T, StoreError>, tokio::task::JoinError>,
) -> Result<T, StoreError> {
    outcome.unwrap_or_else(|error| Err(StoreError::Failed(Box::new(error))))
}

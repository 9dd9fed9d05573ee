//! The one way by which events reach the store and then the boards of this node.
//!
//! Intake, the queue's workers, replays of dead and of quarantined events all come through the
//! [`Applier`]. Any number of batches may be under way, here and on other nodes: the boards take
//! absolute entries with their versions and pass over what is older than what they hold, so it does
//! not matter in which order commits are published. Other nodes hear of them through the change feed,
//! as this one would if it died between the commit and the publication.

use std::collections::BTreeSet;
use std::sync::Arc;

use parking_lot::Mutex;
use scoreline_core::id::BoardKey;
use scoreline_core::latency::Latencies;
use scoreline_core::store::{Applied, Batch, Store, StoreError};
use scoreline_core::time::{Clock, Timestamp};
use scoreline_ranking::Ranks;

use crate::plan::{PlanHandle, STALE_PLANS_MAX};
use crate::reviews::accept_followed;
use crate::set_aside::SetAsideKeeper;

/// Applies batches.
pub struct Applier {
    store: Arc<dyn Store>,
    plans: Arc<PlanHandle>,
    ranks: Arc<Ranks>,
    clock: Arc<dyn Clock>,
    set_aside: Arc<SetAsideKeeper>,
    freshness: Mutex<Latencies>,
}

/// A batch that is durable and not yet shown by the boards of this node.
pub(crate) struct Committed {
    applied: Applied,
    ranks: Arc<Ranks>,
}

impl Applier {
    /// Applies by the plan of `plans` to `store`, then shows it on the boards of `ranks`.
    pub fn new(
        store: Arc<dyn Store>,
        plans: Arc<PlanHandle>,
        ranks: Arc<Ranks>,
        clock: Arc<dyn Clock>,
        set_aside: Arc<SetAsideKeeper>,
    ) -> Arc<Self> {
        Arc::new(Self { store, plans, ranks, clock, set_aside, freshness: Mutex::default() })
    }

    /// Commits a batch and shows it on the boards. Both happen, or neither: a caller that goes
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

    /// Notes that events are on the boards now: when they were received, and how many at a time.
    pub(crate) fn shown(&self, received: impl Iterator<Item = (Timestamp, u64)>) {
        let now = self.clock.now();
        let mut freshness = self.freshness.lock();
        for (received_at, events) in received {
            freshness.observe(now.ms_since(received_at) as f64 / 1_000.0, events);
        }
    }

    /// How long it took from the receipt of events to the boards.
    pub(crate) fn freshness(&self) -> Latencies {
        self.freshness.lock().clone()
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
        if !applied.followed.is_empty() {
            let (store, plans, followed) = (&*self.store, &self.plans, &applied.followed);
            if let Err(error) = accept_followed(store, plans, followed, self.clock.now()).await {
                tracing::warn!(
                    store.error = %error,
                    events = applied.followed.len(),
                    "events whose beginnings came later wait for an operator"
                );
            }
        }
        Ok(Committed { applied, ranks: Arc::clone(&self.ranks) })
    }

    async fn apply_by_present_plan(&self, batch: Batch) -> Result<Applied, StoreError> {
        let mut plan = self.plans.current();
        for _ in 0..STALE_PLANS_MAX {
            let answer = self.store.apply(Arc::clone(&plan), batch.clone(), self.clock.now()).await;
            match answer {
                Err(StoreError::StalePlan) => plan = self.plans.after(&plan).await?,
                Ok(applied) => {
                    self.set_aside.after(&batch, &applied).await;
                    return Ok(applied);
                }
                Err(error) => return Err(error),
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

    /// Shows it on the boards of this node. In a task of its own: the batch is durable, so a panic
    /// there must not cost its senders their answer. Boards that may be torn are read again then.
    pub(crate) async fn publish(self) -> Applied {
        let Self { applied, ranks } = self;
        if applied.told.is_none() {
            return applied;
        }
        let applied = Arc::new(applied);
        let (shown, shower) = (Arc::clone(&applied), Arc::clone(&ranks));
        if let Err(panicked) = tokio::spawn(async move { shower.publish(&shown).await }).await {
            tracing::error!(ranks.error = %panicked, "boards could not show a batch");
            let boards: BTreeSet<BoardKey> = applied.updates().map(|one| one.board).collect();
            for board in boards {
                ranks.boards().unload(board).await;
            }
        }
        Arc::unwrap_or_clone(applied)
    }
}

/// Events that die show in the log, once a batch, with the first of them and its reason. The list of the
/// dead has them all.
pub(crate) fn log_dead(applied: &Applied) {
    if let Some((key, reason)) = applied.dead.first() {
        tracing::warn!(
            events.dead = applied.dead.len(),
            event.id = %key.id,
            event.player = %key.player,
            event.reason = %reason,
            "events could not be applied and are dead; this is the first of them"
        );
    }
}

/// Clients that give ids out twice show in the log, once a batch.
pub(crate) fn log_conflicting(applied: &Applied) {
    if !applied.conflicting.is_empty() {
        tracing::warn!(
            events.conflicting = applied.conflicting.len(),
            "events have ids that belong to other events of their players; they are in quarantine"
        );
    }
}

/// A panic in a store costs its caller the answer, not the server its commit loop.
fn unless_panicked<T>(
    outcome: Result<Result<T, StoreError>, tokio::task::JoinError>,
) -> Result<T, StoreError> {
    outcome.unwrap_or_else(|error| Err(StoreError::Failed(Box::new(error))))
}

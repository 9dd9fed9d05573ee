//! Fills projections from history in the background, step by step, while events come in.
//!
//! Every step is one short transaction that notes how far it came, so a rebuild that is interrupted
//! goes on at the next start, and events wait for one step at most. The rows take the place of the
//! live ones only when they have caught up.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use scoreline_core::fold::{Plan, Projection, ProjectionKind};
use scoreline_core::id::{BoardKey, Slot};
use scoreline_core::limits::SCAN_EVENTS;
use scoreline_core::operations::{OperationError, RebuildScope, RebuildStatus};
use scoreline_core::rebuild;
use scoreline_core::store::{Progress, Store, StoreError};
use scoreline_core::time::Clock;
use scoreline_ranking::Ranks;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::plan::{PlanHandle, STALE_PLANS_MAX};

/// Failures in a row after which a rebuild gives up: with the pauses between them, after a minute.
const FAILURES_MAX: u32 = 32;
/// The pause after the first failure; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause. A database that is back must not be left waiting: players see a board that is
/// being filled.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Why a rebuild stopped.
#[derive(Debug, thiserror::Error)]
enum RebuildError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the server is shutting down; the rebuild goes on when it starts again")]
    Interrupted,
    #[error("the rebuild panicked: {0}")]
    Panicked(#[from] tokio::task::JoinError),
}

/// What a rebuild did.
struct Filled {
    /// How many projections were filled.
    filled: usize,
    /// Those that were retired before they were.
    retired: Vec<Projection>,
}

/// Runs one rebuild at a time.
pub(crate) struct Rebuilder {
    store: Arc<dyn Store>,
    plans: Arc<PlanHandle>,
    ranks: Arc<Ranks>,
    clock: Arc<dyn Clock>,
    status: Mutex<RebuildStatus>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Rebuilder {
    pub fn new(
        store: Arc<dyn Store>,
        plans: Arc<PlanHandle>,
        ranks: Arc<Ranks>,
        clock: Arc<dyn Clock>,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Arc<Self> {
        let status = Mutex::new(RebuildStatus::Idle);
        Arc::new(Self { store, plans, ranks, clock, status, tasks, stop })
    }

    /// How the rebuild is going.
    pub fn status(&self) -> RebuildStatus {
        self.status.lock().clone()
    }

    /// Starts to fill what `scope` asks for of the present plan. Conflict while another rebuild runs.
    pub async fn start(self: &Arc<Self>, scope: RebuildScope) -> Result<(), OperationError> {
        let plan = self.plans.follow().await?;
        self.fill_in_background(rebuild::chosen(&plan, &scope)?)
    }

    /// Goes on with the rebuilds that the last shutdown interrupted.
    pub fn resume(self: &Arc<Self>) -> Result<(), OperationError> {
        let plan = self.plans.current();
        let interrupted = rebuild::interrupted(&plan);
        if interrupted.is_empty() {
            return Ok(());
        }
        tracing::info!(rebuild.projections = interrupted.len(), "an interrupted rebuild goes on");
        self.fill_in_background(interrupted)
    }

    /// Fills these projections, one after the other. Conflict while another rebuild runs.
    fn fill_in_background(self: &Arc<Self>, wanted: Vec<Projection>) -> Result<(), OperationError> {
        {
            let mut status = self.status.lock();
            if matches!(*status, RebuildStatus::Running { .. }) {
                return Err(OperationError::RebuildRuns);
            }
            let since = self.clock.now();
            let progress = Progress::default();
            *status = RebuildStatus::Running { projections: names(&wanted), progress, since };
        }
        self.tasks.spawn(Arc::clone(self).run(wanted));
        Ok(())
    }

    async fn run(self: Arc<Self>, wanted: Vec<Projection>) {
        let worker = Arc::clone(&self);
        let outcome = tokio::spawn(async move { worker.fill_all(&wanted).await }).await;
        let at = self.clock.now();
        let status = match outcome.unwrap_or_else(|error| Err(error.into())) {
            Ok(Filled { retired, .. }) if !retired.is_empty() => {
                tracing::info!("a rebuild ended because what it filled is no longer wanted");
                RebuildStatus::Retired { projections: names(&retired), at }
            }
            Ok(Filled { filled, .. }) => {
                tracing::info!(rebuild.projections = filled, "a rebuild is finished");
                RebuildStatus::Finished { projections: filled, at }
            }
            Err(error) => {
                tracing::warn!(rebuild.error = %error, "a rebuild stopped before its end");
                RebuildStatus::Failed { reason: error.to_string(), at }
            }
        };
        *self.status.lock() = status;
    }

    async fn fill_all(&self, wanted: &[Projection]) -> Result<Filled, RebuildError> {
        let (mut filled, mut retired) = (0, Vec::new());
        for (n, projection) in wanted.iter().enumerate() {
            if let RebuildStatus::Running { projections, progress, .. } = &mut *self.status.lock() {
                *projections = names(&wanted[n..]);
                *progress = Progress::default();
            }
            let Some(slot) = self.fill(projection).await? else {
                retired.push(projection.clone());
                continue;
            };
            filled += 1;
            // If this fails, whoever applies next hears of the new plan.
            if let Err(error) = self.plans.follow().await {
                tracing::warn!(store.error = %error, "the plan after a rebuild could not be read");
            }
            self.move_ranks(projection.slot, slot).await;
        }
        while !self.stop.is_cancelled() && self.store.sweep_retired(SCAN_EVENTS).await? > 0 {
            tokio::task::yield_now().await;
        }
        Ok(Filled { filled, retired })
    }

    /// Fills one projection and answers its new slot; `None` if it was retired meanwhile.
    async fn fill(&self, projection: &Projection) -> Result<Option<Slot>, RebuildError> {
        let mut plan = self.plans.current();
        let mut slot = None;
        let (mut failures, mut stale) = (0, 0);
        while !self.stop.is_cancelled() {
            match self.fill_some(&plan, projection, &mut slot).await {
                Ok(progress) if progress.finished => return Ok(slot),
                Ok(progress) => {
                    (failures, stale) = (0, 0);
                    self.show(progress);
                }
                Err(StoreError::StalePlan) if stale < STALE_PLANS_MAX => {
                    stale += 1;
                    plan = self.plans.after(&plan).await?;
                }
                Err(StoreError::NotFound(_)) => return Ok(None),
                // The last step may have been committed though its answer was lost.
                Err(StoreError::NotFilling(_)) => match self.slot_of(projection).await? {
                    None => return Ok(None),
                    live if live == slot => return Ok(slot),
                    // A tournament that was cancelled keeps its rows, and is not filled any more.
                    Some(_) if self.is_abandoned(projection) => return Ok(None),
                    Some(_) => return Err(StoreError::NotFilling(projection.no).into()),
                },
                Err(error) if error.kind().may_retry() && failures < FAILURES_MAX => {
                    tracing::debug!(store.error = %error, "a step of a rebuild is tried again");
                    self.pause(pause_after(failures)).await;
                    failures += 1;
                }
                Err(error) => return Err(error.into()),
            }
            tokio::task::yield_now().await;
        }
        Err(RebuildError::Interrupted)
    }

    async fn fill_some(
        &self,
        plan: &Arc<Plan>,
        projection: &Projection,
        slot: &mut Option<Slot>,
    ) -> Result<Progress, StoreError> {
        if slot.is_none() {
            *slot = Some(self.store.start_fill(projection.no).await?);
        }
        self.store.fill_step(Arc::clone(plan), projection.no, SCAN_EVENTS).await
    }

    /// Where the live rows of a projection lie; nowhere if it was retired.
    async fn slot_of(&self, projection: &Projection) -> Result<Option<Slot>, StoreError> {
        let plan = self.plans.follow().await?;
        let now = plan.projections.iter().find(|one| one.no == projection.no);
        Ok(now.map(|now| now.slot))
    }

    /// Whether nothing fills a projection that is there: it can no longer be recomputed.
    fn is_abandoned(&self, projection: &Projection) -> bool {
        let plan = self.plans.current();
        let now = plan.projections.iter().find(|one| one.no == projection.no);
        now.is_some_and(|now| now.filling.is_none() && !plan.can_recompute(now))
    }

    fn show(&self, now: Progress) {
        if let RebuildStatus::Running { progress, .. } = &mut *self.status.lock() {
            *progress = now;
        }
    }

    async fn pause(&self, length: Duration) {
        tokio::select! {
            biased;
            () = tokio::time::sleep(length) => {}
            () = self.stop.cancelled() => {}
        }
    }

    /// Loads the new rows of the boards that are held, and forgets the old ones. What fails here is
    /// loaded when somebody asks.
    async fn move_ranks(&self, old: Slot, new: Slot) {
        let held = self.ranks.boards().loaded().into_iter().map(|(board, _)| board);
        for board in held.filter(|board| board.slot == old) {
            let moved = BoardKey { slot: new, period: board.period };
            if let Err(error) = self.ranks.ensure(moved).await {
                tracing::warn!(ranks.error = %error, "a rebuilt board could not be loaded yet");
            }
            self.ranks.boards().unload(board).await;
        }
    }
}

/// The pause after a failure that followed `failures` others.
fn pause_after(failures: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(failures)).min(LONGEST_PAUSE)
}

fn names(projections: &[Projection]) -> Vec<(ProjectionKind, Arc<str>)> {
    projections.iter().map(|one| (one.kind, Arc::clone(&one.name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rebuild_waits_longer_and_longer_but_never_long_and_gives_up_after_a_minute() {
        let pauses: Vec<Duration> = (0..FAILURES_MAX).map(pause_after).collect();
        assert_eq!(pauses[0], FIRST_PAUSE);
        assert_eq!(pauses[1], FIRST_PAUSE * 2);
        assert_eq!(pauses[FAILURES_MAX as usize - 1], LONGEST_PAUSE);
        let whole: Duration = pauses.iter().sum();
        assert!((50..=70).contains(&whole.as_secs()), "{whole:?}");
    }
}

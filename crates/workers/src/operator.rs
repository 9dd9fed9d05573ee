//! What operators can do while the server runs.
//!
//! [`Operator`] implements the operations of `scoreline-core`; each concern has its own file. All
//! of them are safe to repeat, and none keeps state that a restart would miss: what is under way is
//! noted in the store.

mod definition_file;
mod rebuild;
mod replay;
mod series;
mod tournaments;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::fold::{Plan, Projection};
use scoreline_core::game::Class;
use scoreline_core::nodes::Node;
use scoreline_core::operations::{
    ExtraTournament, JobFigures, OperationError, Operations, RebuildScope, RebuildStatus, Reloaded,
    Requeued, Retried,
};
use scoreline_core::queue::Queue;
use scoreline_core::store::{DeadFilter, QuarantineFilter, Store, StoreError};
use scoreline_core::time::{Clock, Timestamp};
use scoreline_core::tournament::Tournament;
use scoreline_ranking::Ranks;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::applier::Applier;
use crate::jobs::{JobError, Jobs};
use crate::membership::Membership;
use crate::plan::PlanHandle;
use crate::scheduler;
pub(crate) use definition_file::{DefinitionFileError, read_definition};
use rebuild::Rebuilder;
pub(crate) use rebuild::{can_be_filled, is_incomplete};

/// Does what operators ask for.
pub struct Operator {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) plans: Arc<PlanHandle>,
    pub(crate) ranks: Arc<Ranks>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) jobs: Jobs,
    pub(crate) membership: Option<Arc<Membership>>,
    queue: Option<Arc<dyn Queue>>,
    applier: Arc<Applier>,
    rebuilder: Arc<Rebuilder>,
    definition_file: Option<PathBuf>,
    reloading: Mutex<()>,
}

/// What an [`Operator`] works with.
pub struct Tools {
    /// The database.
    pub store: Arc<dyn Store>,
    /// The plan in force.
    pub plans: Arc<PlanHandle>,
    /// The ranks.
    pub ranks: Arc<Ranks>,
    /// Applies what is replayed.
    pub applier: Arc<Applier>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The definition file; `None` is the compiled-in sample.
    pub definition_file: Option<PathBuf>,
    /// The queue, where there is one.
    pub queue: Option<Arc<dyn Queue>>,
    /// This node among others, where there may be others.
    pub membership: Option<Arc<Membership>>,
    /// Where background work is entered.
    pub tasks: TaskTracker,
    /// Ends background work between two steps.
    pub stop: CancellationToken,
}

impl Operator {
    /// An operator with these tools.
    pub fn new(tools: Tools) -> Arc<Self> {
        let Tools { store, plans, ranks, applier, clock, definition_file, tasks, stop, .. } = tools;
        let (queue, membership) = (tools.queue, tools.membership);
        let rebuilder = Rebuilder::new(
            Arc::clone(&store),
            Arc::clone(&plans),
            Arc::clone(&ranks),
            Arc::clone(&clock),
            tasks,
            stop,
        );
        let jobs = Jobs::new(&scheduler::JOBS);
        let reloading = Mutex::new(());
        Arc::new(Self {
            store,
            plans,
            ranks,
            clock,
            jobs,
            membership,
            queue,
            applier,
            rebuilder,
            definition_file,
            reloading,
        })
    }

    /// Creates the tournaments of now and next of every series that do not exist yet.
    pub(crate) async fn create_series_tournaments(&self, now: Timestamp) -> Result<(), JobError> {
        series::create_missing(&*self.store, &self.plans, now).await
    }

    /// Goes on with the rebuilds that the last shutdown interrupted.
    pub(crate) fn resume_rebuilds(&self) -> Result<(), OperationError> {
        let plan = self.plans.current();
        let interrupted = |projection: &&Projection| {
            projection.filling.is_some() && can_be_filled(&plan, projection)
        };
        let interrupted: Vec<_> = plan.projections.iter().filter(interrupted).cloned().collect();
        if interrupted.is_empty() {
            return Ok(());
        }
        tracing::info!(rebuild.projections = interrupted.len(), "an interrupted rebuild goes on");
        self.rebuilder.start(interrupted)
    }

    fn queue(&self) -> Result<&Arc<dyn Queue>, OperationError> {
        self.queue.as_ref().ok_or_else(|| {
            OperationError::Conflict(
                "there is no queue: events are applied before they are acknowledged".to_owned(),
            )
        })
    }

    async fn tournament(&self, id: &str) -> Result<Tournament, OperationError> {
        let found = self.store.tournament(Arc::from(id)).await?;
        Ok(found.ok_or_else(|| StoreError::NotFound(format!("tournament {id}")))?)
    }

    /// Fetches the plan after a change that is done already; if that fails, whoever applies next
    /// does it.
    async fn follow_own_change(&self) {
        if let Err(error) = self.plans.follow().await {
            tracing::warn!(store.error = %error, "the plan after a change could not be read yet");
        }
    }
}

#[async_trait]
impl Operations for Operator {
    fn plan(&self) -> Arc<Plan> {
        self.plans.current()
    }

    async fn reload(&self) -> Result<Reloaded, OperationError> {
        let _reloading = self.reloading.lock().await;
        let definition = read_definition(self.definition_file.as_deref()).await?;
        let before = self.plans.current();
        let changed = before.definition.source != definition.source;
        let now = self.clock.now();
        let adopted = self.plans.adopt(definition, now).await?;
        let incomplete = adopted.incomplete;
        tracing::info!(
            definition.changed = changed,
            definition.incomplete = incomplete.len(),
            "the game definition was read again"
        );
        // The definition is in force; what follows from it is also done by the jobs.
        let outcome = self.create_series_tournaments(now).await;
        self.jobs.record(scheduler::CREATE_TOURNAMENTS, now, outcome);
        let unforeseen = series::unforeseen(&self.plans.current(), now);
        if !unforeseen.is_empty() {
            tracing::warn!(
                tournament.ids = ?unforeseen,
                "these tournaments were created ahead and are no longer in the definition; cancel \
                 them if they shall not run"
            );
        }
        let outcome = scheduler::load_current_boards(self, now).await;
        self.jobs.record(scheduler::KEEP_RANKS, now, outcome);
        Ok(Reloaded { changed, incomplete })
    }

    async fn pause(&self, class: Option<Class>) -> Result<(), OperationError> {
        let queue = self.queue()?;
        for class in Class::ALL.into_iter().filter(|one| class.is_none_or(|class| class == *one)) {
            queue.pause(class).await?;
            tracing::warn!(
                queue.class = class.as_str(),
                "an operator holds back a class of events"
            );
        }
        Ok(())
    }

    async fn resume(&self, class: Option<Class>) -> Result<(), OperationError> {
        let queue = self.queue()?;
        for class in Class::ALL.into_iter().filter(|one| class.is_none_or(|class| class == *one)) {
            queue.resume(class).await?;
            tracing::info!(queue.class = class.as_str(), "a class of events is applied again");
        }
        Ok(())
    }

    fn other_nodes(&self) -> Vec<Node> {
        self.membership.as_ref().map(|membership| membership.others()).unwrap_or_default()
    }

    async fn rebuild(&self, scope: RebuildScope) -> Result<(), OperationError> {
        let plan = self.plans.follow().await?;
        self.rebuilder.start(rebuild::chosen(&plan, scope)?)
    }

    fn rebuild_status(&self) -> RebuildStatus {
        self.rebuilder.status()
    }

    async fn retry_dead(
        &self,
        filter: DeadFilter,
        limit: usize,
    ) -> Result<Retried, OperationError> {
        self.replay_dead(filter, limit).await
    }

    async fn requeue_quarantined(
        &self,
        filter: QuarantineFilter,
    ) -> Result<Requeued, OperationError> {
        self.replay_quarantine(filter).await
    }

    async fn create_tournament(
        &self,
        wanted: ExtraTournament,
    ) -> Result<Tournament, OperationError> {
        let plan = self.plans.current();
        let new = tournaments::checked(wanted, &plan.definition, self.clock.now())?;
        let id = Arc::clone(&new.id);
        if !self.store.create_tournament(new).await? {
            return Err(OperationError::Conflict(format!("tournament {id} exists already")));
        }
        self.follow_own_change().await;
        tracing::info!(tournament.id = %id, "a tournament was created by an operator");
        self.tournament(&id).await
    }

    async fn cancel_tournament(&self, id: &str) -> Result<Tournament, OperationError> {
        self.store.cancel_tournament(Arc::from(id), self.clock.now()).await?;
        self.follow_own_change().await;
        tracing::info!(tournament.id = id, "a tournament was cancelled by an operator");
        self.tournament(id).await
    }

    async fn end_tournament(&self, id: &str) -> Result<Tournament, OperationError> {
        self.store.end_tournament(Arc::from(id), self.clock.now()).await?;
        self.follow_own_change().await;
        tracing::info!(tournament.id = id, "a tournament was ended by an operator");
        self.tournament(id).await
    }

    fn jobs(&self) -> Vec<JobFigures> {
        self.jobs.figures()
    }
}

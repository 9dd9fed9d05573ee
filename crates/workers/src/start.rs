//! Brings the workers up in order, and takes them down again.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use scoreline_core::error::ErrorKind;
use scoreline_core::game::{ChoiceError, Mistake, choose};
use scoreline_core::intake::Intake;
use scoreline_core::limits::RETENTION_DAYS_MIN;
use scoreline_core::operations::Operations;
use scoreline_core::plural::counted;
use scoreline_core::store::{SetAsideMax, Store, StoreError};
use scoreline_core::time::{Clock, Timestamp};
use scoreline_ranking::{Ranks, RanksError};
use tokio::sync::Notify;
use tokio::time::timeout_at;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::applier::Applier;
use crate::definition_file::{self, DefinitionFileError};
use crate::direct::DirectIntake;
use crate::engine::Engine;
use crate::jobs::Jobs;
use crate::membership::{Membership, NodesSetup};
use crate::operator::Operator;
use crate::plan::PlanHandle;
use crate::queued::{QueueSetup, QueuedIntake};
use crate::rebuild::Rebuilder;
use crate::scheduler::Scheduler;
use crate::set_aside::SetAsideKeeper;
use crate::timekeeper::Timekeeper;

/// What the workers need.
pub struct Setup {
    /// The database, open and migrated.
    pub store: Arc<dyn Store>,
    /// The machine's clock. What the workers go by is [`Workers::clock`].
    pub clock: Arc<dyn Clock>,
    /// The definition file, read now and again on every reload; `None` goes on with the definition
    /// that the store keeps, or with the compiled-in sample where it keeps none.
    pub definition_file: Option<PathBuf>,
    /// Whether the file may be that of another game than the data.
    pub replace_game: bool,
    /// Days that raw events are kept: [`scoreline_core::limits::RETENTION_DAYS`] unless configured,
    /// at least [`RETENTION_DAYS_MIN`].
    pub retention_days: u32,
    /// How much may be set aside, and for how long.
    pub set_aside_max: SetAsideMax,
    /// How many transactions that apply events the store takes at once: 1 where there is one
    /// writer.
    pub transactions: NonZeroU32,
    /// The queue, where there is one.
    pub queue: Option<QueueSetup>,
    /// The nodes on the same database, where there may be others.
    pub nodes: Option<NodesSetup>,
    /// Whether the background jobs run by themselves. Command line tools that only replay or
    /// rebuild something switch them off.
    pub jobs: bool,
}

/// Why the workers did not start. Nothing runs then.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The definition file has mistakes.
    #[error("the game definition has {}:{}", counted(.0.len(), "mistake"), listed(.0))]
    Definition(Vec<Mistake>),
    /// The definition file cannot be read.
    #[error("the game definition cannot be read: {0}")]
    DefinitionFile(String),
    /// The definition is not the one of this data.
    #[error(transparent)]
    Choice(#[from] ChoiceError),
    /// Raw events would be removed while resends of them may still come.
    #[error("events must be kept for at least {RETENTION_DAYS_MIN} days, not {days}")]
    RetentionTooShort {
        /// What was configured.
        days: u32,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the nodes hold in memory could not be loaded.
    #[error(transparent)]
    Ranks(#[from] RanksError),
}

fn listed(mistakes: &[Mistake]) -> String {
    let lines: Vec<String> = mistakes.iter().map(|mistake| format!("\n  {mistake}")).collect();
    lines.concat()
}

impl StartError {
    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Definition(_) | Self::DefinitionFile(_) | Self::RetentionTooShort { .. } => {
                ErrorKind::Invalid
            }
            Self::Choice(error) => error.kind(),
            Self::Store(error) => error.kind(),
            Self::Ranks(error) => error.kind(),
        }
    }
}

impl From<DefinitionFileError> for StartError {
    fn from(error: DefinitionFileError) -> Self {
        match error {
            DefinitionFileError::Mistakes(mistakes) => Self::Definition(mistakes),
            DefinitionFileError::Unreadable(reason) => Self::DefinitionFile(reason),
        }
    }
}

/// How the shutdown went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// Whether every accepted submission was answered in time.
    pub intake_drained: bool,
    /// Whether the jobs and a rebuild came to rest in time. What was interrupted goes on at the
    /// next start.
    pub jobs_rested: bool,
}

/// The workers of a running server.
pub struct Workers {
    direct: Arc<DirectIntake>,
    queued: Option<Arc<QueuedIntake>>,
    engine: Arc<Engine>,
    operator: Arc<Operator>,
    scheduler: Arc<Scheduler>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Workers {
    /// Where events go.
    pub fn intake(&self) -> Arc<dyn Intake> {
        match &self.queued {
            Some(queued) => Arc::clone(queued) as Arc<dyn Intake>,
            None => Arc::clone(&self.direct) as Arc<dyn Intake>,
        }
    }

    /// What operators can do.
    pub fn operations(&self) -> Arc<dyn Operations> {
        Arc::clone(&self.operator) as Arc<dyn Operations>
    }

    /// The time that counts: the machine's or the database's, as long as it is trusted.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.engine.clock)
    }

    /// The same, with whether it is trusted.
    pub fn timekeeper(&self) -> &Arc<Timekeeper> {
        &self.engine.time
    }

    /// The ranks, for readers.
    pub fn ranks(&self) -> Arc<Ranks> {
        Arc::clone(&self.engine.ranks)
    }

    /// The background jobs, to be run by hand where [`Setup::jobs`] is off.
    pub fn scheduler(&self) -> &Arc<Scheduler> {
        &self.scheduler
    }

    /// Stops everything in order within a deadline: new submissions are refused at once, what was
    /// accepted is committed and answered, jobs and rebuilds come to rest between two steps.
    ///
    /// Stop taking requests before this; repeating it changes nothing.
    pub async fn shutdown(&self, within: Duration) -> Stopped {
        let deadline = tokio::time::Instant::now() + within;
        // The jobs compete with the last submissions for the store, so they are told first.
        self.stop.cancel();
        self.tasks.close();
        let drained = timeout_at(deadline, async {
            // What the queue does not take any more still goes to the store.
            if let Some(queued) = &self.queued {
                queued.shutdown().await;
            }
            self.direct.shutdown().await;
        })
        .await;
        let rested = timeout_at(deadline, self.tasks.wait()).await;
        if let (Some(membership), Ok(())) = (&self.engine.membership, &drained) {
            let _ = timeout_at(deadline, membership.leave()).await;
        }
        let stopped = Stopped { intake_drained: drained.is_ok(), jobs_rested: rested.is_ok() };
        tracing::info!(
            shutdown.intake_drained = stopped.intake_drained,
            shutdown.jobs_rested = stopped.jobs_rested,
            "the workers have stopped"
        );
        stopped
    }
}

impl Workers {
    /// Reports to other nodes, and with `jobs` goes on with interrupted rebuilds and runs the jobs.
    async fn run_in_background(&self, jobs: bool, now: Timestamp) {
        if let Some(membership) = &self.engine.membership {
            self.tasks.spawn(Arc::clone(membership).run(self.stop.clone()));
        }
        if !jobs {
            self.tasks.spawn(follow(Arc::clone(&self.engine), self.stop.clone()));
            return;
        }
        if let Err(error) = self.engine.rebuilder.resume() {
            tracing::warn!(rebuild.error = %error, "an interrupted rebuild was not resumed");
        }
        let (time, store) = (Arc::clone(&self.engine.time), Arc::clone(&self.engine.store));
        self.tasks.spawn(time.run(store, self.stop.clone()));
        // The first tick before the first request: tournaments exist and ranks are loaded.
        self.scheduler.tick(now).await;
        self.tasks.spawn(follow(Arc::clone(&self.engine), self.stop.clone()));
        self.tasks.spawn(Arc::clone(&self.scheduler).run());
    }
}

/// Brings the workers up: puts the definition in force, creates the tournaments of now and next,
/// loads the ranks of everything current, resumes rebuilds that were interrupted, and starts the
/// intake and the jobs. Ready for requests when it answers.
pub async fn start(setup: Setup) -> Result<Workers, StartError> {
    let Setup { store, clock: system, definition_file, retention_days, .. } = setup;
    let Setup { transactions, queue, nodes, jobs, replace_game, set_aside_max, .. } = setup;
    if retention_days < RETENTION_DAYS_MIN {
        return Err(StartError::RetentionTooShort { days: retention_days });
    }
    let time = Timekeeper::new(system, nodes.as_ref().map(|setup| Arc::clone(&setup.nodes)));
    time.begin(&*store).await?;
    let clock = Arc::clone(&time) as Arc<dyn Clock>;
    let given = definition_file::read(definition_file.as_deref()).await?;
    let chosen = choose(store.definition().await?.as_deref(), given, replace_game)?;
    let (definition, origin) = (Arc::clone(chosen.definition()), chosen.origin());
    let now = clock.now();
    let (plans, adopted) = PlanHandle::adopt_first(Arc::clone(&store), definition, now).await?;
    tracing::info!(
        definition.game = %adopted.plan.definition.game.name,
        definition.origin = origin,
        definition.incomplete = adopted.incomplete.len(),
        "the game definition is in force"
    );
    let plans = Arc::new(plans);
    let ranks = Arc::new(Ranks::new(Arc::clone(&store), Arc::clone(&clock)));
    let set_aside = SetAsideKeeper::new(Arc::clone(&store), set_aside_max);
    let applier = Applier::new(
        Arc::clone(&store),
        Arc::clone(&plans),
        Arc::clone(&ranks),
        Arc::clone(&clock),
        Arc::clone(&set_aside),
    );
    let direct = DirectIntake::start(Arc::clone(&applier), Arc::clone(&clock), transactions);
    let membership = match nodes {
        Some(nodes) => Some(join(nodes, &time, &direct).await?),
        None => None,
    };
    let queued = match queue {
        Some(queue) => {
            let (direct, applier) = (Arc::clone(&direct), Arc::clone(&applier));
            Some(QueuedIntake::start(queue, direct, applier, Arc::clone(&clock)).await)
        }
        None => None,
    };
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let rebuilder = Rebuilder::new(
        Arc::clone(&store),
        Arc::clone(&plans),
        Arc::clone(&ranks),
        Arc::clone(&clock),
        tasks.clone(),
        stop.clone(),
    );
    let engine = Arc::new(Engine {
        store,
        plans,
        ranks,
        clock,
        time,
        queue: queued.as_ref().map(|queued| Arc::clone(queued.queue())),
        membership,
        rebuilder,
        set_aside,
        jobs: Jobs::new(),
        changed: Notify::new(),
    });
    let operator = Operator::new(Arc::clone(&engine), applier, definition_file, retention_days);
    let intake = Arc::clone(&direct) as Arc<dyn Intake>;
    let scheduler = Scheduler::new(Arc::clone(&engine), intake, retention_days, stop.clone());
    let workers = Workers { direct, queued, engine, operator, scheduler, tasks, stop };
    if jobs {
        // Before the boards are loaded: whatever is committed from now on is heard.
        workers.engine.ranks.catch_up().await?;
    }
    workers.run_in_background(jobs, now).await;
    Ok(workers)
}

/// Becomes one of the nodes: the others hear of this one before its first request.
async fn join(
    setup: NodesSetup,
    time: &Arc<Timekeeper>,
    direct: &Arc<DirectIntake>,
) -> Result<Arc<Membership>, StoreError> {
    let membership =
        Membership::new(setup, Arc::clone(time), Arc::clone(direct) as Arc<dyn Intake>);
    membership.report().await?;
    Ok(membership)
}

/// Keeps the boards of this node right until it is stopped, and lets the jobs run whenever somebody,
/// on whichever node, has changed what the plan is made of.
async fn follow(engine: Arc<Engine>, stop: CancellationToken) {
    let mut plan_changes = engine.ranks.plan_changes();
    let heed_plan = async {
        while plan_changes.changed().await.is_ok() {
            engine.wake_jobs();
        }
    };
    tokio::select! {
        biased;
        () = engine.ranks.follow() => {}
        () = heed_plan => {}
        () = stop.cancelled() => {}
    }
}

//! The background jobs: tournaments are created and closed, ranks kept in memory, old data removed.
//!
//! Every job decides from the store's state and the time, does nothing when nothing is due, and is
//! safe to repeat or to interrupt anywhere. [`Scheduler::tick`] and [`Scheduler::keep_house`] do all
//! that is due at a given time, so tests turn the clock instead of waiting. Outcomes are kept in
//! [`crate::jobs::Jobs`]: a job that fails is tried again and shows.

mod boards;
mod closing;
mod due;
mod retention;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use scoreline_core::intake::Intake;
use scoreline_core::limits::RANK_STAIRS_PREPARED_MS;
use scoreline_core::queue::Queue;
use scoreline_core::time::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::jobs::JobError;
use crate::membership::Membership;
use crate::operator::Operator;
pub(crate) use boards::load_current_boards;
use boards::{Keeper, current_boards};
use due::Due;

/// Notices what other processes changed.
const FOLLOW_PLAN: &str = "follow_plan";
/// Creates the tournaments of every series ahead of time.
pub(crate) const CREATE_TOURNAMENTS: &str = "create_tournaments";
/// Fills the boards of open tournaments that do not hold their history.
const FILL_TOURNAMENTS: &str = "fill_tournaments";
/// Seals and closes the tournaments that are over.
const CLOSE_TOURNAMENTS: &str = "close_tournaments";
/// Puts in order what nodes left behind that fell.
const BURY_FALLEN: &str = "bury_fallen";
/// Loads the ranks of what is current and forgets those nobody asks for.
pub(crate) const KEEP_RANKS: &str = "keep_ranks";
/// Loads the boards that readers asked for and that the index lacks.
const LOAD_RANKS: &str = "load_ranks";
/// Takes out of the index what makes the store rank fast while the index is away.
const PREPARE_RANKS: &str = "prepare_ranks";
/// Removes raw events after the retention.
const REMOVE_EVENTS: &str = "remove_events";
/// Removes figures that no answer needs any more.
const REMOVE_FIGURES: &str = "remove_figures";
/// Removes rows of projections that were retired.
const SWEEP_RETIRED: &str = "sweep_retired";

/// The names of all jobs.
pub(crate) const JOBS: [&str; 11] = [
    FOLLOW_PLAN,
    CREATE_TOURNAMENTS,
    FILL_TOURNAMENTS,
    CLOSE_TOURNAMENTS,
    BURY_FALLEN,
    KEEP_RANKS,
    LOAD_RANKS,
    PREPARE_RANKS,
    REMOVE_EVENTS,
    REMOVE_FIGURES,
    SWEEP_RETIRED,
];

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Between two ticks.
const TICK: Duration = Duration::from_millis(500);
/// Between two rounds of housekeeping; most find nothing due.
const HOUSE_TICK: Duration = Duration::from_secs(5);

/// Where events may still be on their way.
pub struct Settled {
    /// This node's intake.
    pub intake: Arc<dyn Intake>,
    /// This node among others, where there may be others.
    pub membership: Option<Arc<Membership>>,
    /// The queue, where there is one.
    pub queue: Option<Arc<dyn Queue>>,
}

impl Settled {
    /// Nothing received before this is still waiting anywhere.
    async fn until(&self) -> Result<Timestamp, JobError> {
        let intakes = match &self.membership {
            Some(membership) => membership.watermark().await?,
            None => self.intake.watermark(),
        };
        // Asked last: what the intakes have let go of by now is in the queue or settled.
        let waiting = match &self.queue {
            Some(queue) => queue.watermark().await?,
            None => None,
        };
        Ok(waiting.map_or(intakes, |oldest| oldest.min(intakes)))
    }
}

/// Runs the background jobs.
pub struct Scheduler {
    operator: Arc<Operator>,
    settled: Settled,
    retention_days: u32,
    stop: CancellationToken,
    keeper: tokio::sync::Mutex<Keeper>,
    prepare_ranks: Mutex<Due>,
    fill_again: Mutex<Due>,
    removal: Mutex<Due>,
    figures_removal: Mutex<Due>,
    sweep: Mutex<Due>,
}

impl Scheduler {
    /// Jobs around `operator`; `settled` tells when a tournament may close. `stop` ends them between
    /// two steps.
    pub fn new(
        operator: Arc<Operator>,
        settled: Settled,
        retention_days: u32,
        stop: CancellationToken,
    ) -> Arc<Self> {
        Arc::new(Self {
            operator,
            settled,
            retention_days,
            stop,
            keeper: tokio::sync::Mutex::default(),
            prepare_ranks: Mutex::new(Due::every(RANK_STAIRS_PREPARED_MS)),
            fill_again: Mutex::new(Due::every(MINUTE_MS)),
            removal: Mutex::new(Due::every(HOUR_MS)),
            figures_removal: Mutex::new(Due::every(HOUR_MS)),
            sweep: Mutex::new(Due::every(MINUTE_MS)),
        })
    }

    /// Runs until stopped.
    pub async fn run(self: Arc<Self>) {
        let quick = async {
            while !self.stop.is_cancelled() {
                self.tick(self.operator.clock.now()).await;
                self.pause(TICK).await;
            }
        };
        let slow = async {
            while !self.stop.is_cancelled() {
                self.keep_house(self.operator.clock.now()).await;
                self.pause(HOUSE_TICK).await;
            }
        };
        // Loading a large board takes long, and no tournament is to wait for it.
        let loading = async {
            while !self.stop.is_cancelled() {
                self.load_ranks(self.operator.clock.now()).await;
                self.pause(TICK).await;
            }
        };
        tokio::join!(quick, slow, loading);
    }

    /// Does everything quick that is due at `now`: follows the plan and keeps ranks, as every node
    /// does; creates, fills and closes tournaments, if that is this node's turn.
    pub async fn tick(self: &Arc<Self>, now: Timestamp) {
        self.job(FOLLOW_PLAN, now, |own| async move {
            own.operator.plans.follow().await?;
            Ok(())
        })
        .await;
        if self.has_turn().await {
            self.see_to_tournaments(now).await;
            self.job(BURY_FALLEN, now, |own| async move {
                match &own.settled.membership {
                    Some(membership) => membership.bury_fallen().await,
                    None => Ok(()),
                }
            })
            .await;
        }
        self.job(KEEP_RANKS, now, move |own| async move { own.keep_ranks(now).await }).await;
    }

    /// Loads what readers asked for and the index lacks; meanwhile the store answers them.
    pub async fn load_ranks(self: &Arc<Self>, now: Timestamp) {
        self.job(LOAD_RANKS, now, |own| async move {
            own.operator.ranks.load_missing().await?;
            Ok(())
        })
        .await;
    }

    async fn see_to_tournaments(self: &Arc<Self>, now: Timestamp) {
        self.job(CREATE_TOURNAMENTS, now, move |own| async move {
            own.operator.create_series_tournaments(now).await
        })
        .await;
        self.job(FILL_TOURNAMENTS, now, move |own| async move { own.fill_tournaments(now).await })
            .await;
        self.job(
            CLOSE_TOURNAMENTS,
            now,
            move |own| async move { own.close_tournaments(now).await },
        )
        .await;
    }

    /// Whether the jobs that one node does are this node's to do.
    async fn has_turn(&self) -> bool {
        match &self.settled.membership {
            Some(membership) => membership.takes_turn().await,
            None => true,
        }
    }

    /// Does everything slow that is due at `now`: prepares for ranks to go away, as every node does;
    /// removes old events, figures and retired rows, if that is this node's turn.
    pub async fn keep_house(self: &Arc<Self>, now: Timestamp) {
        let may_go_away = self.operator.ranks.index().is_shared();
        if may_go_away && self.prepare_ranks.lock().take(now) {
            self.job(PREPARE_RANKS, now, move |own| async move {
                let current = current_boards(&own.operator.plans.current(), now);
                own.operator.ranks.prepare_fallback(current).await;
                Ok(())
            })
            .await;
        }
        if !self.has_turn().await {
            return;
        }
        if self.removal.lock().take(now) {
            self.job(REMOVE_EVENTS, now, move |own| async move { own.remove_events(now).await })
                .await;
        }
        if self.figures_removal.lock().take(now) {
            self.job(REMOVE_FIGURES, now, move |own| async move { own.remove_figures(now).await })
                .await;
        }
        if self.sweep.lock().take(now) {
            self.job(SWEEP_RETIRED, now, |own| async move { own.sweep_retired().await }).await;
        }
    }

    /// Runs one job and notes its outcome. A panic is an outcome too.
    async fn job<W, F>(self: &Arc<Self>, name: &'static str, now: Timestamp, work: W)
    where
        W: FnOnce(Arc<Self>) -> F,
        F: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        let outcome = tokio::spawn(work(Arc::clone(self))).await;
        let outcome = outcome.unwrap_or_else(|error| Err(error.into()));
        self.operator.jobs.record(name, now, outcome);
    }

    async fn pause(&self, length: Duration) {
        tokio::select! {
            () = tokio::time::sleep(length) => {}
            () = self.stop.cancelled() => {}
        }
    }
}

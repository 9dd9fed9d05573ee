//! The background jobs: tournaments are created and closed, boards kept in memory, old data removed.
//!
//! Every job decides from the store's state and the time, does nothing when nothing is due, and is
//! safe to repeat or to interrupt anywhere. [`Scheduler::tick`] and [`Scheduler::keep_house`] do all
//! that is due at a given time, so tests turn the clock instead of waiting. Outcomes are kept by
//! `jobs.rs`: a job that fails is tried again and shows.

mod bans;
mod boards;
mod closing;
mod due;
mod erasing;
mod names;
mod retention;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use scoreline_core::intake::Intake;
use scoreline_core::time::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::engine::Engine;
use crate::jobs::{Job, JobError};
use crate::series;
use boards::Keeper;
use due::Due;

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Between two ticks.
const TICK: Duration = Duration::from_millis(500);
/// Between two looks for players who are to be erased.
const ERASURE_TICK: Duration = Duration::from_secs(1);
/// Between two rounds of housekeeping; most find nothing due.
const HOUSE_TICK: Duration = Duration::from_secs(5);

/// Runs the background jobs.
pub struct Scheduler {
    engine: Arc<Engine>,
    intake: Arc<dyn Intake>,
    retention_days: u32,
    stop: CancellationToken,
    keeper: tokio::sync::Mutex<Keeper>,
    fill_again: Mutex<Due>,
    removal: Mutex<Due>,
    figures_removal: Mutex<Due>,
    sweep: Mutex<Due>,
    set_aside: Mutex<Due>,
    space: Mutex<Due>,
    bindings: Mutex<Due>,
    names: Mutex<Due>,
    feed: Mutex<Due>,
}

impl Scheduler {
    /// Jobs that work with `engine`; no tournament closes before `intake` has settled what was
    /// received before its end. `stop` ends them between two steps.
    pub fn new(
        engine: Arc<Engine>,
        intake: Arc<dyn Intake>,
        retention_days: u32,
        stop: CancellationToken,
    ) -> Arc<Self> {
        Arc::new(Self {
            engine,
            intake,
            retention_days,
            stop,
            keeper: tokio::sync::Mutex::default(),
            fill_again: Mutex::new(Due::every(MINUTE_MS)),
            removal: Mutex::new(Due::every(HOUR_MS)),
            figures_removal: Mutex::new(Due::every(HOUR_MS)),
            sweep: Mutex::new(Due::every(MINUTE_MS)),
            set_aside: Mutex::new(Due::every(MINUTE_MS)),
            space: Mutex::new(Due::every(HOUR_MS)),
            bindings: Mutex::new(Due::every(24 * HOUR_MS)),
            names: Mutex::new(Due::every(MINUTE_MS)),
            feed: Mutex::new(Due::every(MINUTE_MS)),
        })
    }

    /// Runs until stopped.
    pub async fn run(self: Arc<Self>) {
        let quick = async {
            while !self.stop.is_cancelled() {
                self.tick(self.engine.clock.now()).await;
                tokio::select! {
                    biased;
                    () = self.pause(TICK) => {}
                    () = self.engine.changed.notified() => {}
                }
            }
        };
        let slow = async {
            while !self.stop.is_cancelled() {
                self.keep_house(self.engine.clock.now()).await;
                self.pause(HOUSE_TICK).await;
            }
        };
        let erasing = async {
            while !self.stop.is_cancelled() {
                self.see_to_erasures(self.engine.clock.now()).await;
                self.pause(ERASURE_TICK).await;
            }
        };
        tokio::join!(quick, slow, erasing);
    }

    /// Does everything quick that is due at `now`: follows the plan and keeps boards, as every node
    /// does; creates, fills and closes tournaments, if that is this node's turn.
    pub async fn tick(self: &Arc<Self>, now: Timestamp) {
        self.run_job(Job::FollowPlan, now, |own| async move {
            own.engine.plans.follow().await?;
            Ok(())
        })
        .await;
        if self.has_turn().await {
            // First: whoever is not banned any more wins what closes now.
            self.run_job(Job::LiftBans, now, move |own| async move { own.lift_bans(now).await })
                .await;
            self.see_to_tournaments(now).await;
            self.run_job(Job::BuryFallen, now, |own| async move {
                match &own.engine.membership {
                    Some(membership) => Ok(membership.bury_fallen().await?),
                    None => Ok(()),
                }
            })
            .await;
        }
        self.run_job(Job::KeepRanks, now, move |own| async move { own.keep_ranks(now).await })
            .await;
    }

    /// Begins and ends no tournament while the time is in doubt.
    async fn see_to_tournaments(self: &Arc<Self>, now: Timestamp) {
        if self.engine.time.trusted().is_some() {
            self.run_job(Job::CreateTournaments, now, move |own| async move {
                series::create_missing(&*own.engine.store, &own.engine.plans, now).await
            })
            .await;
        }
        self.run_job(Job::FillTournaments, now, move |own| async move {
            own.fill_tournaments(now).await
        })
        .await;
        if let Some(epoch) = self.engine.time.trusted() {
            self.run_job(Job::CloseTournaments, now, move |own| async move {
                own.close_tournaments(now, epoch).await
            })
            .await;
        }
    }

    /// Whether the jobs that one node does are this node's to do.
    async fn has_turn(&self) -> bool {
        match &self.engine.membership {
            Some(membership) => membership.takes_turn().await,
            None => true,
        }
    }

    /// Does everything slow that is due at `now`: removes old events, figures, retired rows and told
    /// changes, if that is this node's turn. What goes by age stays while the time is in doubt. Told
    /// changes go all the same: at worst other nodes load their boards anew.
    pub async fn keep_house(self: &Arc<Self>, now: Timestamp) {
        if !self.has_turn().await {
            return;
        }
        if self.engine.time.trusted().is_some() {
            self.remove_what_is_old(now).await;
        }
        self.run_due(
            |own| &own.sweep,
            Job::SweepRetired,
            now,
            |own| async move { own.sweep_retired().await },
        )
        .await;
        self.run_due(
            |own| &own.set_aside,
            Job::TrimSetAside,
            now,
            move |own| async move { own.trim_set_aside(now).await },
        )
        .await;
        self.run_due(
            |own| &own.names,
            Job::RenewNames,
            now,
            |own| async move { own.renew_names().await },
        )
        .await;
        self.run_due(
            |own| &own.space,
            Job::GiveSpaceBack,
            now,
            |own| async move { own.give_space_back().await },
        )
        .await;
        self.run_due(
            |own| &own.feed,
            Job::PruneFeed,
            now,
            |own| async move { Ok(own.engine.store.prune_feed().await?) },
        )
        .await;
    }

    async fn remove_what_is_old(self: &Arc<Self>, now: Timestamp) {
        self.run_due(
            |own| &own.removal,
            Job::RemoveEvents,
            now,
            move |own| async move { own.remove_events(now).await },
        )
        .await;
        self.run_due(
            |own| &own.figures_removal,
            Job::RemoveFigures,
            now,
            move |own| async move { own.remove_figures(now).await },
        )
        .await;
        self.run_due(
            |own| &own.bindings,
            Job::ForgetBindings,
            now,
            move |own| async move { own.forget_bindings(now).await },
        )
        .await;
    }

    /// Erases who is to be erased, if that is this node's turn.
    pub async fn see_to_erasures(self: &Arc<Self>, now: Timestamp) {
        if self.has_turn().await {
            self.run_job(Job::ErasePlayers, now, |own| async move { own.erase_players().await })
                .await;
        }
    }

    /// Runs a job if it is due. One that fails is due again in a minute, however seldom it is done: a day would be
    /// long to wait because the database was away for a moment.
    async fn run_due<W, F>(
        self: &Arc<Self>,
        due: fn(&Self) -> &Mutex<Due>,
        job: Job,
        now: Timestamp,
        work: W,
    ) where
        W: FnOnce(Arc<Self>) -> F,
        F: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        let is_due = due(self).lock().take(now);
        if is_due && !self.run_job(job, now, work).await {
            due(self).lock().retry(now, MINUTE_MS);
        }
    }

    /// Runs one job and notes its outcome. A panic is an outcome too. Answers whether it succeeded.
    async fn run_job<W, F>(self: &Arc<Self>, job: Job, now: Timestamp, work: W) -> bool
    where
        W: FnOnce(Arc<Self>) -> F,
        F: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        let outcome = tokio::spawn(work(Arc::clone(self))).await;
        let outcome = outcome.unwrap_or_else(|error| Err(error.into()));
        let succeeded = outcome.is_ok();
        self.engine.jobs.record(job, now, outcome);
        succeeded
    }

    async fn pause(&self, length: Duration) {
        tokio::select! {
            biased;
            () = tokio::time::sleep(length) => {}
            () = self.stop.cancelled() => {}
        }
    }
}

//! How the background jobs are doing: none of them fails silently.

use std::sync::Arc;

use parking_lot::Mutex;
use scoreline_core::error::ErrorKind;
use scoreline_core::operations::{JobFigures, OperationError};
use scoreline_core::queue::QueueError;
use scoreline_core::store::StoreError;
use scoreline_core::time::Timestamp;
use scoreline_ranking::RanksError;

/// A background job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Job {
    /// Notices what other processes changed.
    FollowPlan,
    /// Creates the tournaments of every series ahead of time.
    CreateTournaments,
    /// Fills the boards of open tournaments that do not hold their history.
    FillTournaments,
    /// Seals and closes the tournaments that are over.
    CloseTournaments,
    /// Erases the players of whom that was asked.
    ErasePlayers,
    /// Lifts bans whose time is over.
    LiftBans,
    /// Puts in order what nodes left behind that fell.
    BuryFallen,
    /// Loads the boards that are current and forgets those nobody asks for.
    KeepRanks,
    /// Removes raw events after the retention.
    RemoveEvents,
    /// Removes figures that no answer needs any more.
    RemoveFigures,
    /// Removes rows of projections that were retired.
    SweepRetired,
    /// Lets go of events that are set aside for too long, or are too many.
    TrimSetAside,
    /// Forgets secrets that were bound and never used.
    ForgetBindings,
    /// Compares names anew that the rules of another version compared.
    RenewNames,
    /// Gives space that is free within the database back to the disk.
    GiveSpaceBack,
    /// Forgets changes that every node has heard of.
    PruneFeed,
}

impl Job {
    const ALL: [Self; 16] = [
        Self::FollowPlan,
        Self::CreateTournaments,
        Self::FillTournaments,
        Self::CloseTournaments,
        Self::ErasePlayers,
        Self::LiftBans,
        Self::BuryFallen,
        Self::KeepRanks,
        Self::RemoveEvents,
        Self::RemoveFigures,
        Self::SweepRetired,
        Self::TrimSetAside,
        Self::ForgetBindings,
        Self::RenewNames,
        Self::GiveSpaceBack,
        Self::PruneFeed,
    ];

    /// Its name in logs, health and metrics.
    fn as_str(self) -> &'static str {
        match self {
            Self::FollowPlan => "follow_plan",
            Self::CreateTournaments => "create_tournaments",
            Self::FillTournaments => "fill_tournaments",
            Self::CloseTournaments => "close_tournaments",
            Self::ErasePlayers => "erase_players",
            Self::LiftBans => "lift_bans",
            Self::BuryFallen => "bury_fallen",
            Self::KeepRanks => "keep_ranks",
            Self::RemoveEvents => "remove_events",
            Self::RemoveFigures => "remove_figures",
            Self::SweepRetired => "sweep_retired",
            Self::TrimSetAside => "trim_set_aside",
            Self::ForgetBindings => "forget_bindings",
            Self::RenewNames => "renew_names",
            Self::GiveSpaceBack => "give_space_back",
            Self::PruneFeed => "prune_feed",
        }
    }
}

/// Why a job did not do its work. It is tried again.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A board could not be loaded.
    #[error(transparent)]
    Ranks(#[from] RanksError),
    /// The queue could not be asked what still waits in it.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// An operation that the job started was refused.
    #[error(transparent)]
    Operation(#[from] OperationError),
    /// A series would create tournaments with ids that others have.
    #[error(
        "the ids {0:?} are taken by tournaments that start at another time: give their series an \
         id_pattern that differs with every start"
    )]
    TournamentIdsTaken(Vec<Arc<str>>),
    /// Boards of tournaments do not hold their history, and filling them failed.
    #[error("the boards of tournaments {tournaments:?} cannot be filled: {reason}")]
    TournamentsUnfilled {
        /// Whose boards.
        tournaments: Vec<String>,
        /// Why the last rebuild failed.
        reason: String,
    },
    /// A tournament is over for long, and something received before its end is not settled.
    #[error(
        "tournament {tournament} ended at {ended_at}, but a request received at {unsettled} is still \
         on its way"
    )]
    TournamentUnsettled {
        /// Which tournament.
        tournament: Arc<str>,
        /// When it ended.
        ended_at: Timestamp,
        /// When the oldest request on its way was received.
        unsettled: Timestamp,
    },
    /// The job panicked.
    #[error("the job panicked: {0}")]
    Panicked(#[from] tokio::task::JoinError),
}

impl JobError {
    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Ranks(error) => error.kind(),
            Self::Queue(error) => error.kind(),
            Self::Operation(error) => error.kind(),
            Self::TournamentIdsTaken(_)
            | Self::TournamentsUnfilled { .. }
            | Self::TournamentUnsettled { .. } => ErrorKind::Conflict,
            Self::Panicked(_) => ErrorKind::Broken,
        }
    }
}

/// The last outcomes of all jobs.
#[derive(Debug)]
pub(crate) struct Jobs(Mutex<[JobFigures; Job::ALL.len()]>);

impl Jobs {
    /// All jobs, none of which has run.
    pub fn new() -> Self {
        let idle = |job: Job| JobFigures { name: job.as_str(), last_success: None, failing: None };
        Self(Mutex::new(Job::ALL.map(idle)))
    }

    /// Notes the outcome of one run, and logs it when it is news: the first failure, every doubling
    /// of failures in a row, and the return to success.
    pub fn record(&self, job: Job, now: Timestamp, outcome: Result<(), JobError>) {
        let name = job.as_str();
        let job = &mut self.0.lock()[job as usize];
        match outcome {
            Ok(()) => {
                job.last_success = Some(now);
                if let Some((failures, _)) = job.failing.take() {
                    tracing::info!(job.name = name, job.failures = failures, "a job works again");
                }
            }
            Err(error) => {
                let failures = job.failing.as_ref().map_or(0, |(failures, _)| *failures) + 1;
                if failures.is_power_of_two() {
                    tracing::warn!(
                        job.name = name,
                        job.failures = failures,
                        job.error = %error,
                        job.error_kind = %error.kind(),
                        "a job failed and is tried again"
                    );
                }
                job.failing = Some((failures, error.to_string()));
            }
        }
    }

    /// How every job is doing.
    pub fn figures(&self) -> Vec<JobFigures> {
        self.0.lock().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_in_a_row_are_counted_until_the_job_succeeds() {
        let jobs = Jobs::new();
        let sweep = || jobs.figures()[Job::SweepRetired as usize].clone();
        let at = Timestamp::from_stored_ms;
        jobs.record(Job::SweepRetired, at(1), Ok(()));
        for n in 2..5 {
            jobs.record(Job::SweepRetired, at(n), Err(StoreError::DiskFull.into()));
        }
        assert_eq!((sweep().name, sweep().last_success), ("sweep_retired", Some(at(1))));
        let (failures, reason) = sweep().failing.expect("it fails");
        assert_eq!(failures, 3);
        assert!(reason.contains("disk is full"), "{reason}");
        jobs.record(Job::SweepRetired, at(5), Ok(()));
        assert_eq!((sweep().failing, sweep().last_success), (None, Some(at(5))));
    }
}

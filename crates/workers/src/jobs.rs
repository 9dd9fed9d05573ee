//! How the background jobs are doing: none of them fails silently.

use parking_lot::Mutex;
use scoreline_core::error::ErrorKind;
use scoreline_core::operations::{JobFigures, OperationError};
use scoreline_core::queue::QueueError;
use scoreline_core::rank::RankError;
use scoreline_core::store::StoreError;
use scoreline_core::time::Timestamp;
use scoreline_ranking::RanksError;

/// Why a job did not do its work. It is tried again.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The rank index failed, or the store while ranks were read from it.
    #[error(transparent)]
    Ranks(#[from] RanksError),
    /// The queue could not be asked what still waits in it.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// An operation that the job started was refused.
    #[error(transparent)]
    Operation(#[from] OperationError),
    /// An operator has to put something right; the text says what.
    #[error("{0}")]
    NeedsHelp(String),
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
            Self::NeedsHelp(_) => ErrorKind::Conflict,
            Self::Panicked(_) => ErrorKind::Broken,
        }
    }
}

impl From<RankError> for JobError {
    fn from(error: RankError) -> Self {
        Self::Ranks(error.into())
    }
}

/// The last outcomes of all jobs.
#[derive(Debug)]
pub struct Jobs(Mutex<Vec<JobFigures>>);

impl Jobs {
    /// Jobs of these names, none of which has run.
    pub fn new(names: &[&'static str]) -> Self {
        let idle = |name: &&'static str| JobFigures { name, last_success: None, failing: None };
        Self(Mutex::new(names.iter().map(idle).collect()))
    }

    /// Notes the outcome of one run, and logs it when it is news: the first failure, every doubling
    /// of failures in a row, and the return to success.
    pub fn record(&self, name: &'static str, now: Timestamp, outcome: Result<(), JobError>) {
        let mut all = self.0.lock();
        let Some(job) = all.iter_mut().find(|job| job.name == name) else {
            debug_assert!(false, "job {name} is not in the list");
            return;
        };
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
        self.0.lock().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_in_a_row_are_counted_until_the_job_succeeds() {
        let jobs = Jobs::new(&["sweep"]);
        let at = Timestamp::from_stored_ms;
        jobs.record("sweep", at(1), Ok(()));
        for n in 2..5 {
            jobs.record("sweep", at(n), Err(StoreError::DiskFull.into()));
        }
        let figures = jobs.figures();
        assert_eq!(figures[0].last_success, Some(at(1)));
        let (failures, reason) = figures[0].failing.clone().expect("it fails");
        assert_eq!(failures, 3);
        assert!(reason.contains("disk is full"), "{reason}");
        jobs.record("sweep", at(5), Ok(()));
        assert_eq!(jobs.figures()[0].failing, None);
        assert_eq!(jobs.figures()[0].last_success, Some(at(5)));
    }
}

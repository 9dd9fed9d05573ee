//! Questions to a database that may be away, for requests that can be answered without it too.
//!
//! A database on another machine can be unreachable, or keep a connection open and say nothing. A
//! question asked here waits for 2 s at most. After one that was not answered, the next ones are not
//! asked for half a second.

use std::time::Duration;

use parking_lot::Mutex;
use scoreline_core::error::ErrorKind;
use scoreline_core::store::Result;
use tokio::time::Instant;

use crate::problem::Problem;

/// How long an answer may take: 2 s.
const ANSWER_LONGEST: Duration = Duration::from_secs(2);
/// How long no question is asked after one that was not answered: half a second.
const PAUSE: Duration = Duration::from_millis(500);

/// Whether the database answers, as the last questions found.
pub struct Database {
    /// Whether it is another process. An embedded one is never away.
    may_be_away: bool,
    /// Until when no question is asked.
    away_until: Mutex<Option<Instant>>,
}

impl Database {
    /// A database that may be away, or an embedded one.
    pub fn new(may_be_away: bool) -> Self {
        Self { may_be_away, away_until: Mutex::default() }
    }

    /// What the database answers; `None` while it is away.
    pub async fn ask<T>(
        &self,
        question: impl Future<Output = Result<T>>,
    ) -> std::result::Result<Option<T>, Problem> {
        if !self.may_be_away {
            return Ok(Some(question.await?));
        }
        if self.away_until.lock().is_some_and(|until| Instant::now() < until) {
            return Ok(None);
        }
        match tokio::time::timeout(ANSWER_LONGEST, question).await {
            Ok(Ok(answer)) => {
                *self.away_until.lock() = None;
                Ok(Some(answer))
            }
            Ok(Err(error)) if error.kind() != ErrorKind::Busy => Err(error.into()),
            Ok(Err(_)) | Err(_) => {
                *self.away_until.lock() = Some(Instant::now() + PAUSE);
                Ok(None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use scoreline_core::store::StoreError;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_long_and_after_one_has_waited_nobody_does() {
        let database = Database::new(true);
        assert_eq!(database.ask(async { Ok(7) }).await.expect("answers"), Some(7));
        let silent = database.ask(std::future::pending::<Result<i32>>());
        assert_eq!(silent.await.expect("no error"), None);
        assert_eq!(database.ask(async { Ok(8) }).await.expect("no error"), None, "not asked");
    }

    #[tokio::test]
    async fn an_error_that_is_no_outage_is_told() {
        let database = Database::new(true);
        let conflict = database.ask(async { Err::<i32, _>(StoreError::ReadOnly) });
        assert!(conflict.await.is_err());
        let away = database.ask(async { Err::<i32, _>(StoreError::Unreachable("x".to_owned())) });
        assert_eq!(away.await.expect("no error"), None);
    }
}

//! Reading what scripts answer.

use redis::{FromRedisValue, Value};
use scoreline_core::queue::QueueError;

use crate::error::{queue_error, unexpected};

/// The parts of an answer, one after the other.
pub(crate) struct Answer(std::vec::IntoIter<Value>);

impl Answer {
    /// An answer with several parts; `None` if the script had nothing to do with this class.
    pub fn read(value: Value) -> Result<Option<Self>, QueueError> {
        match value {
            Value::Nil => Ok(None),
            Value::Array(parts) => Ok(Some(Self(parts.into_iter()))),
            _ => Err(unexpected("a script answers with an array or with nothing")),
        }
    }

    /// The next part.
    pub fn next<T: FromRedisValue>(&mut self) -> Result<T, QueueError> {
        let part = self.0.next().ok_or_else(|| unexpected("a script's answer is too short"))?;
        T::from_redis_value(part).map_err(|error| queue_error(error.into(), None))
    }
}

/// The counters of a class after a script, which every script answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Seen {
    /// Events ever pushed.
    pub pushed: u64,
    /// Events that can be claimed.
    pub waiting: u64,
    /// Events that wait for another attempt.
    pub delayed: u64,
    /// Events that were settled as applied or known.
    pub completed: u64,
    /// Events that were settled as dead.
    pub failed: u64,
    /// Whether an operator has paused it.
    pub paused: bool,
}

impl Seen {
    /// Reads the counters in the order in which `seen()` of the prelude answers them.
    pub fn read(answer: &mut Answer) -> Result<Self, QueueError> {
        let counters: Vec<Option<i64>> = answer.next()?;
        let counter = |at: usize| count(counters.get(at).copied().flatten());
        Ok(Self {
            pushed: counter(0),
            waiting: counter(1),
            delayed: counter(2),
            completed: counter(3),
            failed: counter(4),
            paused: counter(5) == 1,
        })
    }
}

/// A counter out of an answer. It may be negative where somebody else wrote to it; that counts as
/// zero.
pub(crate) fn count(counter: Option<i64>) -> u64 {
    counter.and_then(|counter| u64::try_from(counter).ok()).unwrap_or(0)
}

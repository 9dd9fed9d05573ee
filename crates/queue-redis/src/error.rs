//! What an error of Redis means for the queue.
//!
//! The code that a server puts in front of its message decides, never the message.

use redis::{ErrorKind, RedisError};
use scoreline_core::game::Class;
use scoreline_core::queue::QueueError;

/// Why the settings of a queue on Redis cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The namespace cannot be in the names of keys.
    #[error("the namespace of the queue may have letters, digits, '-', '_', '.' and ':'")]
    Namespace,
    /// The address is malformed. It is not repeated, as it holds a password.
    #[error(transparent)]
    Address(RedisError),
}

/// Turns an error of Redis into one of the queue. `class` is the class that was being written to,
/// if any.
pub(crate) fn queue_error(error: RedisError, class: Option<Class>) -> QueueError {
    match (error.code().unwrap_or_default(), class) {
        ("OOM", Some(class)) => {
            QueueError::Overloaded { class, reason: "its server has no memory left".to_owned() }
        }
        ("OOM" | "READONLY" | "MISCONF" | "NOREPLICAS", _) => {
            QueueError::NotDurable(error.to_string())
        }
        ("LOADING" | "MASTERDOWN" | "CLUSTERDOWN" | "TRYAGAIN" | "BUSY" | "MOVED" | "ASK", _) => {
            QueueError::Unreachable(error.to_string())
        }
        _ if is_out_of_reach(error.kind()) => QueueError::Unreachable(error.to_string()),
        _ => QueueError::Failed(Box::new(error)),
    }
}

fn is_out_of_reach(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Io | ErrorKind::ClusterConnectionNotFound)
}

/// The error of an answer that no script of the queue gives.
pub(crate) fn unexpected(what: &'static str) -> QueueError {
    QueueError::Failed(Box::new(RedisError::from((ErrorKind::UnexpectedReturnType, what))))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error that a line of a server becomes.
    fn answered(line: &str) -> RedisError {
        let parsed = redis::parse_redis_value(format!("-{line}\r\n").as_bytes()).expect("parses");
        match parsed {
            redis::Value::ServerError(error) => error.into(),
            other => panic!("{other:?} is no error"),
        }
    }

    #[test]
    fn every_way_in_which_redis_refuses_has_its_meaning() {
        let meaning = |line: &str| queue_error(answered(line), Some(Class::Bulk));
        for line in [
            "LOADING Redis is loading the dataset in memory",
            "MASTERDOWN Link with MASTER is down",
            "CLUSTERDOWN The cluster is down",
            "TRYAGAIN Multiple keys request during rehashing of slot",
            "BUSY Redis is busy running a script",
            "MOVED 3999 127.0.0.1:6381",
        ] {
            assert!(matches!(meaning(line), QueueError::Unreachable(_)), "{line}");
        }
        for line in [
            "READONLY You can't write against a read only replica.",
            "MISCONF Errors writing to the AOF file: No space left on device",
            "NOREPLICAS Not enough good replicas to write.",
        ] {
            assert!(matches!(meaning(line), QueueError::NotDurable(_)), "{line}");
        }
        let full = "OOM command not allowed when used memory > 'maxmemory'.";
        assert!(matches!(meaning(full), QueueError::Overloaded { class: Class::Bulk, .. }));
        assert!(matches!(queue_error(answered(full), None), QueueError::NotDurable(_)));
        assert!(matches!(meaning("WRONGTYPE Operation against a key"), QueueError::Failed(_)));
        assert!(matches!(meaning("NOAUTH Authentication required."), QueueError::Failed(_)));
    }

    #[test]
    fn a_connection_that_fails_is_out_of_reach() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let meaning = queue_error(refused.into(), None);
        assert!(matches!(meaning, QueueError::Unreachable(_)));
    }
}

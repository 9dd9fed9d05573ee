//! The profile: where events are stored and wait, chosen by the environment alone.

use std::time::Duration;

use scoreline_core::queue::ObjectionKind;

/// Where events are stored and wait.
#[derive(Clone)]
pub enum Profile {
    /// SQLite in the data directory; events are applied before they are acknowledged.
    Embedded,
    /// PostgreSQL, which several nodes may share; events are applied before they are acknowledged.
    Postgres(PostgresConfig),
    /// PostgreSQL, with a queue on Redis in which events wait for the workers of all nodes.
    PostgresAndRedis(PostgresConfig, RedisConfig),
}

impl Profile {
    /// How PostgreSQL is reached; `None` where everything is in the data directory.
    pub fn postgres(&self) -> Option<&PostgresConfig> {
        match self {
            Self::Embedded => None,
            Self::Postgres(postgres) | Self::PostgresAndRedis(postgres, _) => Some(postgres),
        }
    }

    /// How Redis is reached; `None` where there is no queue.
    pub fn redis(&self) -> Option<&RedisConfig> {
        match self {
            Self::Embedded | Self::Postgres(_) => None,
            Self::PostgresAndRedis(_, redis) => Some(redis),
        }
    }
}

/// How PostgreSQL is reached.
#[derive(Clone)]
pub struct PostgresConfig {
    /// Its address, with user and password.
    pub url: String,
    /// Connections at most.
    pub connections: u32,
    /// Whether a pooler stands between that hands out connections by transaction.
    pub by_transaction: bool,
}

/// How Redis is reached, and how this node uses it.
#[derive(Clone)]
pub struct RedisConfig {
    /// Its address, or several by commas, with password.
    pub url: String,
    /// The certificate in PEM form that its own must be signed with; `None` for those that the system
    /// trusts.
    pub root_certificate: Option<Vec<u8>>,
    /// Workers of this node.
    pub workers: u32,
    /// How long a worker may be silent before others take over its events.
    pub lease: Duration,
    /// Which risks of a Redis that may lose events are accepted.
    pub accepts: Vec<ObjectionKind>,
}

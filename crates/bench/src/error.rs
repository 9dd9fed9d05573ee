//! Why nothing could be measured.

use std::io;

use scoreline_core::error::ErrorKind;
use scoreline_core::store::StoreError;
use scoreline_server::{ConfigError, ServerError};
use scoreline_traffic::client::ClientError;

/// Why nothing could be measured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system refuses a file or a process.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: String,
        /// What the system says.
        source: io::Error,
    },
    /// The server under measurement ended, or did not answer a request in time.
    #[error("the server to be measured {0}")]
    Measured(String),
    /// The server under measurement does not answer.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A server for comparison does not start.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The settings of a server are wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The store refuses or fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// PostgreSQL refuses or fails.
    #[error("PostgreSQL: {}", told(.0))]
    Postgres(#[from] tokio_postgres::Error),
    /// SQLite refuses or fails.
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// There is no PostgreSQL or no Redis to measure with.
    #[error(transparent)]
    Throwaway(#[from] scoreline_throwaway::Error),
    /// Something that the measurement itself made is not as it should be.
    #[error("{0}")]
    Unexpected(String),
}

/// An answer of this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Client(error) => error.kind(),
            Self::Server(error) => error.kind(),
            Self::Config(error) => error.kind(),
            Self::Store(error) => error.kind(),
            Self::Throwaway(error) => error.kind(),
            Self::System { .. }
            | Self::Measured(_)
            | Self::Postgres(_)
            | Self::Sqlite(_)
            | Self::Unexpected(_) => ErrorKind::Broken,
        }
    }

    /// What the system refused, as a function for `map_err`.
    pub(crate) fn system(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::System { what, source }
    }

    /// The error of something that is not as the measurement made it, as a function for `map_err`.
    pub(crate) fn unexpected<E: std::fmt::Display>(what: &str) -> impl FnOnce(E) -> Self + '_ {
        move |error| Self::Unexpected(format!("{what}: {error}"))
    }
}

/// The error with what the server said: its own text is only "db error".
fn told(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |said| format!("{error}: {said}"))
}

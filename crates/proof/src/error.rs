//! Why a simulation, a capacity run or a soak cannot go on.

use std::io;

use scoreline_core::error::ErrorKind;
use scoreline_traffic::client::ClientError;

/// Why it cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server gives no answer, or one that makes no sense.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A server, or a database of its own, does not start.
    #[error(transparent)]
    Bench(#[from] scoreline_bench::Error),
    /// There is no PostgreSQL or no Redis.
    #[error(transparent)]
    Throwaway(#[from] scoreline_throwaway::Error),
    /// The system refuses a file or a program.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: String,
        /// What the system says.
        source: io::Error,
    },
    /// The server refuses what it must take.
    #[error("the server answers {status} to {what}: {said}")]
    Refused {
        /// What was asked.
        what: String,
        /// The status of the answer.
        status: u16,
        /// What it says.
        said: String,
    },
    /// Something did not happen in time.
    #[error("{0}")]
    Late(String),
}

/// An answer of this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Client(error) => error.kind(),
            Self::Bench(error) => error.kind(),
            Self::Throwaway(error) => error.kind(),
            Self::Refused { .. } => ErrorKind::Invalid,
            Self::System { .. } => ErrorKind::Broken,
            Self::Late(_) => ErrorKind::Busy,
        }
    }

    /// What the system refused, as a function for `map_err`.
    pub(crate) fn system(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::System { what, source }
    }
}

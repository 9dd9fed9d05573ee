//! Why a server or a tool did not start, in words for the operator.

use std::net::SocketAddr;
use std::path::PathBuf;

use scoreline_core::error::ErrorKind;
use scoreline_core::game::Mistake;
use scoreline_core::operations::OperationError;
use scoreline_core::store::StoreError;
use scoreline_limits_redis::LimitsError;
use scoreline_queue_redis::ConnectError;
use scoreline_workers::StartError;

use crate::data_dir::DataDirError;

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The database cannot be used.
    #[error("{database}: {reason}")]
    Store {
        /// Which database, without passwords.
        database: String,
        /// What is wrong.
        reason: StoreError,
    },
    /// The queue on Redis cannot be used as it is configured.
    #[error("Redis: {0}")]
    Queue(#[from] ConnectError),
    /// Rate limits cannot be counted on Redis as it is configured.
    #[error("Redis: {0}")]
    Limits(#[from] LimitsError),
    /// There is no PostgreSQL to move an embedded database to.
    #[error("{} is an embedded database: set DATABASE_URL to the PostgreSQL it is to move to", from.display())]
    Nowhere {
        /// What was to be moved.
        from: PathBuf,
    },
    /// The changes that a definition would make cannot be worked out.
    #[error(transparent)]
    Preview(#[from] OperationError),
    /// The workers did not start.
    #[error(transparent)]
    Workers(#[from] StartError),
    /// There is no time in the file of the virtual clock.
    #[error("{} is no virtual clock: {reason}", path.display())]
    Clock {
        /// Which file.
        path: PathBuf,
        /// Why not.
        reason: std::io::Error,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {reason}; choose another port with PORT or --port")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why not.
        reason: std::io::Error,
    },
}

impl ServerError {
    /// The mistakes in the game definition, if it is at fault.
    pub fn mistakes(&self) -> &[Mistake] {
        match self {
            Self::Workers(StartError::Definition(mistakes))
            | Self::Preview(OperationError::Definition(mistakes)) => mistakes,
            _ => &[],
        }
    }

    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::DataDir(error) => error.kind(),
            Self::Store { reason, .. } => reason.kind(),
            Self::Queue(_) | Self::Limits(_) | Self::Nowhere { .. } | Self::Clock { .. } => {
                ErrorKind::Invalid
            }
            Self::Preview(error) => error.kind(),
            Self::Workers(error) => error.kind(),
            Self::Listen { .. } => ErrorKind::Conflict,
        }
    }
}

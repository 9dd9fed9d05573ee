//! Throw-away servers: a PostgreSQL and a Redis out of the programs that are installed.
//!
//! Each listens on a free port of 127.0.0.1 and keeps its files in a temporary folder. It ends, and its
//! folder is removed, with its value, and also when the process that started it dies in any way
//! ([`Keeper`]). Tests and measurements share this crate, so that both stand on the same servers; the
//! product never uses it.
//!
//! Questions go through `psql` and `redis-cli`, which come with the servers: this crate has no driver.

#![expect(
    clippy::disallowed_methods,
    reason = "starting a server takes real time, and its password is chance"
)]

pub mod account;
mod keeper;
pub mod postgres;
pub mod redis;

use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

use scoreline_core::error::ErrorKind;

pub use keeper::Keeper;
pub use postgres::Postgres;
pub use redis::Redis;

/// How long a server may take to start.
const START_MAX: Duration = Duration::from_secs(60);
/// Between two looks at whether it has.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Why a server is not there.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A program is not installed.
    #[error("{0} is not installed: the servers of tests and measurements need it in PATH")]
    Missing(&'static str),
    /// A program cannot be run, or a file not be written.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// A program failed.
    #[error("{program} failed: {said}")]
    Failed {
        /// Which one.
        program: String,
        /// What it printed.
        said: String,
    },
    /// The server ended, or did not take connections in time.
    #[error("{server} does not start: {log}")]
    NotStarted {
        /// Which one.
        server: &'static str,
        /// What it logged.
        log: String,
    },
}

/// An answer of this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Missing(_) => ErrorKind::NotFound,
            Self::System { .. } | Self::Failed { .. } | Self::NotStarted { .. } => {
                ErrorKind::Broken
            }
        }
    }

    fn system(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::System { what, source }
    }
}

/// A port of 127.0.0.1 that nobody listens on at the moment.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(Error::system("a free port"))
}

/// Runs a program to its end. Answers what it printed; fails if it failed.
fn succeed(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(Error::system(program.clone()))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        return Ok(text(&output.stdout));
    }
    Err(Error::Failed { program, said: text(&output.stdout) + &text(&output.stderr) })
}

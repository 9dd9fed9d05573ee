//! Reading a few rows by their keys, on the thread that asks.
//!
//! Such a read takes some ten microseconds, less than handing it to another thread and waiting for
//! the answer; at tens of thousands of rank reads a second that is most of their cost. Whatever may
//! take longer goes through `Connections`.

use parking_lot::Mutex;
use rusqlite::Connection;
use scoreline_core::store::Result;

/// The most rows that one glance may read.
pub(crate) const GLANCE_ROWS_MAX: usize = 16;

/// Connections for short reads.
pub(crate) struct Glances {
    idle: Mutex<Vec<Connection>>,
}

impl Glances {
    /// Takes over these connections.
    pub fn new(connections: Vec<Connection>) -> Self {
        Self { idle: Mutex::new(connections) }
    }

    /// Does `work` on this thread, or answers `None` if no connection is idle.
    pub fn run<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Option<Result<T>> {
        let connection = self.idle.lock().pop()?;
        // Work that panics takes its connection along; readers in threads remain.
        let outcome = work(&connection);
        self.idle.lock().push(connection);
        Some(outcome)
    }
}

//! The handle on a database file: the connection that writes, and those that read beside it.
//!
//! What a store does is in the files named for its traits. Each of their methods is one closure,
//! which runs on one connection.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;
use scoreline_core::store::{CrashHook, CrashPoint, Result, StoreError};

use crate::checkpoint::Checkpointer;
use crate::connection::Connections;
use crate::glance::{GLANCE_ROWS_MAX, Glances};
use crate::names::WaitingNames;
use crate::open::{self, Options};
use crate::reserve::Reserve;
use crate::telling::{Feed, Telling};

/// Connections that only read.
const READERS: usize = 4;
/// Connections for short reads: as many as threads could be reading at a time.
const GLANCES: usize = 4;

/// Whether a store may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// For the one server of a data directory.
    ReadWrite,
    /// For tools beside a running server. Methods that write answer a conflict.
    ReadOnly,
}

/// A store in one SQLite file.
pub struct SqliteStore {
    pub(crate) path: PathBuf,
    /// `None` if it was opened for reading only.
    pub(crate) writer: Option<Connections>,
    pub(crate) readers: Connections,
    glances: Glances,
    /// Whether the last attempt to apply events or to probe the disk found it full.
    pub(crate) disk_is_full: Arc<AtomicBool>,
    /// What is kept of the disk for those who make room.
    pub(crate) reserve: Reserve,
    pub(crate) feed: Feed,
    pub(crate) names: WaitingNames,
    pub(crate) crash: CrashHook,
}

impl SqliteStore {
    /// Opens the database at `path`, or makes it, and brings its schema up to date.
    ///
    /// Fails with [`StoreError::Unusable`] if the file is another program's, damaged, or of a newer
    /// version; nothing is changed then. With [`Access::ReadOnly`] the file must exist and be of
    /// this version.
    pub fn open(path: &Path, access: Access) -> Result<Self> {
        Self::open_with(path, access, Options::default())
    }

    /// Opens a store with what a test wants changed.
    pub fn open_with(path: &Path, access: Access, options: Options) -> Result<Self> {
        let kept = options.reserve_bytes.filter(|_| access == Access::ReadWrite);
        let reserve = Reserve::beside(path, kept);
        let writer = match access {
            Access::ReadWrite => {
                let connection = open::writer(path, &options)?;
                let checkpointer = Checkpointer::start(path)?;
                let after = move |writer: &Connection| checkpointer.after_writing(writer);
                Some(Connections::start("writer", vec![connection], after)?)
            }
            Access::ReadOnly => {
                open::checked_reader(path)?;
                None
            }
        };
        let readers = (0..READERS).map(|_| open::reader(path)).collect::<Result<Vec<_>>>()?;
        let glances = (0..GLANCES).map(|_| open::reader(path)).collect::<Result<Vec<_>>>()?;
        // Only now: what is opened comes first.
        let disk_is_full = Arc::new(AtomicBool::new(!reserve.is_kept()));
        Ok(Self {
            path: path.to_path_buf(),
            writer,
            readers: Connections::start("reader", readers, |_| ())?,
            glances: Glances::new(glances),
            disk_is_full,
            reserve,
            feed: Feed::default(),
            names: WaitingNames::default(),
            crash: options.crash,
        })
    }

    /// Does work on the connection that writes.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    {
        let Some(writer) = &self.writer else {
            return Err(StoreError::ReadOnly);
        };
        let outcome = writer.run(work).await;
        self.note_full(&outcome);
        outcome
    }

    /// Notes if the disk was full.
    pub(crate) fn note_full<T>(&self, outcome: &Result<T>) {
        if matches!(outcome, Err(StoreError::DiskFull)) {
            self.disk_is_full.store(true, Ordering::Relaxed);
        }
    }

    /// Does work in one transaction, which is committed if it succeeds, and tells what it changed.
    pub(crate) async fn change<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Telling<'_>) -> Result<T> + Send + 'static,
    {
        let feed = self.feed.clone();
        self.write(move |connection| {
            let tx = feed.begin(connection)?;
            let done = work(&tx)?;
            tx.commit()?;
            Ok(done)
        })
        .await
    }

    /// As [`SqliteStore::change`], for an act on a player.
    pub(crate) async fn act<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Telling<'_>) -> Result<T> + Send + 'static,
    {
        let crash = self.crash.clone();
        let done = self.change(move |tx| {
            let done = work(tx)?;
            crash.pass(CrashPoint::ActWritten)?;
            Ok(done)
        });
        let done = done.await?;
        self.crash.pass(CrashPoint::ActCommitted)?;
        Ok(done)
    }

    /// As [`SqliteStore::change`], for what makes room or is the way to it: if the disk is full, it may
    /// have what is kept for operators.
    pub(crate) async fn change_to_make_room<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Telling<'_>) -> Result<T> + Clone + Send + 'static,
    {
        match self.change(work.clone()).await {
            Err(StoreError::DiskFull) if self.reserve.release() => self.change(work).await,
            outcome => outcome,
        }
    }

    /// Fails while the disk has no room for what is kept for operators: nobody else may use it up.
    pub(crate) fn check_room(&self) -> Result<()> {
        if self.reserve.is_kept() {
            return Ok(());
        }
        self.disk_is_full.store(true, Ordering::Relaxed);
        Err(StoreError::DiskFull)
    }

    /// Does work on a connection that reads.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    {
        self.readers.run(work).await
    }

    /// Reads `rows` rows by their keys; if they are few, on the thread that asks.
    pub(crate) async fn glance<T, F>(&self, rows: usize, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> Result<T> + Send + 'static,
    {
        if rows <= GLANCE_ROWS_MAX
            && let Some(found) = self.glances.run(&work)
        {
            return found;
        }
        self.read(move |connection| work(connection)).await
    }

    /// Does long work on the file, on a thread of its own.
    pub(crate) async fn aside<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Path) -> Result<T> + Send + 'static,
    {
        let path = self.path.clone();
        let done = tokio::task::spawn_blocking(move || work(&path)).await;
        done.map_err(|error| StoreError::Failed(Box::new(error)))?
    }
}

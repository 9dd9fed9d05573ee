//! Merging the write-ahead log into the main file beside the writer, so that no commit waits for it.
//!
//! A merge copies pages to where they belong, all over the file, and waits for the disk. A thread
//! of its own does that while the writer goes on; what was written meanwhile is little, the writer
//! merges it itself, and the log starts over. Nothing acknowledged depends on any of this.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;
use scoreline_core::store::{Result, StoreError};

use crate::open::{self, PAGE_BYTES};
use crate::reserve::free_beside;

/// Pages of the log from which on it is merged: about 64 MiB.
const LOG_PAGES: i64 = 16_000;
/// Pages not merged yet that are worth a merge beside the writer: about 16 MiB.
const WAITING_PAGES: i64 = 4_000;
/// Pages not merged yet at which the writer merges them itself, because the disk cannot keep up:
/// about 256 MiB.
const WAITING_PAGES_MAX: i64 = 64_000;

/// Which share of what is free on the disk the log may take, where that is less: it holds what the main file
/// has no room for yet.
const FREE_SHARE: u64 = 8;

/// The thread that merges.
pub(crate) struct Checkpointer {
    path: PathBuf,
    /// `None` once the thread is told to end.
    wanted: Option<SyncSender<()>>,
    /// Whether the thread has finished a merge since the writer last looked.
    merged: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    /// Starts the thread for the database at `path`.
    pub fn start(path: &Path) -> Result<Self> {
        let connection = open::merger(path)?;
        let (wanted, asked) = sync_channel(1);
        let merged = Arc::new(AtomicBool::new(false));
        let done = Arc::clone(&merged);
        let thread = std::thread::Builder::new()
            .name("sqlite-merger".to_owned())
            .spawn(move || merge_when_asked(&connection, &asked, &done))
            .map_err(|error| StoreError::Failed(Box::new(error)))?;
        let path = path.to_path_buf();
        Ok(Self { path, wanted: Some(wanted), merged, thread: Some(thread) })
    }

    /// Starts or does a merge if the log has grown long. Called on the writer's thread between two
    /// pieces of work.
    pub fn after_writing(&self, writer: &Connection) {
        let Some(Log { pages, waiting }) = log(writer, "NOOP") else { return };
        let is_short = match free_beside(&self.path) {
            Some(free) => pages.unsigned_abs() > free / u64::from(PAGE_BYTES) / FREE_SHARE,
            None => false,
        };
        if pages < LOG_PAGES && !is_short {
            return;
        }
        if is_short || waiting >= WAITING_PAGES_MAX || self.merged.swap(false, Ordering::AcqRel) {
            log(writer, "PASSIVE");
        } else if waiting >= WAITING_PAGES {
            // One merge that is already asked for is enough.
            let _ = self.wanted.as_ref().expect("not ended").try_send(());
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.wanted = None;
        if let Some(thread) = self.thread.take() {
            // A panic was reported when it happened.
            let _ = thread.join();
        }
    }
}

fn merge_when_asked(connection: &Connection, asked: &Receiver<()>, done: &AtomicBool) {
    while asked.recv().is_ok() {
        if log(connection, "PASSIVE").is_some() {
            done.store(true, Ordering::Release);
        }
    }
}

/// How long the log is.
struct Log {
    pages: i64,
    /// The pages that are not merged yet.
    waiting: i64,
}

/// Runs a checkpoint and answers how long the log is then. A failure, on a full disk say, loses
/// nothing: the pages stay in the log, and the next attempt merges them.
fn log(connection: &Connection, mode: &str) -> Option<Log> {
    let mut checkpoint =
        connection.prepare_cached(&format!("PRAGMA main.wal_checkpoint({mode})")).ok()?;
    checkpoint
        .query_row((), |row| {
            let (pages, merged): (i64, i64) = (row.get(1)?, row.get(2)?);
            Ok(Log { pages, waiting: pages - merged })
        })
        .ok()
}

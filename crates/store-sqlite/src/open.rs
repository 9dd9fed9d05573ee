//! Opening a database file: how much memory and disk a connection may use, how durable a commit is,
//! and which files are refused.

use std::fs::OpenOptions;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use scoreline_core::store::{CrashHook, Result, StoreError};

use crate::error::translate;
use crate::migrate::{self, Schema};
use crate::shapes;

/// How long a connection waits for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Prepared statements a connection keeps: all that there are.
const STATEMENTS_KEPT: usize = 128;
/// Bytes of a page.
pub(crate) const PAGE_BYTES: u32 = 4_096;
/// The size to which the log is cut back after it was merged.
const LOG_BYTES_KEPT: u32 = 64 * 1024 * 1024;
/// Memory for pages of the writing connection, in KiB.
const WRITER_CACHE_KIB: u32 = 16 * 1024;
/// Memory for pages of each reading connection, in KiB.
const READER_CACHE_KIB: u32 = 1024;
/// Files up to this size are read once when they are opened, to find damage before it is served;
/// this takes a tenth of a second. Damage in larger ones shows when it is come across.
const CHECKED_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What a server and tests may change about a store.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where the store dies.
    pub crash: CrashHook,
    /// The most pages the file may have: a small disk.
    pub pages_max: Option<u32>,
    /// Bytes that are kept on the disk for operators, at most; `None` keeps none.
    pub reserve_bytes: Option<u64>,
}

/// Opens the connection that writes, on a file that is ours or new, with its schema brought up to
/// date.
pub(crate) fn writer(path: &Path, options: &Options) -> Result<Connection> {
    if path.exists() {
        // Looks before it touches: opening for writing would already change a foreign file.
        check(path)?;
    } else {
        make_private(path);
    }
    let mut connection = Connection::open(path).map_err(translate)?;
    set_up(&connection, WRITER_CACHE_KIB)?;
    connection
        .execute_batch(&format!(
            "PRAGMA page_size = {PAGE_BYTES};
             PRAGMA auto_vacuum = INCREMENTAL;
             PRAGMA secure_delete = FAST;
             PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             PRAGMA wal_autocheckpoint = 0;
             PRAGMA journal_size_limit = {LOG_BYTES_KEPT};"
        ))
        .map_err(translate)?;
    migrate::migrate(&mut connection)?;
    if let Some(pages) = options.pages_max {
        connection.pragma_update(None, "max_page_count", pages).map_err(translate)?;
    }
    Ok(connection)
}

/// Makes an empty file that only its owner may read, and gives it to whom the folder belongs: what
/// root prepares must not lock out the user who serves. SQLite gives the files that it makes beside
/// it the same mode and owner, and says what is wrong where no file can be made.
fn make_private(path: &Path) {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let Ok(made) = made.and_then(|file| file.metadata()) else { return };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let Ok(folder) = std::fs::metadata(folder.unwrap_or(Path::new("."))) else { return };
    if made.uid() != folder.uid() {
        // Only root may; anybody else serves with a file of their own.
        let _ = chown(path, Some(folder.uid()), Some(folder.gid()));
    }
}

/// Opens the connection that merges the write-ahead log into the main file.
pub(crate) fn merger(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path).map_err(translate)?;
    set_up(&connection, READER_CACHE_KIB)?;
    connection.execute_batch("PRAGMA synchronous = FULL;").map_err(translate)?;
    Ok(connection)
}

/// Opens a connection that only reads. It may be open beside a server in another process.
pub(crate) fn reader(path: &Path) -> Result<Connection> {
    if path.is_dir() {
        return Err(StoreError::Unusable(format!(
            "{} is a folder; name the file in it",
            path.display()
        )));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(translate)?;
    set_up(&connection, READER_CACHE_KIB)?;
    Ok(connection)
}

/// Opens a connection that only reads, on a file of this very schema.
pub(crate) fn checked_reader(path: &Path) -> Result<Connection> {
    match check(path)? {
        Schema::Present => reader(path),
        Schema::Missing | Schema::Older => Err(StoreError::Unusable(
            "its schema is of an older version; start the server once to bring it up to date"
                .to_owned(),
        )),
    }
}

/// Refuses a file that is another program's, damaged, or of a newer version. Changes nothing.
fn check(path: &Path) -> Result<Schema> {
    let connection = reader(path)?;
    let schema = migrate::inspect(&connection)?;
    let bytes = std::fs::metadata(path).map_or(0, |found| found.len());
    if bytes <= CHECKED_BYTES_MAX {
        let found: String = connection
            .query_row("PRAGMA quick_check(1)", (), |row| row.get(0))
            .map_err(translate)?;
        if found != "ok" {
            return Err(StoreError::Unusable(format!(
                "the file is damaged ({found}); restore a backup, or move the file away to start afresh"
            )));
        }
    }
    Ok(schema)
}

fn set_up(connection: &Connection, cache_kib: u32) -> Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT).map_err(translate)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    shapes::register(connection)?;
    // A statement keeps its plan whatever is bound to it: planning takes longer than running.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(translate)?;
    connection
        .execute_batch(&format!("PRAGMA cache_size = -{cache_kib}; PRAGMA temp_store = FILE;"))
        .map_err(translate)
}

/// The write-ahead log beside a database file.
pub(crate) fn log_path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

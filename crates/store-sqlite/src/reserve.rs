//! Bytes of the disk that are kept for operators.
//!
//! To remove something from a database, something must be written first. So a file of no use lies beside
//! it, which is let go of when the disk is full and an operator makes room, or the server starts. Events
//! are refused while less than that is free, and once it was let go of until the disk has room for it again:
//! they cannot use up what is for operators.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use rustix::fs::{FallocateFlags, StatVfs, fallocate, statvfs};

/// With less than this on the disk, a start lets go of the reserve before it opens the database: 1 MiB.
const START_BYTES: u64 = 1024 * 1024;
/// Which share of the disk is kept at most.
const SHARE: u64 = 16;
/// Less than this would be of no use, so it is not kept: 1 MiB.
const LEAST_BYTES: u64 = 1024 * 1024;
/// How many times the reserve must be free before it is kept again: what was let go of is not enough.
const TIMES_FREE: u64 = 3;

/// The reserve of one database.
pub(crate) struct Reserve {
    path: PathBuf,
    /// The most that is kept; `None` keeps nothing.
    bytes_max: Option<u64>,
    is_held: Mutex<bool>,
}

impl Reserve {
    /// The reserve beside the database at `path`. It is let go of at once if the disk is full.
    pub fn beside(database: &Path, bytes_max: Option<u64>) -> Self {
        let path = database.with_extension("reserve");
        let reserve = Self { is_held: Mutex::new(path.exists()), path, bytes_max };
        if bytes_max.is_some() && reserve.free().is_some_and(|free| free < START_BYTES) {
            reserve.release();
        }
        reserve
    }

    /// Gives the bytes to whoever makes room now. Answers whether there were any.
    pub fn release(&self) -> bool {
        let mut is_held = self.is_held.lock();
        let released = *is_held && std::fs::remove_file(&self.path).is_ok();
        *is_held &= !released;
        if released {
            tracing::warn!(
                "the disk is full; the reserve was let go of, and events are refused until there is \
                 room for it again: 'scoreline free-space' makes some"
            );
        }
        released
    }

    /// Whether there is room for events: the bytes are kept, or are by now, and as many are free beside them.
    /// True as well where none are to be kept.
    pub fn is_kept(&self) -> bool {
        let Some(bytes) = self.wanted() else { return true };
        let free = self.free().unwrap_or(u64::MAX);
        let mut is_held = self.is_held.lock();
        if *is_held {
            // The log must have room to be merged into the main file.
            return free >= bytes;
        }
        *is_held = free / TIMES_FREE >= bytes && self.make(bytes);
        *is_held
    }

    /// How many bytes are to be kept on this disk.
    fn wanted(&self) -> Option<u64> {
        let disk = disk_of(&self.path)
            .map_or(u64::MAX, |disk| disk.f_blocks.saturating_mul(disk.f_frsize));
        let bytes = (disk / SHARE).min(self.bytes_max?);
        (bytes >= LEAST_BYTES).then_some(bytes)
    }

    fn make(&self, bytes: u64) -> bool {
        let made = self.file().and_then(|file| {
            // Where a file system cannot promise room, an empty file promises nothing either.
            fallocate(&file, FallocateFlags::empty(), 0, bytes)?;
            file.sync_all()
        });
        if made.is_err() {
            let _ = std::fs::remove_file(&self.path);
        }
        made.is_ok()
    }

    fn file(&self) -> std::io::Result<File> {
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&self.path)
    }

    /// Bytes that are free on its disk, where that can be told.
    fn free(&self) -> Option<u64> {
        free_beside(&self.path)
    }
}

/// The disk on which a file lies, where that can be told.
fn disk_of(path: &Path) -> Option<StatVfs> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    statvfs(folder.unwrap_or(Path::new("."))).ok()
}

/// Bytes that are free on the disk of a file, where that can be told.
pub(crate) fn free_beside(path: &Path) -> Option<u64> {
    disk_of(path).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_let_go_of_is_kept_again_as_soon_as_there_is_room() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = folder.path().join("some.db");
        let reserve = Reserve::beside(&database, Some(LEAST_BYTES));
        assert!(reserve.is_kept(), "this disk has room");
        let file = folder.path().join("some.reserve");
        assert_eq!(std::fs::metadata(&file).expect("it is there").len(), LEAST_BYTES);
        assert!(reserve.release() && !file.exists());
        assert!(!reserve.release(), "there is no other");
        assert!(reserve.is_kept() && file.exists());
        assert!(Reserve::beside(&database, Some(LEAST_BYTES)).release(), "it is known again");
        for none in [Some(1), None] {
            let reserve = Reserve::beside(&database, none);
            assert!(reserve.is_kept() && !file.exists(), "nobody waits for what is not wanted");
        }
    }
}

//! A consistent copy of the database, taken while it is written to.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, MAIN_DB};
use scoreline_core::store::{Progress, Result, StoreError};

use crate::error::translate;
use crate::open;
use crate::statement::{only, sql};

/// Pages that are copied before others may go on: 8 MiB.
const STEP_PAGES: i32 = 2_048;
/// How long a backup rests between two steps, so that it does not keep the disk to itself.
const PAUSE: Duration = Duration::from_millis(2);

/// Copies the database at `from` to a new file. A copy that fails leaves no file behind.
pub(crate) fn back_up(
    from: &Path,
    to: &Path,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<()> {
    create_new(to)?;
    let copied = copy(from, to, progress).and_then(|()| make_durable(to));
    if copied.is_err() {
        // What remains is of no use; that it could not be removed is less news than the failure.
        let _ = std::fs::remove_file(to);
    }
    copied
}

/// Makes an empty file that only its owner may read: secrets are in it.
fn create_new(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Err(StoreError::FileExists(path.to_owned()))
        }
        Err(error) => Err(StoreError::FileRefused { path: path.to_owned(), reason: error }),
    }
}

fn copy(from: &Path, to: &Path, progress: &(dyn Fn(Progress) + Send + Sync)) -> Result<()> {
    let mut source = open::reader(from)?;
    // A read transaction is one view of the data, so that writes do not start the copy over.
    let view = source.transaction().map_err(translate)?;
    only::<i64>(&view, sql!("state/version"), ())?;
    let mut copy = Connection::open(to).map_err(translate)?;
    let backup = Backup::new_with_names(&view, MAIN_DB, &mut copy, MAIN_DB).map_err(translate)?;
    loop {
        let step = backup.step(STEP_PAGES).map_err(translate)?;
        let finished = step == StepResult::Done;
        let pages = backup.progress();
        let total = u64::try_from(pages.pagecount).unwrap_or(0);
        let left = u64::try_from(pages.remaining).unwrap_or(0);
        progress(Progress { done: total.saturating_sub(left), total, finished });
        if finished {
            return Ok(());
        }
        std::thread::sleep(PAUSE);
    }
}

/// A backup that a power cut can take back is none: the file and its name are on disk when this
/// answers.
fn make_durable(path: &Path) -> Result<()> {
    let failed = |error: std::io::Error| StoreError::Failed(Box::new(error));
    File::open(path).and_then(|file| file.sync_all()).map_err(failed)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    #[cfg(unix)]
    File::open(folder.unwrap_or(Path::new(".")))
        .and_then(|file| file.sync_all())
        .map_err(failed)?;
    Ok(())
}

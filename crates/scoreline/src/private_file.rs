//! Files that only their owner can read: what players did is nobody else's.

use std::fs::{File, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::{Error, anyhow};

/// Opens a file to be written, which must not be there unless it is to be overwritten.
pub fn create(path: &Path, overwrite: bool) -> anyhow::Result<File> {
    open(path, overwrite).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => anyhow!("{} exists; --force overwrites it", path.display()),
        _ => Error::new(error).context(format!("{} cannot be written", path.display())),
    })
}

fn open(path: &Path, overwrite: bool) -> std::io::Result<File> {
    // A pipe or a device loses nothing when it is written to.
    let is_stream = std::fs::metadata(path).is_ok_and(|found| !found.is_file());
    let mut options = File::options();
    options.write(true).mode(0o600);
    if is_stream {
        return options.open(path);
    }
    if !overwrite {
        return options.create_new(true).open(path);
    }
    let file = options.create(true).truncate(true).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

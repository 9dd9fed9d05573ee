//! The data directory: one server at a time, and the secrets that are made at first start.
//!
//! Nobody but its owner can read it. What a command makes in it as root belongs to the owner of the
//! directory, so that the server can still use it.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};
use rustix::io::Errno;
use rustix::process::geteuid;
use scoreline_core::error::ErrorKind;
use scoreline_core::limits::SECRET_CHARS_MIN;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The name of the token that guards operator endpoints.
pub(crate) const ADMIN_TOKEN: &str = "admin_token";
/// The name of the secret that signs players' tokens.
pub(crate) const TOKEN_SECRET: &str = "token_secret";
/// The file, and the row of `secrets`, of what the aliases of players follow from.
pub(crate) const ALIAS_SECRET: &str = "alias_secret";

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Another server uses it.
    #[error("another server uses {}{holder}; stop it, or name another data directory", path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
        /// That server, if it left a note of itself.
        holder: String,
    },
    /// A secret in it is empty or far too short: requests with an empty secret would be let in.
    #[error(
        "{} holds no secret of at least {SECRET_CHARS_MIN} characters; put yours back, or delete the \
         file to have another one made",
        path.display()
    )]
    NoSecret {
        /// Which file.
        path: PathBuf,
    },
    /// Something in it is another user's.
    #[error(
        "{} belongs to user {owner}, and user {user}, as whom this runs, cannot use it; run \
         'chown -R {user} {}' as root",
        path.display(),
        folder.display()
    )]
    NotOurs {
        /// Which file or directory.
        path: PathBuf,
        /// The number of its owner.
        owner: u32,
        /// The number of the user as whom this process runs.
        user: u32,
        /// The directory.
        folder: PathBuf,
    },
    /// Something in it cannot be read or written.
    #[error("{}: {reason}", path.display())]
    Io {
        /// What.
        path: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
}

impl DataDirError {
    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::InUse { .. } => ErrorKind::Conflict,
            Self::NoSecret { .. } => ErrorKind::Invalid,
            Self::NotOurs { .. } | Self::Io { .. } => ErrorKind::Broken,
        }
    }
}

/// The server that runs on a data directory.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunningServer {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its process.
    pub pid: u32,
}

/// A data directory that this process holds.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    /// The file with the lock, which ends when the file is closed, at the latest with the process.
    _lock: File,
}

impl DataDir {
    /// Makes the directory if need be, and takes it for this process.
    pub fn hold(path: &Path) -> Result<Self, DataDirError> {
        let fail = |path: &Path| {
            let path = path.to_path_buf();
            move |reason| DataDirError::Io { path, reason }
        };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(fail(path))?;
        check_rights(path)?;
        let lock_path = path.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&lock_path)
            .map_err(fail(&lock_path))?;
        give_to_owner(&lock_path);
        match lock.try_lock() {
            Ok(()) => return Ok(Self { path: path.to_path_buf(), _lock: lock }),
            Err(TryLockError::Error(error)) => return Err(fail(&lock_path)(error)),
            Err(TryLockError::WouldBlock) => {}
        }
        let holder = Self::running(path)
            .map(|server| format!(" (process {}, on {})", server.pid, server.address))
            .unwrap_or_default();
        Err(DataDirError::InUse { path: path.to_path_buf(), holder })
    }

    /// Where the database lies in a data directory.
    pub fn database(path: &Path) -> PathBuf {
        path.join("scoreline.db")
    }

    /// The server that says it runs on a data directory.
    pub fn running(path: &Path) -> Option<RunningServer> {
        let text = std::fs::read_to_string(path.join("server.json")).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// The admin token of a data directory, if one was made.
    pub fn stored_admin_token(path: &Path) -> Option<String> {
        Self::stored_secret(path, ADMIN_TOKEN)
    }

    /// A secret of a data directory, if one was made.
    pub(crate) fn stored_secret(path: &Path, name: &str) -> Option<String> {
        let text = std::fs::read_to_string(path.join(name)).ok()?;
        Some(text.trim().to_owned()).filter(|secret| !secret.is_empty())
    }

    /// The admin token, and whether it was made just now.
    pub fn admin_token(&self) -> Result<(String, bool), DataDirError> {
        self.secret(ADMIN_TOKEN)
    }

    /// The secret that signs players' tokens.
    pub fn token_secret(&self) -> Result<Vec<u8>, DataDirError> {
        self.secret(TOKEN_SECRET).map(|(secret, _)| secret.into_bytes())
    }

    /// What the aliases of players follow from.
    pub fn alias_secret(&self) -> Result<Vec<u8>, DataDirError> {
        self.secret(ALIAS_SECRET).map(|(secret, _)| secret.into_bytes())
    }

    /// Says where the server of this directory listens.
    pub fn announce(&self, address: SocketAddr) -> Result<(), DataDirError> {
        let server = RunningServer { address, pid: std::process::id() };
        let text = serde_json::to_string(&server).expect("plain data");
        let path = self.path.join("server.json");
        write_private(&path, &text).map_err(|reason| DataDirError::Io { path, reason })
    }

    /// Says that no server listens any more.
    pub fn withdraw(&self) {
        // A file that stays behind names a process that is gone; the lock tells the truth.
        let _ = std::fs::remove_file(self.path.join("server.json"));
    }

    fn secret(&self, name: &str) -> Result<(String, bool), DataDirError> {
        let path = self.path.join(name);
        let fail = |reason| DataDirError::Io { path: path.clone(), reason };
        match File::open(&path) {
            Ok(mut file) => {
                let mut text = String::new();
                file.read_to_string(&mut text).map_err(fail)?;
                let secret = text.trim();
                if secret.chars().count() < SECRET_CHARS_MIN {
                    return Err(DataDirError::NoSecret { path });
                }
                Ok((secret.to_owned(), false))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let made = fresh_secret();
                write_private(&path, &made).map_err(fail)?;
                Ok((made, true))
            }
            Err(error) => Err(fail(error)),
        }
    }
}

/// A secret that nobody can guess: 244 random bits.
#[expect(clippy::disallowed_methods, reason = "secrets are made of the system's randomness")]
pub(crate) fn fresh_secret() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// Refuses a directory in which another user's files are, before anything is changed.
fn check_rights(folder: &Path) -> Result<(), DataDirError> {
    let names = ["lock", "server.json", ADMIN_TOKEN, TOKEN_SECRET, ALIAS_SECRET];
    let database = DataDir::database(folder);
    let beside = ["db-wal", "db-shm"].map(|extension| database.with_extension(extension));
    let files = names.map(|name| folder.join(name)).into_iter().chain(beside);
    for path in [folder.to_path_buf(), database].into_iter().chain(files) {
        if access(&path, Access::READ_OK | Access::WRITE_OK) == Err(Errno::ACCESS) {
            let owner = std::fs::metadata(&path).map_or(0, |found| found.uid());
            let (user, folder) = (geteuid().as_raw(), folder.to_path_buf());
            return Err(DataDirError::NotOurs { path, owner, user, folder });
        }
    }
    Ok(())
}

/// Gives a new file to whom its directory belongs. Only root can, and only root needs to.
fn give_to_owner(path: &Path) {
    if !geteuid().is_root() {
        return;
    }
    if let Some(Ok(folder)) = path.parent().map(std::fs::metadata) {
        // Where this fails, the server says which file is not its own.
        let _ = chown(path, Some(folder.uid()), Some(folder.gid()));
    }
}

/// Writes a file that only its owner may read, whole or not at all.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let new = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true).mode(0o600);
    let mut file = options.open(&new)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    give_to_owner(&new);
    std::fs::rename(new, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_but_its_owner_reads_a_data_directory() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("data");
        let held = DataDir::hold(&path).expect("it is made");
        held.admin_token().expect("it is made");
        held.announce(SocketAddr::from(([127, 0, 0, 1], 1))).expect("it is written");
        let mode = |path: &Path| std::fs::metadata(path).expect("is there").mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        for name in ["lock", ADMIN_TOKEN, "server.json"] {
            assert_eq!(mode(&path.join(name)), 0o600, "{name}");
        }
    }

    #[test]
    fn what_root_makes_belongs_to_the_owner_of_the_directory() {
        if !geteuid().is_root() {
            return;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        chown(folder.path(), Some(65_534), Some(65_534)).expect("root may");
        let held = DataDir::hold(folder.path()).expect("nobody else holds it");
        held.admin_token().expect("it is made");
        for name in ["lock", ADMIN_TOKEN] {
            let owner = std::fs::metadata(folder.path().join(name)).expect("is there").uid();
            assert_eq!(owner, 65_534, "{name}");
        }
    }

    #[test]
    fn a_secret_that_was_emptied_is_refused_instead_of_being_the_empty_one() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let held = DataDir::hold(folder.path()).expect("nobody else holds it");
        let (made, is_new) = held.admin_token().expect("it is made");
        assert!(is_new && made.len() >= SECRET_CHARS_MIN);
        assert_eq!(held.admin_token().expect("it is there"), (made, false));
        for emptied in ["", "\n", "too short"] {
            std::fs::write(folder.path().join(ADMIN_TOKEN), emptied).expect("it is written");
            let refused = held.admin_token().expect_err("that is no secret");
            assert_eq!(refused.kind(), ErrorKind::Invalid, "{emptied:?}: {refused}");
        }
    }
}

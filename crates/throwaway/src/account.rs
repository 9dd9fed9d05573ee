//! The account that servers run as where this program runs as root: PostgreSQL refuses root.

use std::path::Path;
use std::process::Command;

use crate::{Result, succeed};

/// The account that packages of PostgreSQL make.
const ACCOUNT: &str = "postgres";

/// A program under an account that servers accept: this program's own, unless that is root.
pub fn as_account(program: impl AsRef<Path>) -> Command {
    let program = program.as_ref();
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args([&format!("--reuid={ACCOUNT}"), &format!("--regid={ACCOUNT}"), "--init-groups"])
        .arg(program)
        .current_dir("/");
    command
}

/// Gives a file or a folder, without what is in it, to the account of [`as_account`].
pub fn own(path: &Path) -> Result<()> {
    if is_root() {
        succeed(Command::new("chown").arg(format!("{ACCOUNT}:")).arg(path))?;
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

#[cfg(not(target_os = "linux"))]
fn is_root() -> bool {
    false
}

//! What commands print.
//!
//! The reader of a pipe may leave when it has seen enough, as `head` does. Then the rest is not
//! printed, but the work is done and the exit code tells its outcome; `println!` would panic.

use std::fmt::Arguments;
use std::io::{ErrorKind, Result, Write};

/// Prints a line to standard output, for [`std::format!`]'s arguments.
macro_rules! say {
    ($($text:tt)*) => { $crate::output::line(format_args!($($text)*)) };
}

/// Prints a line to standard error, beside the output.
macro_rules! note {
    ($($text:tt)*) => { $crate::output::aside(format_args!($($text)*)) };
}

pub(crate) use {note, say};

/// Prints a line to standard output.
pub fn line(text: Arguments<'_>) -> Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Prints a line to standard error. Where that cannot be written, nobody can be told so.
pub fn aside(text: Arguments<'_>) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

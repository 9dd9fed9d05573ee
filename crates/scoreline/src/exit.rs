//! The exit codes, beside 0 for what went well.

use scoreline_server::ServerError;

use crate::local::Refused;

/// Something was found: mistakes, differences, failed checks.
pub const FOUND: u8 = 1;
/// The command could not be carried out, or not be read at all.
pub const FAILED: u8 = 2;

/// The code of a command that failed. Mistakes in a game definition are something found, whichever command
/// found them.
pub fn of(error: &anyhow::Error) -> u8 {
    let at_start =
        error.downcast_ref::<ServerError>().is_some_and(|one| !one.mistakes().is_empty());
    let by_server = error.downcast_ref::<Refused>().is_some_and(|one| one.names_mistakes);
    if at_start || by_server { FOUND } else { FAILED }
}

//! The exit codes, beside 0 for what went well.

/// Something was found: mistakes, differences, failed checks.
pub const FOUND: u8 = 1;
/// The command could not be carried out, or not be read at all.
pub const FAILED: u8 = 2;

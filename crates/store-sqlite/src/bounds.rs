//! The times between which a listing lies, as values of comparisons.

use scoreline_core::time::Timestamp;

/// The bound of a time range that may be open, as a value of a comparison.
pub(crate) fn from(bound: Option<Timestamp>) -> i64 {
    bound.map_or(i64::MIN, Timestamp::as_ms)
}

/// The upper bound of a time range, itself excluded, as a value of a comparison.
pub(crate) fn until(bound: Option<Timestamp>) -> i64 {
    bound.map_or(i64::MAX, Timestamp::as_ms)
}

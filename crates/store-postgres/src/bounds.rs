//! Where a listing begins and ends, as values of comparisons.

use scoreline_core::id::EventKey;
use scoreline_core::time::Timestamp;
use uuid::Uuid;

/// The key after which a listing starts: as values of a comparison that excludes it.
pub(crate) struct After {
    pub time: i64,
    pub id: Uuid,
}

impl After {
    /// After this key, but not before this time.
    pub fn new(after: Option<EventKey>, from: Option<Timestamp>) -> Self {
        // The last key of the millisecond before.
        let from = Self { time: self::from(from).saturating_sub(1), id: Uuid::max() };
        match after {
            Some(key) if key.time.as_ms() > from.time => {
                Self { time: key.time.as_ms(), id: key.id }
            }
            _ => from,
        }
    }
}

/// The bound of a time range that may be open, as a value of a comparison.
pub(crate) fn from(bound: Option<Timestamp>) -> i64 {
    bound.map_or(i64::MIN, Timestamp::as_ms)
}

/// The upper bound of a time range, itself excluded, as a value of a comparison.
pub(crate) fn until(bound: Option<Timestamp>) -> i64 {
    bound.map_or(i64::MAX, Timestamp::as_ms)
}

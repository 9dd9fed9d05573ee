//! Where a listing begins and ends, as values of comparisons.

use scoreline_core::id::EventKey;
use scoreline_core::time::Timestamp;

/// The key after which a listing starts: as values of a comparison that excludes it.
pub(crate) struct After(i64, Vec<u8>);

impl After {
    /// After this key, but not before this time.
    pub fn new(after: Option<EventKey>, from: Option<Timestamp>) -> Self {
        // No id is empty, so an empty one stands before all ids of its time.
        let from = Self(from.map_or(i64::MIN, Timestamp::as_ms), Vec::new());
        match after {
            Some(key) if key.time.as_ms() >= from.0 => {
                Self(key.time.as_ms(), key.id.as_bytes().to_vec())
            }
            _ => from,
        }
    }

    pub fn time(&self) -> i64 {
        self.0
    }

    pub fn id(&self) -> &[u8] {
        &self.1
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

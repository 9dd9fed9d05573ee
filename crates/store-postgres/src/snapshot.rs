//! Snapshots of PostgreSQL: which transactions somebody sees, and which came too late.

use scoreline_core::store::{Result, StoreError};

/// What `pg_current_snapshot()` answers. It sees a transaction if its number is below `end` and not
/// among those `in_progress`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// The first number that was not given out yet.
    pub end: u64,
    /// The transactions below that which were not over, in their order.
    pub in_progress: Vec<u64>,
}

impl Snapshot {
    /// Reads `xmin:xmax:xip,xip`.
    pub fn parse(text: &str) -> Result<Self> {
        Self::read(text)
            .ok_or_else(|| StoreError::Unusable(format!("{text:?} is no snapshot of PostgreSQL")))
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ':').skip(1);
        let end = parts.next()?.parse().ok()?;
        let listed = parts.next()?.split(',').filter(|one| !one.is_empty());
        let in_progress = listed.map(|one| one.parse().ok()).collect::<Option<_>>()?;
        Some(Self { end, in_progress })
    }

    /// Whether it sees a transaction.
    pub fn sees(&self, transaction: u64) -> bool {
        transaction < self.end && self.in_progress.binary_search(&transaction).is_err()
    }

    /// Whether it sees every transaction that `other`, a snapshot of the same database, sees.
    pub fn sees_all_of(&self, other: &Self) -> bool {
        self.end >= other.end && self.in_progress.iter().all(|missing| !other.sees(*missing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(text: &str) -> Snapshot {
        Snapshot::parse(text).expect("a snapshot")
    }

    #[test]
    fn a_snapshot_sees_what_was_over_when_it_was_taken() {
        let taken = snapshot("10:20:10,14,15");
        for (transaction, sees) in
            [(9, true), (10, false), (13, true), (15, false), (19, true), (20, false), (99, false)]
        {
            assert_eq!(taken.sees(transaction), sees, "{transaction}");
        }
        assert_eq!(snapshot("7:7:"), Snapshot { end: 7, in_progress: vec![] });
        for broken in ["", "7", "7:8", "7:x:", "7:8:a"] {
            assert!(Snapshot::parse(broken).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn a_later_snapshot_sees_all_of_an_earlier_one_and_not_the_other_way_round() {
        let earlier = snapshot("10:20:10,14");
        for later in ["10:20:10,14", "10:20:10", "10:25:10,14,21", "14:20:14", "30:30:"] {
            assert!(snapshot(later).sees_all_of(&earlier), "{later}");
        }
        for before in ["10:19:10,14", "10:20:10,14,15", "5:20:5,10,14", "9:9:"] {
            assert!(!snapshot(before).sees_all_of(&earlier), "{before}");
        }
    }
}

//! All statistics of one player, and how changes are merged into them.

use std::collections::BTreeMap;

use super::{FoldOverflow, StatisticChange};
use crate::id::{PlayerId, Slot};

/// A player's statistics, by the slots that they lie in. Stores keep them as one row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlayerStatistics(BTreeMap<Slot, i64>);

impl PlayerStatistics {
    /// Takes the changes of one player in. Answers whether anything is different now.
    pub fn merge(
        &mut self,
        changes: &[(PlayerId, Slot, StatisticChange)],
    ) -> Result<bool, FoldOverflow> {
        let mut is_changed = false;
        for (_, slot, change) in changes {
            let known = self.0.get(slot).copied();
            let amount = known.map_or(Ok(change.value()), |known| change.onto(known))?;
            if known != Some(amount) {
                self.0.insert(*slot, amount);
                is_changed = true;
            }
        }
        Ok(is_changed)
    }

    /// What lies in a slot.
    pub fn get(&self, slot: Slot) -> Option<i64> {
        self.0.get(&slot).copied()
    }

    /// Puts something in a slot, or takes it out.
    pub fn set(&mut self, slot: Slot, amount: Option<i64>) {
        match amount {
            Some(amount) => self.0.insert(slot, amount),
            None => self.0.remove(&slot),
        };
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The slots and their amounts, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, i64)> + '_ {
        self.0.iter().map(|(slot, amount)| (*slot, *amount))
    }
}

impl FromIterator<(Slot, i64)> for PlayerStatistics {
    fn from_iter<I: IntoIterator<Item = (Slot, i64)>>(amounts: I) -> Self {
        Self(amounts.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(slot: i64, change: StatisticChange) -> (PlayerId, Slot, StatisticChange) {
        (PlayerId::from_stored("ann"), Slot(slot), change)
    }

    #[test]
    fn changes_are_added_or_raise_what_is_there() {
        let mut statistics = PlayerStatistics::default();
        let first = [change(1, StatisticChange::Add(2)), change(2, StatisticChange::AtLeast(-5))];
        assert_eq!(statistics.merge(&first), Ok(true));
        let second = [change(1, StatisticChange::Add(3)), change(2, StatisticChange::AtLeast(-9))];
        assert_eq!(statistics.merge(&second), Ok(true));
        assert_eq!(statistics.iter().collect::<Vec<_>>(), [(Slot(1), 5), (Slot(2), -5)]);
    }

    #[test]
    fn what_changes_nothing_is_told_apart() {
        let mut statistics: PlayerStatistics = [(Slot(1), 7)].into_iter().collect();
        let lower = [change(1, StatisticChange::AtLeast(7)), change(1, StatisticChange::Add(0))];
        assert_eq!(statistics.merge(&lower), Ok(false));
        assert_eq!(statistics.merge(&[change(2, StatisticChange::Add(0))]), Ok(true), "a new row");
    }

    #[test]
    fn no_amount_passes_64_bits_or_becomes_the_one_number_without_a_negative() {
        for (known, more) in [(i64::MAX, 1), (-i64::MAX, -1), (-i64::MAX, -2)] {
            let mut statistics: PlayerStatistics = [(Slot(1), known)].into_iter().collect();
            let refused = statistics.merge(&[change(1, StatisticChange::Add(more))]);
            assert_eq!(refused, Err(FoldOverflow), "{known} + {more}");
        }
    }
}

//! All statistics of one player, and how changes are merged into them.

use std::collections::BTreeMap;

use super::wide::nearest;
use super::{FoldOverflow, StatisticChange};
use crate::id::{PlayerId, Slot};

/// By how much the slots lie beyond a statistic's own that hold the parts of a total beyond 64 bits: its lower
/// half, and its upper one. No other slot has such a number.
const HALVES: [i64; 2] = [1 << 61, 1 << 62];

/// A player's statistics, by the slots that they lie in. Stores keep them as one row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlayerStatistics(BTreeMap<Slot, i128>);

/// The slots that hold the parts of a statistic: its own, and those of the halves of what is beyond 64 bits.
pub fn parts_of(slot: Slot) -> [Slot; 3] {
    let [low, high] =
        HALVES.map(|half| Slot(if slot.0 < 0 { slot.0 - half } else { slot.0 + half }));
    [slot, low, high]
}

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
    pub fn get(&self, slot: Slot) -> Option<i128> {
        self.0.get(&slot).copied()
    }

    /// Puts something in a slot, or takes it out.
    pub fn set(&mut self, slot: Slot, amount: Option<i128>) {
        match amount {
            Some(amount) => self.0.insert(slot, amount),
            None => self.0.remove(&slot),
        };
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The slots and their totals, in order.
    pub fn totals(&self) -> impl Iterator<Item = (Slot, i128)> + '_ {
        self.0.iter().map(|(slot, amount)| (*slot, *amount))
    }

    /// The slots and their amounts as stores keep them, in order. What is beyond 64 bits is there as the nearest
    /// number that fits, and whole in two slots of its own.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, i64)> + '_ {
        let mut parts: BTreeMap<Slot, i64> = BTreeMap::new();
        for (slot, total) in self.totals() {
            let [own, low, high] = parts_of(slot);
            let shown = nearest(total);
            parts.insert(own, shown);
            if i128::from(shown) != total {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "the halves are what is wanted"
                )]
                parts.extend([(low, total as i64), (high, (total >> i64::BITS) as i64)]);
            }
        }
        parts.into_iter()
    }
}

/// Out of what [`PlayerStatistics::iter`] gave.
impl FromIterator<(Slot, i64)> for PlayerStatistics {
    fn from_iter<I: IntoIterator<Item = (Slot, i64)>>(amounts: I) -> Self {
        let parts: BTreeMap<Slot, i64> = amounts.into_iter().collect();
        let is_own = |slot: &Slot| slot.0.unsigned_abs() < HALVES[0].unsigned_abs();
        let total = |(slot, shown): (&Slot, &i64)| {
            let [_, low, high] = parts_of(*slot);
            let total = match (parts.get(&low), parts.get(&high)) {
                (Some(low), Some(high)) => {
                    (i128::from(*high) << i64::BITS) | i128::from(low.cast_unsigned())
                }
                _ => i128::from(*shown),
            };
            (*slot, total)
        };
        Self(parts.iter().filter(|(slot, _)| is_own(slot)).map(total).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(slot: i64, change: StatisticChange) -> (PlayerId, Slot, StatisticChange) {
        (PlayerId::from_stored("ann"), Slot(slot), change)
    }

    #[test]
    fn totals_beyond_64_bits_come_back_as_they_were_and_show_the_nearest_number() {
        let most = i128::from(i64::MAX);
        for total in [most, -most, most + 1, -most - 1, 5 * most, -5 * most, i128::MAX, i128::MIN] {
            let mut statistics = PlayerStatistics::default();
            statistics.set(Slot(7), Some(total));
            statistics.set(Slot(-7), Some(-5));
            let kept: Vec<(Slot, i64)> = statistics.iter().collect();
            assert_eq!(kept.len(), if total.abs_diff(0) <= most.unsigned_abs() { 2 } else { 4 });
            let shown = kept.iter().find(|(slot, _)| *slot == Slot(7)).expect("its own").1;
            assert_eq!(i128::from(shown), total.clamp(-most, most));
            assert_eq!(kept.into_iter().collect::<PlayerStatistics>(), statistics, "{total}");
        }
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
    fn an_amount_passes_64_bits_and_comes_back_and_none_passes_128() {
        for (known, more) in [(i64::MAX, 1), (-i64::MAX, -1), (-i64::MAX, -2)] {
            let mut statistics: PlayerStatistics = [(Slot(1), known)].into_iter().collect();
            for (more, total) in [(more, i128::from(known) + more), (-more, known.into())] {
                assert_eq!(statistics.merge(&[change(1, StatisticChange::Add(more))]), Ok(true));
                assert_eq!(statistics.get(Slot(1)), Some(total));
            }
            let refused = statistics.merge(&[change(
                1,
                StatisticChange::Add(if known > 0 { i128::MAX } else { i128::MIN }),
            )]);
            assert_eq!(refused, Err(FoldOverflow), "{known}");
        }
    }
}

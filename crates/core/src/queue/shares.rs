//! How the classes share the workers.
//!
//! Each class that has work gets its share of every claim, and what one does not need goes to the
//! others. So urgent work waits for at most one batch, and the least urgent is never starved. Pure.

use super::ByClass;
use crate::game::Class;

/// The share of each class in a claim, as parts of their sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares(ByClass<u32>);

/// Critical, normal and bulk events: 60, 30 and 10 percent.
impl Default for Shares {
    fn default() -> Self {
        Self(ByClass([60, 30, 10]))
    }
}

impl Shares {
    /// Shares in these proportions; `None` if a class would get nothing.
    pub fn new(parts: ByClass<u32>) -> Option<Self> {
        parts.0.iter().all(|part| *part > 0).then_some(Self(parts))
    }

    /// How many events to take of each class, out of those that wait; `events_max` in all, or fewer
    /// if fewer wait. Where it is not known how much of a class waits, pass [`u64::MAX`].
    ///
    /// As long as `events_max` has room for them, every class with work gets at least one.
    pub fn quotas(&self, events_max: u64, waiting: &ByClass<u64>) -> ByClass<u64> {
        let mut quotas = ByClass::default();
        let mut left = events_max;
        loop {
            let wants = |quotas: &ByClass<u64>, class: Class| waiting[class] > quotas[class];
            let parts: u32 = Class::ALL
                .into_iter()
                .filter(|class| wants(&quotas, *class))
                .map(|class| self.0[class])
                .sum();
            if left == 0 || parts == 0 {
                return quotas;
            }
            let to_share = u128::from(left);
            for class in Class::ALL.into_iter().filter(|class| waiting[*class] > 0) {
                let portion = to_share * u128::from(self.0[class]) / u128::from(parts);
                let portion = u64::try_from(portion).unwrap_or(u64::MAX).max(1);
                let taken = portion.min(waiting[class] - quotas[class]).min(left);
                quotas[class] += taken;
                left -= taken;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quotas(events_max: u64, waiting: ByClass<u64>) -> ByClass<u64> {
        Shares::default().quotas(events_max, &waiting)
    }

    #[test]
    fn classes_with_plenty_of_work_get_their_shares() {
        assert_eq!(quotas(200, ByClass([u64::MAX; 3])), ByClass([120, 60, 20]));
        assert_eq!(quotas(10, ByClass([1_000; 3])), ByClass([6, 3, 1]));
    }

    #[test]
    fn what_a_class_does_not_need_goes_to_the_others_by_their_shares() {
        assert_eq!(quotas(200, ByClass([0, u64::MAX, u64::MAX])), ByClass([0, 150, 50]));
        assert_eq!(quotas(200, ByClass([20, 1_000, 0])), ByClass([20, 180, 0]));
        assert_eq!(quotas(200, ByClass([0, 0, u64::MAX])), ByClass([0, 0, 200]));
        assert_eq!(quotas(200, ByClass([1, 2, 3])), ByClass([1, 2, 3]));
        assert_eq!(quotas(200, ByClass([0; 3])), ByClass([0; 3]));
    }

    #[test]
    fn no_class_is_starved_by_a_small_claim() {
        assert_eq!(quotas(3, ByClass([u64::MAX; 3])), ByClass([1, 1, 1]));
        assert_eq!(quotas(5, ByClass([u64::MAX; 3])), ByClass([3, 1, 1]));
        assert_eq!(
            quotas(1, ByClass([0, 9, 9])),
            ByClass([0, 1, 0]),
            "with room for one, the more urgent goes first"
        );
    }

    #[test]
    fn a_class_cannot_be_given_nothing() {
        assert_eq!(Shares::new(ByClass([60, 40, 0])), None);
        let even = Shares::new(ByClass([1, 1, 1])).expect("shares");
        assert_eq!(even.quotas(9, &ByClass([u64::MAX; 3])), ByClass([3, 3, 3]));
    }
}

//! How classes share a claim, for all there is to share.

use proptest::prelude::*;
use scoreline_core::game::Class;
use scoreline_core::queue::ByClass;
use scoreline_core::queue::shares::Shares;

proptest! {
    #[test]
    fn a_claim_takes_all_it_may_of_what_there_is_and_starves_nobody(
        parts in prop::array::uniform3(1_u32..1_000),
        events_max in 0_u64..5_000,
        waiting in prop::array::uniform3(prop_oneof![0_u64..3, 0_u64..5_000, Just(u64::MAX)]),
    ) {
        let shares = Shares::new(ByClass(parts)).expect("none is 0");
        let quotas = shares.quotas(events_max, &ByClass(waiting));
        let waiting_in_all = waiting.into_iter().fold(0, u64::saturating_add);
        prop_assert_eq!(quotas.0.iter().sum::<u64>(), events_max.min(waiting_in_all));
        let sum: u64 = parts.into_iter().map(u64::from).sum();
        for class in Class::ALL {
            prop_assert!(quotas[class] <= waiting[class as usize]);
            // Where every class takes at least one, the others may miss one each.
            let share = (events_max * u64::from(parts[class as usize]) / sum).saturating_sub(2);
            prop_assert!(quotas[class] >= share.min(waiting[class as usize]));
            if events_max >= 3 && waiting[class as usize] > 0 {
                prop_assert!(quotas[class] > 0, "{class:?} is starved: {quotas:?}");
            }
        }
    }
}

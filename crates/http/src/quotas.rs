//! How many requests, or KiB, a minute each player has left, all or nothing: whoever is refused for one of the players
//! that a request names has spent nothing of the others.
//!
//! Per player one number is kept: when the allowance would be whole again if nothing more came (GCRA).

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

/// Nanoseconds of a minute.
const MINUTE_NS: u64 = 60_000_000_000;

/// The allowances of all players that were heard of lately.
pub(crate) struct Quotas {
    /// After how long one comes back.
    interval_ns: u64,
    /// After how long all that were spent have come back.
    whole_ns: u64,
    whole_at: Mutex<HashMap<Arc<str>, u64>>,
}

impl Quotas {
    /// `per_minute` requests for each, which may come at once.
    pub fn new(per_minute: u32) -> Self {
        let per_minute = u64::from(per_minute.max(1));
        let interval_ns = MINUTE_NS / per_minute;
        let whole_ns = interval_ns * per_minute;
        Self { interval_ns, whole_ns, whole_at: Mutex::default() }
    }

    /// Counts so many for each of these players, `now_ns` after some fixed moment. If one of them has
    /// not as many left, nothing is counted for any, and the answer is after how many nanoseconds all have.
    /// Whoever spends more than there is in all needs all of it.
    pub fn spend(&self, players: &[(&str, u64)], now_ns: u64) -> Result<(), u64> {
        let mut whole_at = self.whole_at.lock();
        let cost_ns = |count: u64| self.interval_ns.saturating_mul(count).min(self.whole_ns);
        let wait_ns = |(player, count): &(&str, u64)| {
            let whole_at = whole_at.get(*player).copied().unwrap_or(0).max(now_ns);
            (whole_at - now_ns + cost_ns(*count)).saturating_sub(self.whole_ns)
        };
        match players.iter().map(wait_ns).max() {
            Some(longest_ns) if longest_ns > 0 => return Err(longest_ns),
            _ => {}
        }
        for (player, count) in players {
            let whole = match whole_at.get_mut(*player) {
                Some(whole) => whole,
                None => whole_at.entry(Arc::from(*player)).or_default(),
            };
            *whole = now_ns.max(*whole) + cost_ns(*count);
        }
        Ok(())
    }

    /// Forgets those whose allowance is whole.
    pub fn tidy(&self, now_ns: u64) {
        self.whole_at.lock().retain(|_, whole_at| *whole_at > now_ns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;

    #[test]
    fn an_allowance_is_spent_and_comes_back_evenly() {
        let quotas = Quotas::new(3);
        for _ in 0..3 {
            assert_eq!(quotas.spend(&[("ann", 1)], 0), Ok(()));
        }
        assert_eq!(quotas.spend(&[("ann", 1)], 0), Err(20 * SECOND_NS));
        assert_eq!(quotas.spend(&[("ben", 1)], 0), Ok(()));
        assert_eq!(quotas.spend(&[("ann", 1)], 20 * SECOND_NS), Ok(()));
        assert!(quotas.spend(&[("ann", 1)], 20 * SECOND_NS).is_err());
    }

    #[test]
    fn much_at_once_takes_as_long_to_come_back_and_too_much_takes_all() {
        let quotas = Quotas::new(6);
        assert_eq!(quotas.spend(&[("ann", 4)], 0), Ok(()));
        assert_eq!(quotas.spend(&[("ann", 3)], 0), Err(10 * SECOND_NS));
        assert_eq!(quotas.spend(&[("ann", 2)], 0), Ok(()));
        assert_eq!(quotas.spend(&[("ben", 100)], 0), Ok(()), "nobody has more");
        assert_eq!(quotas.spend(&[("ben", 100)], 0), Err(60 * SECOND_NS));
    }

    #[test]
    fn a_request_that_is_refused_for_one_spends_nothing_of_the_others() {
        let quotas = Quotas::new(1);
        assert_eq!(quotas.spend(&[("ann", 1)], 0), Ok(()));
        for _ in 0..10 {
            assert_eq!(quotas.spend(&[("ben", 1), ("ann", 1)], 0), Err(60 * SECOND_NS));
        }
        assert_eq!(quotas.spend(&[("ben", 1)], 0), Ok(()), "nobody wore it out");
    }

    #[test]
    fn whose_allowance_is_whole_again_is_forgotten() {
        let quotas = Quotas::new(2);
        quotas.spend(&[("ann", 1), ("ben", 1)], 0).expect("they have enough");
        quotas.spend(&[("ben", 1)], 0).expect("one more");
        quotas.tidy(30 * SECOND_NS);
        assert_eq!(quotas.whole_at.lock().keys().map(|id| &**id).collect::<Vec<_>>(), ["ben"]);
    }
}

//! How many requests a minute each player has left, all or nothing: whoever is refused for one of the players
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
    /// After how long one request comes back.
    interval_ns: u64,
    /// How much a player may be ahead.
    ahead_ns: u64,
    whole_at: Mutex<HashMap<Arc<str>, u64>>,
}

impl Quotas {
    /// `per_minute` requests for each, which may come at once.
    pub fn new(per_minute: u32) -> Self {
        let per_minute = u64::from(per_minute.max(1));
        let interval_ns = MINUTE_NS / per_minute;
        let ahead_ns = interval_ns * (per_minute - 1);
        Self { interval_ns, ahead_ns, whole_at: Mutex::default() }
    }

    /// Counts one request for each of these players, `now_ns` after some fixed moment. If one of them has
    /// none left, nothing is counted for any, and the answer is after how many nanoseconds all have.
    pub fn spend(&self, players: &[&str], now_ns: u64) -> Result<(), u64> {
        let mut whole_at = self.whole_at.lock();
        let wait_ns = |player: &&str| {
            let whole_at = whole_at.get(*player).copied().unwrap_or(0);
            whole_at.saturating_sub(self.ahead_ns).saturating_sub(now_ns)
        };
        match players.iter().map(wait_ns).max() {
            Some(longest_ns) if longest_ns > 0 => return Err(longest_ns),
            _ => {}
        }
        for player in players {
            let whole = match whole_at.get_mut(*player) {
                Some(whole) => whole,
                None => whole_at.entry(Arc::from(*player)).or_default(),
            };
            *whole = now_ns.max(*whole) + self.interval_ns;
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
            assert_eq!(quotas.spend(&["ann"], 0), Ok(()));
        }
        assert_eq!(quotas.spend(&["ann"], 0), Err(20 * SECOND_NS));
        assert_eq!(quotas.spend(&["ben"], 0), Ok(()));
        assert_eq!(quotas.spend(&["ann"], 20 * SECOND_NS), Ok(()));
        assert!(quotas.spend(&["ann"], 20 * SECOND_NS).is_err());
    }

    #[test]
    fn a_request_that_is_refused_for_one_spends_nothing_of_the_others() {
        let quotas = Quotas::new(1);
        assert_eq!(quotas.spend(&["ann"], 0), Ok(()));
        for _ in 0..10 {
            assert_eq!(quotas.spend(&["ben", "ann"], 0), Err(60 * SECOND_NS));
        }
        assert_eq!(quotas.spend(&["ben"], 0), Ok(()), "nobody wore it out");
    }

    #[test]
    fn whose_allowance_is_whole_again_is_forgotten() {
        let quotas = Quotas::new(2);
        quotas.spend(&["ann", "ben"], 0).expect("they have enough");
        quotas.spend(&["ben"], 0).expect("one more");
        quotas.tidy(30 * SECOND_NS);
        assert_eq!(quotas.whole_at.lock().keys().map(|id| &**id).collect::<Vec<_>>(), ["ben"]);
    }
}

//! When a parcel that could not be applied is tried again, and when it is given up.
//!
//! The pause doubles with every attempt. It is spread by ±20 %, so that parcels that failed together
//! do not come back together. Pure: where a pause lies within that is a function of the parcel.

use std::time::Duration;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::limits::{QUEUE_ATTEMPTS_MAX, QUEUE_RETRY_FIRST_MS, QUEUE_RETRY_LONGEST_MS};

/// The share by which a pause may be longer or shorter.
const SPREAD: f64 = 0.2;

/// How often and after which pauses a parcel is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryRule {
    /// How often it is tried in all.
    pub attempts_max: u32,
    /// The pause after the first attempt.
    pub first: Duration,
    /// The longest pause, before it is spread.
    pub longest: Duration,
}

impl Default for RetryRule {
    fn default() -> Self {
        Self {
            attempts_max: QUEUE_ATTEMPTS_MAX,
            first: Duration::from_millis(QUEUE_RETRY_FIRST_MS),
            longest: Duration::from_millis(QUEUE_RETRY_LONGEST_MS),
        }
    }
}

impl RetryRule {
    /// The pause before the next attempt when `attempts` have failed, the last one just now; `None`
    /// if there is to be no other. `spread` is a number from −1 to 1: [`spread_of`] the parcel.
    pub fn pause_after(&self, attempts: u32, spread: f64) -> Option<Duration> {
        if attempts >= self.attempts_max {
            return None;
        }
        let doublings = attempts.saturating_sub(1).min(31);
        let pause = self.first.saturating_mul(1 << doublings).min(self.longest);
        Some(pause.mul_f64(1.0 + SPREAD * spread.clamp(-1.0, 1.0)))
    }
}

/// Where the pause of a parcel lies between its shortest and its longest, from −1 to 1. Other parcels, and
/// the same one after another attempt, lie elsewhere.
pub fn spread_of(id: &str, attempts: u32) -> f64 {
    let hash = xxh3_64_with_seed(id.as_bytes(), attempts.into());
    (hash >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause_s(rule: &RetryRule, attempts: u32, spread: f64) -> Option<f64> {
        rule.pause_after(attempts, spread).map(|pause| pause.as_secs_f64())
    }

    #[test]
    fn pauses_double_from_two_seconds_until_three_attempts_are_over() {
        let rule = RetryRule::default();
        assert_eq!(pause_s(&rule, 1, 0.0), Some(2.0));
        assert_eq!(pause_s(&rule, 2, 0.0), Some(4.0));
        assert_eq!(pause_s(&rule, 3, 0.0), None);
        assert_eq!(pause_s(&rule, 7, 0.0), None);
    }

    #[test]
    fn pauses_are_spread_by_a_fifth_at_most() {
        let rule = RetryRule::default();
        assert_eq!(pause_s(&rule, 1, -1.0), Some(1.6));
        assert_eq!(pause_s(&rule, 1, 1.0), Some(2.4));
        assert_eq!(pause_s(&rule, 1, 50.0), Some(2.4));
    }

    #[test]
    fn pauses_grow_to_their_limit_however_many_attempts_there_are() {
        let rule = RetryRule { attempts_max: u32::MAX, ..RetryRule::default() };
        let longest_s = rule.longest.as_secs_f64();
        assert_eq!(pause_s(&rule, 8, 0.0), Some(256.0));
        assert_eq!(pause_s(&rule, 9, 0.0), Some(longest_s));
        assert_eq!(pause_s(&rule, 4_000_000_000, 0.0), Some(longest_s));
    }

    #[test]
    fn parcels_that_failed_together_are_spread_over_the_whole_range() {
        let spreads: Vec<f64> = (0..1_000).map(|no| spread_of(&format!("17-{no}"), 1)).collect();
        assert!(spreads.iter().all(|spread| (-1.0..=1.0).contains(spread)));
        for tenth in 0_u32..10 {
            let from = -1.0 + 0.2 * f64::from(tenth);
            let inside = spreads.iter().filter(|one| (from..from + 0.2).contains(*one)).count();
            assert!((50..200).contains(&inside), "{inside} of 1000 from {from} on");
        }
        assert!((spread_of("17-0", 1) - spread_of("17-0", 2)).abs() > f64::EPSILON);
    }
}

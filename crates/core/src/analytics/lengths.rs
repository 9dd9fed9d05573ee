//! Lengths of time in classes, for medians that cost the same however many lengths there are.
//!
//! A class is as wide as a fixed part of its length. The middle of a class therefore misses a length in
//! it by at most 3.2 % with [`FINE`] classes and 12.5 % with [`COARSE`] ones, or half a second.

use std::collections::BTreeMap;

/// Each doubling of a length makes sixteen classes.
pub const FINE: Lengths = Lengths { bits: 4 };
/// Each doubling of a length makes four classes.
pub const COARSE: Lengths = Lengths { bits: 2 };

/// How lengths are put into classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lengths {
    /// How many bits of a length its class keeps, beside the first.
    bits: u32,
}

impl Lengths {
    /// The class of a length.
    pub fn class(self, ms: i64) -> u32 {
        let seconds = u32::try_from(ms.max(0) / 1_000).unwrap_or(u32::MAX);
        let first = 1 << self.bits;
        if seconds < first {
            return seconds;
        }
        let exponent = seconds.ilog2();
        let within = seconds >> (exponent - self.bits) & (first - 1);
        (exponent - self.bits + 1) << self.bits | within
    }

    /// The seconds in the middle of a class.
    pub fn middle(self, class: u32) -> f64 {
        let first = 1 << self.bits;
        if class < first {
            return f64::from(class) + 0.5;
        }
        let doublings = (class >> self.bits) - 1;
        let within = f64::from(first | class & (first - 1));
        (within + 0.5) * 2_f64.powi(doublings.cast_signed())
    }

    /// The length that a part of all lengths do not exceed, by the nearest rank; `None` of none.
    pub fn quantile(self, counts: &BTreeMap<u32, i64>, part: f64) -> Option<f64> {
        let all: i64 = counts.values().sum();
        if all <= 0 {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a part of a count")]
        let rank = ((all as f64 * part).ceil() as i64).max(1);
        let mut passed = 0;
        for (class, count) in counts {
            passed += count;
            if passed >= rank {
                return Some(self.middle(*class));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_class_is_near_every_length_in_it() {
        for (lengths, part) in [(FINE, 0.032), (COARSE, 0.126)] {
            let mut before = 0;
            for seconds in 0..200_000_i64 {
                let class = lengths.class(seconds * 1_000 + 999);
                assert!(class >= before, "{seconds}");
                before = class;
                let off = (lengths.middle(class) - seconds as f64 - 0.5).abs();
                assert!(off <= (seconds as f64 * part).max(0.5), "{seconds}: {off}");
            }
        }
        assert_eq!(FINE.class(-5), 0);
        assert!(FINE.middle(FINE.class(i64::MAX)) > 1e9);
    }

    #[test]
    fn a_quantile_is_that_of_the_nearest_rank() {
        let lengths = [5, 5, 9, 12];
        let mut counts = BTreeMap::new();
        for seconds in lengths {
            *counts.entry(FINE.class(seconds * 1_000)).or_default() += 1;
        }
        assert_eq!(FINE.quantile(&counts, 0.5), Some(5.5));
        assert_eq!(FINE.quantile(&counts, 0.75), Some(9.5));
        assert_eq!(FINE.quantile(&counts, 0.9), Some(12.5));
        assert_eq!(FINE.quantile(&BTreeMap::new(), 0.5), None);
    }
}

//! What pairs of measurements say of a ratio: an estimate and an interval that holds it.
//!
//! The logarithms of the ratios of all rounds are looked at. The estimate is that of Hodges and Lehmann,
//! the median of the means of all pairs of rounds, each round with itself too; the interval is the exact
//! one that belongs to it, by the distribution of Wilcoxon's signed-rank statistic. Neither asks for a
//! normal distribution, and a round that something else on the machine has spoilt moves them little. What
//! is asked for is that a round errs upwards as often as downwards, which measuring in alternation sees to.

/// The confidence that is wanted.
pub const CONFIDENCE: f64 = 0.95;
/// With fewer rounds no interval has that confidence.
pub const ROUNDS_LEAST: usize = 6;

/// A ratio, and where it lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The estimate.
    pub ratio: f64,
    /// It is at least this.
    pub low: f64,
    /// And at most this.
    pub high: f64,
}

impl Interval {
    /// What ratios of rounds say; `None` if there are none, or one of them is no ratio.
    pub fn of(ratios: &[f64]) -> Option<Self> {
        let logs: Vec<f64> = ratios.iter().map(|ratio| ratio.ln()).collect();
        if logs.is_empty() || logs.iter().any(|log| !log.is_finite()) {
            return None;
        }
        let mut means = Vec::with_capacity(logs.len() * (logs.len() + 1) / 2);
        for (place, one) in logs.iter().enumerate() {
            means.extend(logs[place..].iter().map(|other| f64::midpoint(*one, *other)));
        }
        means.sort_unstable_by(f64::total_cmp);
        let left_out = left_out(logs.len());
        let (low, high) = (means[left_out], means[means.len() - 1 - left_out]);
        Some(Self { ratio: median(&means).exp(), low: low.exp(), high: high.exp() })
    }

    /// Whether the two sides differ, as far as that confidence goes.
    pub fn tells(&self) -> bool {
        self.low > 1.0 || self.high < 1.0
    }
}

fn median(sorted: &[f64]) -> f64 {
    f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2])
}

/// How many of the smallest and of the greatest means lie outside of the interval: as many as leave it the
/// confidence that is wanted.
fn left_out(rounds: usize) -> usize {
    // In how many of the ways to give ranks signs the positive ones add up to a sum.
    let mut ways = vec![1.0_f64];
    for rank in 1..=rounds {
        let mut more = vec![0.0; ways.len() + rank];
        for (sum, count) in ways.iter().enumerate() {
            more[sum] += count / 2.0;
            more[sum + rank] += count / 2.0;
        }
        ways = more;
    }
    let tail = (1.0 - CONFIDENCE) / 2.0;
    let mut below = 0.0;
    let within = |share: &&f64| {
        below += **share;
        below <= tail
    };
    ways.iter().take_while(within).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_means_are_left_out_as_the_tables_of_the_signed_rank_test_say() {
        // Two-sided, 5 %: the critical values are 0 for 6, 3 for 8, 8 for 10 and 52 for 20.
        let critical = [(5, 0), (6, 1), (8, 4), (10, 9), (20, 53)];
        for (rounds, out) in critical {
            assert_eq!(left_out(rounds), out, "{rounds} rounds");
        }
    }

    #[test]
    fn one_spoilt_round_moves_the_estimate_little() {
        let ratios = [0.90, 0.91, 0.89, 0.90, 0.92, 0.88, 0.90, 0.05];
        let interval = Interval::of(&ratios).expect("ratios");
        assert!((0.85..0.92).contains(&interval.ratio), "{interval:?}");
        assert!(interval.high < 1.0 && interval.tells(), "{interval:?}");
    }

    #[test]
    fn nothing_is_told_where_rounds_contradict_each_other() {
        let interval = Interval::of(&[0.8, 1.2, 1.1, 0.9, 1.3, 0.75]).expect("ratios");
        assert!(!interval.tells(), "{interval:?}");
        assert_eq!(Interval::of(&[]), None);
        assert_eq!(Interval::of(&[0.0]), None);
    }
}

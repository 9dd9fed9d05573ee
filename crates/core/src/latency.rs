//! How long something takes, as counts in steps that grow with the value. Pure.
//!
//! Each step is a quarter of a doubling, so that a quantile is right within a tenth of itself, and
//! a minute of millions of answers takes as much room as one of none.

/// Steps: from 0.1 ms in quarters of a doubling to about 200 s.
const STEPS: usize = 84;
/// The upper end of the first step, in seconds.
const FIRST_S: f64 = 0.000_1;
/// Steps of one doubling.
const STEPS_PER_DOUBLING: f64 = 4.0;

/// Durations that were observed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latencies {
    steps: [u64; STEPS],
}

impl Default for Latencies {
    fn default() -> Self {
        Self { steps: [0; STEPS] }
    }
}

impl Latencies {
    /// Takes in that something took so long, `times` times. What is longer than the last step counts
    /// in it.
    pub fn observe(&mut self, seconds: f64, times: u64) {
        self.steps[step_of(seconds)] += times;
    }

    /// What was observed after `earlier`, a former state of the same.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let mut steps = self.steps;
        for (now, before) in steps.iter_mut().zip(earlier.steps) {
            *now = now.saturating_sub(before);
        }
        Self { steps }
    }

    /// How many durations there are.
    pub fn count(&self) -> u64 {
        self.steps.iter().sum()
    }

    /// How long it took at most in this share of all cases, in seconds; `None` where nothing was
    /// observed. Told by the upper end of a step, so never too small.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let count = self.count();
        if count == 0 {
            return None;
        }
        let mut left = (count as f64 * share).ceil().max(1.0);
        for (step, observed) in self.steps.iter().enumerate() {
            left -= *observed as f64;
            if left <= 0.0 {
                return Some(end_of(step));
            }
        }
        Some(end_of(STEPS - 1))
    }
}

fn step_of(seconds: f64) -> usize {
    let doublings = (seconds.max(FIRST_S) / FIRST_S).log2();
    let step = (doublings * STEPS_PER_DOUBLING).ceil().clamp(0.0, STEPS as f64 - 1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the array")]
    let step = step as usize;
    step
}

fn end_of(step: usize) -> f64 {
    FIRST_S * (step as f64 / STEPS_PER_DOUBLING).exp2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_never_too_small_and_at_most_a_fifth_too_great() {
        for seconds in [0.000_1, 0.000_7, 0.004, 0.018, 0.25, 1.0, 7.7, 120.0] {
            let mut latencies = Latencies::default();
            latencies.observe(seconds, 3);
            let told = latencies.quantile(0.5).expect("observed");
            assert!(told >= seconds * 0.999_999 && told <= seconds * 1.2, "{seconds}: {told}");
        }
    }

    #[test]
    fn one_slow_case_in_a_hundred_shows_in_the_99th_percentile_and_not_in_the_median() {
        let mut latencies = Latencies::default();
        latencies.observe(0.004, 98);
        latencies.observe(2.0, 2);
        assert!(latencies.quantile(0.5).expect("observed") < 0.005);
        assert!(latencies.quantile(0.99).expect("observed") >= 2.0);
    }

    #[test]
    fn what_was_observed_before_is_left_out_and_nothing_has_no_quantile() {
        let mut latencies = Latencies::default();
        latencies.observe(5.0, 10);
        let before = latencies.clone();
        assert_eq!(latencies.since(&before).quantile(0.5), None);
        latencies.observe(0.001, 1);
        let since = latencies.since(&before);
        assert_eq!(since.count(), 1);
        assert!(since.quantile(0.99).expect("observed") < 0.002);
    }

    #[test]
    fn anything_that_a_clock_says_has_a_step() {
        let mut latencies = Latencies::default();
        for seconds in [-1.0, 0.0, f64::NAN, f64::INFINITY, 1e12] {
            latencies.observe(seconds, 1);
        }
        assert_eq!(latencies.count(), 5);
    }
}

//! Chance that can be repeated: numbers that depend on a seed and on what they are for, and on nothing
//! else. So a session, a device or a day can be made again at any time without being remembered.

use scoreline_traffic::players::scatter;

/// A stream of numbers.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The stream for something: the words say for what.
    pub fn of(seed: u64, words: &[u64]) -> Self {
        Self(words.iter().fold(scatter(seed), |mixed, word| scatter(mixed ^ scatter(*word))))
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        scatter(self.0)
    }

    /// A number from 0 to below 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whether something of this probability happens.
    pub fn hits(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A number from 0 to below `end`; 0 if that is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        u64::try_from((u128::from(self.next()) * u128::from(end)) >> 64).unwrap_or_default()
    }

    /// A place in a list of this length.
    pub fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or_default()
    }

    /// A whole number between these, both included.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        let span = most.saturating_sub(least).max(0).unsigned_abs();
        let step = self.below(span.saturating_add(1));
        least.saturating_add(i64::try_from(step).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_give_the_same_numbers_and_others_others() {
        let numbers = |seed, words: &[u64]| {
            let mut chance = Chance::of(seed, words);
            (0..4).map(|_| chance.next()).collect::<Vec<_>>()
        };
        assert_eq!(numbers(1, &[2, 3]), numbers(1, &[2, 3]));
        assert_ne!(numbers(1, &[2, 3]), numbers(1, &[3, 2]));
        assert_ne!(numbers(1, &[2, 3]), numbers(2, &[2, 3]));
    }

    #[test]
    fn numbers_lie_where_they_are_asked_for_and_reach_both_ends() {
        let mut chance = Chance::of(7, &[]);
        let drawn: Vec<i64> = (0..1_000).map(|_| chance.between(-2, 2)).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&-2), Some(&2)));
        let hits = (0..10_000).filter(|_| chance.hits(0.2)).count();
        assert!((1_800..2_200).contains(&hits), "{hits}");
    }
}

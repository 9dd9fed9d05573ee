//! A set of days, 64 to a word.

use smallvec::SmallVec;

use super::Day;

/// The days of one word.
const WORD_DAYS: i32 = 64;
/// The last word that the calendar needs, and the negative of the first.
const WORD_MAX: i32 = 60_000;

/// A set of days. Only grows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Days {
    /// Which 64 days, and which of them; in order, none empty.
    words: Words,
}

/// Most players are seen on days of one word.
pub(super) type Words = SmallVec<[(i32, u64); 1]>;

fn place(day: Day) -> (i32, u64) {
    (day.0.div_euclid(WORD_DAYS), 1 << day.0.rem_euclid(WORD_DAYS))
}

fn bits_of(mut bits: u64) -> impl Iterator<Item = i32> {
    std::iter::from_fn(move || {
        let bit = (bits != 0).then(|| bits.trailing_zeros().cast_signed());
        bits &= bits.wrapping_sub(1);
        bit
    })
}

impl Days {
    /// The set of these words, if they are in order, none is empty and none outside the calendar.
    pub(super) fn from_words(words: Words) -> Option<Self> {
        let is_word =
            |(word, bits): &(i32, u64)| *bits != 0 && (-WORD_MAX..=WORD_MAX).contains(word);
        let fits = words.is_sorted_by(|a, b| a.0 < b.0) && words.iter().all(is_word);
        fits.then_some(Self { words })
    }

    pub(super) fn words(&self) -> &[(i32, u64)] {
        &self.words
    }

    /// Takes a day in.
    pub fn insert(&mut self, day: Day) {
        let (word, bit) = place(day);
        self.add(word, bit);
    }

    /// Takes all days of another set in.
    pub fn merge(&mut self, other: &Self) {
        for (word, bits) in &other.words {
            self.add(*word, *bits);
        }
    }

    fn add(&mut self, word: i32, bits: u64) {
        match self.words.binary_search_by_key(&word, |(word, _)| *word) {
            Ok(at) => self.words[at].1 |= bits,
            Err(at) => self.words.insert(at, (word, bits)),
        }
    }

    fn bits(&self, word: i32) -> u64 {
        let found = self.words.binary_search_by_key(&word, |(word, _)| *word);
        found.map_or(0, |at| self.words[at].1)
    }

    /// Whether a day is in it.
    pub fn contains(&self, day: Day) -> bool {
        let (word, bit) = place(day);
        self.bits(word) & bit != 0
    }

    /// Whether any of these days is in it; both ends belong to them. At most 64 days.
    pub fn any_in(&self, from: Day, until: Day) -> bool {
        let (first, first_bit) = place(from);
        let (last, last_bit) = place(until);
        let from_on = !(first_bit - 1);
        let up_to = last_bit | (last_bit - 1);
        if first == last {
            return self.bits(first) & from_on & up_to != 0;
        }
        self.bits(first) & from_on != 0 || self.bits(last) & up_to != 0
    }

    /// The first day.
    pub fn first(&self) -> Option<Day> {
        let (word, bits) = self.words.first()?;
        Some(Day(word * WORD_DAYS + bits.trailing_zeros().cast_signed()))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Day> {
        let of_word = |(word, bits): &(i32, u64)| {
            let start = word * WORD_DAYS;
            bits_of(*bits).map(move |bit| Day(start + bit))
        };
        self.words.iter().flat_map(of_word)
    }

    /// The days that are not in `other`, in order.
    pub fn without<'d>(&'d self, other: Option<&'d Self>) -> impl Iterator<Item = Day> + 'd {
        let of_word = move |(word, bits): &(i32, u64)| {
            let start = word * WORD_DAYS;
            let known = other.map_or(0, |other| other.bits(*word));
            bits_of(*bits & !known).map(move |bit| Day(start + bit))
        };
        self.words.iter().flat_map(of_word)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_set(
            days in prop::collection::vec(-200..200_i32, 0..40),
            more in prop::collection::vec(-200..200_i32, 0..40),
            from in -220..220_i32,
            span in 0..64_i32,
        ) {
            let set = |days: &[i32]| {
                let mut set = Days::default();
                for day in days {
                    set.insert(Day(*day));
                }
                set
            };
            let (model, extra) = (BTreeSet::from_iter(days.clone()), BTreeSet::from_iter(more.clone()));
            let (days, more) = (set(&days), set(&more));
            prop_assert!(days.iter().map(|day| day.0).eq(model.iter().copied()));
            prop_assert_eq!(days.first().map(|day| day.0), model.first().copied());
            prop_assert_eq!(days.is_empty(), model.is_empty());
            let (from, until) = (Day(from), Day(from + span));
            prop_assert_eq!(days.any_in(from, until), model.range(from.0..=until.0).next().is_some());
            prop_assert_eq!(days.contains(from), model.contains(&from.0));
            let without: Vec<i32> = days.without(Some(&more)).map(|day| day.0).collect();
            prop_assert_eq!(without, model.difference(&extra).copied().collect::<Vec<_>>());
            let mut both = days.clone();
            both.merge(&more);
            prop_assert!(both.iter().map(|day| day.0).eq(model.union(&extra).copied()));
        }
    }
}

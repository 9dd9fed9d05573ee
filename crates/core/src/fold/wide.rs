//! Sums beyond 64 bits, as stores keep them.
//!
//! What boards rank by and what is shown has 64 bits. A sum beyond them is kept there as the nearest number that
//! fits, and whole beside it, so that what comes later is added to what it really is: the order of events makes
//! no difference, however great a sum is on the way.

use super::BoardChange;
use crate::limits::BOARD_SUMS_MAX;

/// Adds, if the sum fits.
pub(super) trait CheckedAdd: Sized {
    fn checked_add(self, other: Self) -> Option<Self>;
}

impl CheckedAdd for i64 {
    fn checked_add(self, other: Self) -> Option<Self> {
        self.checked_add(other)
    }
}

impl CheckedAdd for i128 {
    fn checked_add(self, other: Self) -> Option<Self> {
        self.checked_add(other)
    }
}

/// The nearest number of 64 bits whose negative has 64 bits too: boards that rank the least first turn the
/// sign.
pub(super) fn nearest(number: i128) -> i64 {
    let most = i128::from(i64::MAX);
    i64::try_from(number.clamp(-most, most)).expect("it was brought within 64 bits")
}

impl BoardChange {
    /// The points as they are ranked and shown.
    pub fn shown_points(&self) -> i64 {
        nearest(self.points)
    }

    /// The sums as they are shown.
    pub fn shown_sums(&self) -> [i64; BOARD_SUMS_MAX] {
        self.sums.map(nearest)
    }

    /// Points and sums as a text, if what is shown is not all of them.
    pub fn beyond(&self) -> Option<String> {
        let all = [&[self.points], &self.sums[..]].concat();
        let is_beyond = all.iter().any(|number| i128::from(nearest(*number)) != *number);
        is_beyond.then(|| all.iter().map(i128::to_string).collect::<Vec<_>>().join(" "))
    }

    /// The change with the points and sums of such a text; `None` if it is none.
    #[must_use]
    pub fn with_beyond(mut self, text: &str) -> Option<Self> {
        let numbers: Vec<i128> = text.split(' ').map(str::parse).collect::<Result<_, _>>().ok()?;
        let (points, sums) = numbers.split_first()?;
        self.points = *points;
        self.sums = sums.try_into().ok()?;
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::Operator;

    #[test]
    fn what_is_beyond_64_bits_is_kept_whole_beside_the_nearest_number() {
        let mut change = BoardChange::nothing(Operator::Sum);
        change.points = i128::from(i64::MAX);
        assert_eq!(change.beyond(), None, "that much is shown");
        change.points += 1;
        change.sums[2] = -3 * i128::from(i64::MAX);
        let text = change.beyond().expect("it is beyond");
        assert_eq!(text, "9223372036854775808 0 0 -27670116110564327421 0");
        assert_eq!((change.shown_points(), change.shown_sums()[2]), (i64::MAX, -i64::MAX));
        let kept = BoardChange { points: 1, sums: [0; 4], ..change };
        assert_eq!(kept.with_beyond(&text), Some(change));
        for none in ["", "1 2 3", "1 2 3 4 five", "1 2 3 4 5 6"] {
            assert_eq!(kept.with_beyond(none), None, "{none}");
        }
    }
}

//! Prizes in words and numbers: who wins what, and how it is told to players.
//!
//! The words are part of the contract with clients, which show them as they are. What may be
//! promised is checked in [`tiers`].

pub mod tiers;

use crate::game::PrizeTier;

/// How many coins a gem is worth where a prize is shown as one number.
pub const COINS_PER_GEM: i64 = 10;

/// What stands in place of a tournament's name and a rank where an operator awarded a prize.
pub const AWARD_LABEL: &str = "Award";
/// What the game tells a player to whom an operator awarded a prize.
pub const AWARD_MESSAGE: &str = "You were awarded a prize!";

/// `1st`, `2nd`, `3rd`, `4th`, `11th`, `21st`.
pub fn ordinal(rank: u64) -> String {
    let ending = match (rank % 10, rank % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{rank}{ending}")
}

/// `1st Place`.
pub fn rank_label(rank: u64) -> String {
    format!("{} Place", ordinal(rank))
}

/// What the game tells the winner of a prize.
pub fn celebration_message(rank: u64) -> String {
    let place = ordinal(rank);
    match rank {
        1 => "Champion! You won the tournament!".to_owned(),
        2 | 3 => format!("Amazing! You finished {place} and stand on the podium!"),
        4..=10 => format!("Great job! You finished {place}, in the top 10!"),
        _ => format!("Well played! You finished {place} and won a prize!"),
    }
}

/// A prize as one number: its coins, and its gems in coins.
pub fn total_value(coins: i64, gems: i64) -> i64 {
    coins.saturating_add(gems.saturating_mul(COINS_PER_GEM))
}

/// What a rank wins, if it wins anything. The tiers are in order and do not overlap.
pub fn prize_for(tiers: &[PrizeTier], rank: u64) -> Option<&PrizeTier> {
    let next = tiers.partition_point(|tier| tier.last_rank < rank);
    tiers.get(next).filter(|tier| tier.contains(rank))
}

impl PrizeTier {
    /// Whether a rank wins this prize.
    pub fn contains(&self, rank: u64) -> bool {
        (self.first_rank..=self.last_rank).contains(&rank)
    }

    /// Its ranks: `1st`, or `4th-10th`.
    pub fn ranks(&self) -> String {
        let first = ordinal(self.first_rank);
        if self.first_rank == self.last_rank {
            return first;
        }
        format!("{first}-{}", ordinal(self.last_rank))
    }

    /// `1st Place`, or `4th-10th Place`.
    pub fn label(&self) -> String {
        format!("{} Place", self.ranks())
    }

    /// `1st: 5000 coins + 250 gems`. What is not won is not named.
    pub fn line(&self) -> String {
        let amount = |amount: i64, unit: &str| (amount != 0).then(|| format!("{amount} {unit}"));
        let won: Vec<String> = [amount(self.coins, "coins"), amount(self.gems, "gems")]
            .into_iter()
            .flatten()
            .collect();
        format!("{}: {}", self.ranks(), won.join(" + "))
    }

    /// What one winner gets, as one number.
    pub fn total_value(&self) -> i64 {
        total_value(self.coins, self.gems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tier(first_rank: u64, last_rank: u64, coins: i64, gems: i64) -> PrizeTier {
        PrizeTier { first_rank, last_rank, coins, gems }
    }

    #[test]
    fn ranks_are_spelled_as_in_english() {
        let expected = [
            (1, "1st"),
            (2, "2nd"),
            (3, "3rd"),
            (4, "4th"),
            (10, "10th"),
            (11, "11th"),
            (12, "12th"),
            (13, "13th"),
            (21, "21st"),
            (102, "102nd"),
            (111, "111th"),
            (1013, "1013th"),
            (10_003, "10003rd"),
        ];
        for (rank, text) in expected {
            assert_eq!(ordinal(rank), text);
        }
        assert_eq!(rank_label(22), "22nd Place");
    }

    #[test]
    fn a_tier_is_labelled_by_its_ranks() {
        assert_eq!(tier(1, 1, 5000, 250).label(), "1st Place");
        assert_eq!(tier(1, 1, 5000, 250).line(), "1st: 5000 coins + 250 gems");
        assert_eq!(tier(4, 10, 1000, 50).label(), "4th-10th Place");
        assert_eq!(tier(4, 10, 1000, 50).line(), "4th-10th: 1000 coins + 50 gems");
        assert_eq!(tier(2, 2, 0, 5).line(), "2nd: 5 gems");
        assert_eq!(tier(1, 1, 5000, 250).total_value(), 7500);
        assert_eq!(total_value(i64::MAX, 1), i64::MAX);
    }

    #[test]
    fn every_rank_wins_its_own_tier_and_gaps_win_nothing() {
        let tiers = [tier(1, 1, 1, 0), tier(2, 3, 2, 0), tier(10, 12, 3, 0)];
        let won = |rank| prize_for(&tiers, rank).map(|tier| tier.coins);
        let expected = [None, Some(1), Some(2), Some(2), None, None, None, None, None, None];
        assert_eq!((0..10).map(won).collect::<Vec<_>>(), expected);
        assert_eq!((10..14).map(won).collect::<Vec<_>>(), [Some(3), Some(3), Some(3), None]);
        assert_eq!(prize_for(&[], 1), None);
    }

    #[test]
    fn winners_are_told_their_rank() {
        assert!(celebration_message(1).contains("Champion"));
        assert!(celebration_message(2).contains("2nd"));
        assert!(celebration_message(10).contains("10th"));
        assert!(celebration_message(11).contains("11th"));
        assert_ne!(celebration_message(10), celebration_message(11));
    }
}

//! Who stands where on a board: the order of players, and what a board keeps of them.
//!
//! Players are ranked by points (more is better, see [`crate::game::Order::points`]), then by who
//! reached them first, then by player id, so that the order is total and a late-comer never overtakes
//! on a tie. Every node holds the boards in memory (`scoreline-ranking`); the store is the truth.
//!
//! Entries carry a [`Version`], so that any number of writers on any number of nodes may tell of their
//! commits in any order: what is newer stays.

use std::cmp::Ordering;

use crate::id::{BoardKey, PlayerId};
use crate::limits::BOARD_SUMS_MAX;
use crate::time::Timestamp;

/// What a player has reached on a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The score as points: more is better.
    pub points: i64,
    /// When they were reached.
    pub reached_at: Timestamp,
}

impl Standing {
    /// The order of a board: the better of two is the lesser. Who is equal here is told apart by the
    /// smaller player id.
    pub fn compare(&self, other: &Self) -> Ordering {
        other.points.cmp(&self.points).then(self.reached_at.cmp(&other.reached_at))
    }
}

/// Which change of an entry or a name this is. Of two, the greater one was committed later, and equal
/// ones are the same change.
///
/// The version of an entry is the number of events that it counts and of what was taken back of it:
/// every event that counts raises it, whatever the operator and whether or not the points change, so
/// does every act that takes events away, and the store changes an entry in one transaction at a time.
/// A slot that is filled anew is another board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub i64);

/// What a board keeps of one player: their row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The points and when they were reached.
    pub standing: Standing,
    /// How many events counted.
    pub attempts: i64,
    /// The time of the last event that counted.
    pub last_at: Timestamp,
    /// The sums beside the score, in the order of the definition; 0 where it names fewer.
    pub sums: [i64; BOARD_SUMS_MAX],
    /// By how much its version is ahead of its attempts; 0 until events are taken away from it.
    pub taken_back: i64,
}

impl Entry {
    /// Which change of the entry this is.
    pub fn version(&self) -> Version {
        Version(self.attempts.saturating_add(self.taken_back))
    }

    /// Whether it counts no event any more. Such an entry is no place on a board; it is kept so that
    /// what comes after it is known to be newer.
    pub fn is_empty(&self) -> bool {
        self.attempts == 0
    }
}

/// The places from the `offset`-th on, at most `limit`, as they would be if `own` were among them.
/// `places` are those of the others, from the one before the `offset`-th on and one more than `limit`.
pub fn with_own(places: Vec<Place>, own: &Place, offset: u64, limit: usize) -> Vec<Place> {
    let moved = |place: Place| {
        let rank = if place.rank < own.rank { place.rank } else { place.rank + 1 };
        Place { rank, ..place }
    };
    let mut all: Vec<Place> = places.into_iter().map(moved).collect();
    all.push(own.clone());
    all.sort_unstable_by_key(|place| place.rank);
    all.into_iter().skip_while(|place| place.rank <= offset).take(limit).collect()
}

/// The entry of one player on a board that the caller names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlayerEntry {
    /// The player.
    pub player: PlayerId,
    /// Their entry.
    pub entry: Entry,
}

/// The entry of one player on one board, as the store had it after a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The board and period.
    pub board: BoardKey,
    /// The player.
    pub player: PlayerId,
    /// Their entry.
    pub entry: Entry,
}

/// The nickname of a player, as of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlayerName {
    /// The player.
    pub player: PlayerId,
    /// What they want to be called.
    pub nickname: String,
    /// As of which change.
    pub version: Version,
}

/// A player at their place, with all that a row shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub rank: u64,
    /// Who stands there.
    pub player: PlayerId,
    /// The nickname, if they set one.
    pub nickname: Option<String>,
    /// Their entry.
    pub entry: Entry,
}

/// The place that a player is shown and others are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPlace {
    /// The place, its rank being that among the others.
    pub place: Place,
    /// The rank of the entry that others see of the player, if they see one.
    pub ranked_at: Option<u64>,
}

impl OwnPlace {
    /// Of places as others see them, those that are not the player's, with their ranks among themselves.
    pub fn others(&self, places: Vec<Place>) -> Vec<Place> {
        let Some(ranked_at) = self.ranked_at else { return places };
        let of_others = |place: Place| match place.rank.cmp(&ranked_at) {
            Ordering::Less => Some(place),
            Ordering::Equal => None,
            Ordering::Greater => Some(Place { rank: place.rank - 1, ..place }),
        };
        places.into_iter().filter_map(of_others).collect()
    }
}

/// What comparing a board in memory with the store found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The board.
    pub board: BoardKey,
    /// How many players of the store were compared.
    pub compared: u64,
    /// How many players differ.
    pub differing: u64,
    /// The first of them.
    pub listed: Vec<Difference>,
}

/// What a board shows of a player.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Their entry.
    pub entry: Entry,
    /// Their nickname, if they set one.
    pub nickname: Option<String>,
}

/// A player whom the memory has otherwise than the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The player.
    pub player: PlayerId,
    /// As the store has them; `None` if they are not on the board there.
    pub stored: Option<Row>,
    /// As the memory has them; `None` if they are not on the board there.
    pub held: Option<Row>,
}

impl Comparison {
    /// Takes in players who differ. Lists at most `list` of all.
    pub fn note(&mut self, differences: Vec<Difference>, list: usize) {
        self.differing += differences.len() as u64;
        let room = list.saturating_sub(self.listed.len());
        self.listed.extend(differences.into_iter().take(room));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(rank: u64, player: &str) -> Place {
        let standing = Standing { points: 0, reached_at: Timestamp::EPOCH };
        let (last_at, sums) = (Timestamp::EPOCH, [0; BOARD_SUMS_MAX]);
        let entry = Entry { standing, attempts: 1, last_at, sums, taken_back: 0 };
        Place { rank, player: PlayerId::from_stored(player), nickname: None, entry }
    }

    #[test]
    fn whoever_is_put_among_others_moves_those_behind() {
        let others = ["a", "b", "c", "d", "e"];
        for own_rank in 1..=6_u64 {
            let own = place(own_rank, "own");
            let mut expected = others.to_vec();
            expected.insert(usize::try_from(own_rank).expect("small") - 1, "own");
            for offset in 0..7_u64 {
                for limit in 1..7 {
                    // As a board answers the places before and after.
                    let from = offset.saturating_sub(1);
                    let of_others =
                        (1_u64..).zip(others).skip(usize::try_from(from).expect("small"));
                    let fetched = of_others.take(limit + 1).map(|(rank, id)| place(rank, id));
                    let found = with_own(fetched.collect(), &own, offset, limit);
                    let found: Vec<_> =
                        found.iter().map(|one| (one.rank, one.player.as_str())).collect();
                    let all = (1_u64..).zip(expected.iter().copied());
                    let wanted: Vec<_> =
                        all.skip(usize::try_from(offset).expect("small")).take(limit).collect();
                    assert_eq!(found, wanted, "{own_rank} from {offset}, {limit} places");
                }
            }
        }
    }

    #[test]
    fn whoever_is_shown_at_another_place_than_others_see_is_there_once() {
        let all = ["a", "b", "own", "c", "d"];
        let seen = || (1_u64..).zip(all).map(|(rank, id)| place(rank, id)).collect::<Vec<_>>();
        let own = OwnPlace { place: place(1, "own"), ranked_at: Some(3) };
        let found = with_own(own.others(seen()), &own.place, 0, 5);
        let found: Vec<_> = found.iter().map(|one| (one.rank, one.player.as_str())).collect();
        assert_eq!(found, [(1, "own"), (2, "a"), (3, "b"), (4, "c"), (5, "d")]);
        let unseen = OwnPlace { ranked_at: None, ..own };
        assert_eq!(unseen.others(seen()), seen());
    }

    #[test]
    fn taking_events_away_makes_a_newer_entry() {
        let before = place(1, "a").entry;
        let after = Entry { attempts: 0, taken_back: 2, ..before };
        assert!(after.version() > before.version());
        assert!(after.is_empty() && !before.is_empty());
        let later = Entry { attempts: 1, ..after };
        assert!(later.version() > after.version());
    }
}

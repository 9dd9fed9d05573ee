//! A run of neighbouring entries of a board, in their order.
//!
//! The columns lie apart so that each takes no more bytes than its numbers need (see `column`),
//! mostly 12 an entry instead of 32, and so that a search for a player reads nothing but players.

use scoreline_core::rank::{Standing, Version};
use scoreline_core::time::Timestamp;

use crate::column::Column;
use crate::players::PlayerNo;

/// Entries by which a full block's columns grow.
const GROWTH: usize = 64;

/// Which block, whatever its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockNo(u32);

impl BlockNo {
    /// The block of this index.
    pub fn of(index: usize) -> Self {
        Self(u32::try_from(index).expect("there are fewer blocks than players"))
    }

    /// Where it is in the list of all blocks.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The last 32 bits of a [`Version`]. They tell which of two is newer as long as no update comes
/// more than two billion changes of its own entry late, and save 4 bytes a player.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShortVersion(u32);

impl ShortVersion {
    /// Shortens a version.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the last bits are what is kept"
    )]
    pub fn of(version: Version) -> Self {
        Self(version.0 as u32)
    }

    fn from_column(number: i64) -> Self {
        Self(u32::try_from(number).expect("a column gives back what was put in"))
    }

    fn to_column(self) -> i64 {
        i64::from(self.0)
    }

    /// Whether this version comes before another.
    pub fn is_older_than(self, other: Self) -> bool {
        self.0.wrapping_sub(other.0).cast_signed() < 0
    }
}

/// An entry of a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ranked {
    /// Who.
    pub player: PlayerNo,
    /// With what.
    pub standing: Standing,
    /// As of which change of their entry.
    pub version: ShortVersion,
}

/// Neighbouring entries, best first.
#[derive(Debug, Default)]
pub struct Block {
    points: Column,
    /// In milliseconds since the epoch.
    reached_at: Column,
    players: Vec<PlayerNo>,
    versions: Column,
}

impl Block {
    /// A block with room for `entries`.
    pub fn with_capacity(entries: usize) -> Self {
        Self {
            points: Column::with_capacity(entries),
            reached_at: Column::with_capacity(entries),
            players: Vec::with_capacity(entries),
            versions: Column::with_capacity(entries),
        }
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.players.len()
    }

    /// How many entries it has room for.
    pub fn capacity(&self) -> usize {
        self.players.capacity()
    }

    /// The last entry.
    pub fn last(&self) -> Option<Ranked> {
        self.len().checked_sub(1).map(|last| self.get(last))
    }

    /// The entry at `index`.
    pub fn get(&self, index: usize) -> Ranked {
        let reached_at = Timestamp::from_ms(self.reached_at.get(index))
            .expect("a column gives back what was put in");
        Ranked {
            player: self.players[index],
            standing: Standing { points: self.points.get(index), reached_at },
            version: ShortVersion::from_column(self.versions.get(index)),
        }
    }

    /// The players in their order.
    pub fn players(&self) -> &[PlayerNo] {
        &self.players
    }

    /// Where a player's entry is.
    pub fn index_of(&self, player: PlayerNo) -> Option<usize> {
        self.players.iter().position(|found| *found == player)
    }

    /// How many entries from the start on are `before` what is looked for.
    pub fn partition_point(&self, before: impl Fn(&Ranked) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if before(&self.get(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Puts an entry at `index`.
    pub fn insert(&mut self, index: usize, ranked: Ranked) {
        self.grow_if_full();
        self.points.insert(index, ranked.standing.points);
        self.reached_at.insert(index, ranked.standing.reached_at.as_ms());
        self.players.insert(index, ranked.player);
        self.versions.insert(index, ranked.version.to_column());
    }

    /// Notes that the entry at `index` is as of this change.
    pub fn renew(&mut self, index: usize, version: ShortVersion) {
        self.versions.set(index, version.to_column());
    }

    /// Puts an entry at the end.
    pub fn push(&mut self, ranked: Ranked) {
        self.insert(self.len(), ranked);
    }

    /// Takes the entry at `index` out.
    pub fn remove(&mut self, index: usize) {
        self.points.remove(index);
        self.reached_at.remove(index);
        self.players.remove(index);
        self.versions.remove(index);
    }

    /// Splits off the entries from `index` on.
    pub fn split_off(&mut self, index: usize) -> Self {
        let rest = Self {
            points: self.points.split_off(index),
            reached_at: self.reached_at.split_off(index),
            players: self.players[index..].to_vec(),
            versions: self.versions.split_off(index),
        };
        self.players.truncate(index);
        self.shrink_to(index + GROWTH);
        rest
    }

    /// Gives all room back that is not used.
    pub fn shrink(&mut self) {
        self.shrink_to(self.len());
    }

    /// Puts the entries of `rest` at the end.
    pub fn append(&mut self, rest: &Self) {
        self.points.append(&rest.points);
        self.reached_at.append(&rest.reached_at);
        self.players.reserve_exact(rest.len());
        self.players.extend_from_slice(&rest.players);
        self.versions.append(&rest.versions);
    }

    /// Bytes allocated.
    pub fn heap_bytes(&self) -> usize {
        self.points.heap_bytes()
            + self.reached_at.heap_bytes()
            + self.players.capacity() * size_of::<PlayerNo>()
            + self.versions.heap_bytes()
    }

    fn shrink_to(&mut self, entries: usize) {
        self.points.shrink_to(entries);
        self.reached_at.shrink_to(entries);
        self.players.shrink_to(entries);
        self.versions.shrink_to(entries);
    }

    /// A column that doubled would be half empty most of the time.
    fn grow_if_full(&mut self) {
        if self.players.len() == self.players.capacity() {
            self.points.reserve_exact(GROWTH);
            self.reached_at.reserve_exact(GROWTH);
            self.players.reserve_exact(GROWTH);
            self.versions.reserve_exact(GROWTH);
        }
    }
}

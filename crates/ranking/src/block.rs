//! A run of neighbouring entries of a board, in their order.
//!
//! The columns lie apart so that an entry takes 24 bytes instead of 32, and so that a search for a
//! player reads nothing but players.

use scoreline_core::rank::{Standing, Version};
use scoreline_core::time::Timestamp;

use crate::players::PlayerNo;

/// Entries by which a full block's columns grow.
const GROWTH: usize = 64;

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
    points: Vec<i64>,
    reached_at: Vec<Timestamp>,
    players: Vec<PlayerNo>,
    versions: Vec<ShortVersion>,
}

impl Block {
    /// A block with room for `entries`.
    pub fn with_capacity(entries: usize) -> Self {
        Self {
            points: Vec::with_capacity(entries),
            reached_at: Vec::with_capacity(entries),
            players: Vec::with_capacity(entries),
            versions: Vec::with_capacity(entries),
        }
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.players.len()
    }

    /// The entry at `index`.
    pub fn get(&self, index: usize) -> Ranked {
        Ranked {
            player: self.players[index],
            standing: Standing { points: self.points[index], reached_at: self.reached_at[index] },
            version: self.versions[index],
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
        self.reached_at.insert(index, ranked.standing.reached_at);
        self.players.insert(index, ranked.player);
        self.versions.insert(index, ranked.version);
    }

    /// Notes that the entry at `index` is as of this change.
    pub fn renew(&mut self, index: usize, version: ShortVersion) {
        self.versions[index] = version;
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
            points: self.points[index..].to_vec(),
            reached_at: self.reached_at[index..].to_vec(),
            players: self.players[index..].to_vec(),
            versions: self.versions[index..].to_vec(),
        };
        self.points.truncate(index);
        self.reached_at.truncate(index);
        self.players.truncate(index);
        self.versions.truncate(index);
        self.points.shrink_to(index + GROWTH);
        self.reached_at.shrink_to(index + GROWTH);
        self.players.shrink_to(index + GROWTH);
        self.versions.shrink_to(index + GROWTH);
        rest
    }

    /// Puts the entries of `rest` at the end.
    pub fn append(&mut self, rest: &Self) {
        self.points.reserve_exact(rest.len());
        self.reached_at.reserve_exact(rest.len());
        self.players.reserve_exact(rest.len());
        self.versions.reserve_exact(rest.len());
        self.points.extend_from_slice(&rest.points);
        self.reached_at.extend_from_slice(&rest.reached_at);
        self.players.extend_from_slice(&rest.players);
        self.versions.extend_from_slice(&rest.versions);
    }

    /// Bytes allocated.
    pub fn heap_bytes(&self) -> usize {
        self.points.capacity() * size_of::<i64>()
            + self.reached_at.capacity() * size_of::<Timestamp>()
            + self.players.capacity() * size_of::<PlayerNo>()
            + self.versions.capacity() * size_of::<ShortVersion>()
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

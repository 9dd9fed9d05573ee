//! The short number that stands for a player in all lists.

/// Garbage of an arena below this is not worth packing: 64 KiB.
pub const GARBAGE_BYTES_MIN: usize = 64 * 1024;

/// The number of a player, valid while a board holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlayerNo(u32);

impl PlayerNo {
    /// The player of this index in lists that go by number.
    pub fn of(index: usize) -> Self {
        Self(u32::try_from(index).expect("four billion players do not fit into memory"))
    }

    /// Where lists that go by number have this player. They are short: numbers are used again.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

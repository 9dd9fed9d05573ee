//! Nicknames by the players' numbers, with their versions.
//!
//! A name takes four bytes beside its text and its version: where it lies in an arena, which is packed
//! anew when most of it is garbage.

use scoreline_core::rank::Version;

use crate::column::make_room;
use crate::player_no::{GARBAGE_BYTES_MIN, PlayerNo};

/// Bytes before the text of a name: its length and its version.
const HEAD_BYTES: usize = size_of::<u16>() + size_of::<i64>();

/// The nicknames of players.
#[derive(Default)]
pub struct Names {
    /// 0 for who has none, otherwise one more than where the name starts in the arena.
    starts: Vec<u32>,
    arena: Vec<u8>,
    garbage_bytes: usize,
}

impl Names {
    /// A player's name and its version.
    pub fn get(&self, player: PlayerNo) -> Option<(&str, Version)> {
        let start = self.starts.get(player.index())?.checked_sub(1)? as usize;
        let name = self.at(start);
        let (version, text) = name[size_of::<u16>()..].split_at(size_of::<i64>());
        let version = i64::from_le_bytes(version.try_into().expect("eight bytes"));
        Some((std::str::from_utf8(text).expect("only texts are put in"), Version(version)))
    }

    /// Names a player. A nickname is short (see [`scoreline_core::nickname`]); what is longer than
    /// 65,535 bytes is cut off.
    pub fn set(&mut self, player: PlayerNo, nickname: &str, version: Version) {
        let mut end = nickname.len().min(usize::from(u16::MAX));
        while !nickname.is_char_boundary(end) {
            end -= 1;
        }
        let text = &nickname[..end];
        if let Some((old, _)) = self.get(player) {
            self.garbage_bytes += HEAD_BYTES + old.len();
        }
        let start = self.arena.len();
        make_room(&mut self.arena, HEAD_BYTES + text.len());
        let bytes = u16::try_from(text.len()).expect("it was cut off");
        self.arena.extend_from_slice(&bytes.to_le_bytes());
        self.arena.extend_from_slice(&version.0.to_le_bytes());
        self.arena.extend_from_slice(text.as_bytes());
        if player.index() >= self.starts.len() {
            let more = player.index() + 1 - self.starts.len();
            make_room(&mut self.starts, more);
            self.starts.resize(player.index() + 1, 0);
        }
        self.starts[player.index()] = noted(start);
        if self.garbage_bytes > GARBAGE_BYTES_MIN && self.garbage_bytes > self.arena.len() / 2 {
            self.pack();
        }
    }

    /// Bytes allocated.
    pub fn heap_bytes(&self) -> usize {
        self.starts.capacity() * size_of::<u32>() + self.arena.capacity()
    }

    /// The name that starts there, with its head.
    fn at(&self, start: usize) -> &[u8] {
        let bytes = u16::from_le_bytes([self.arena[start], self.arena[start + 1]]);
        &self.arena[start..start + HEAD_BYTES + usize::from(bytes)]
    }

    /// Copies the names that are in force to a new arena.
    fn pack(&mut self) {
        let mut arena = Vec::with_capacity(self.arena.len() - self.garbage_bytes);
        for at in 0..self.starts.len() {
            let Some(start) = self.starts[at].checked_sub(1) else { continue };
            let moved_to = noted(arena.len());
            arena.extend_from_slice(self.at(start as usize));
            self.starts[at] = moved_to;
        }
        self.arena = arena;
        self.garbage_bytes = 0;
    }
}

fn noted(start: usize) -> u32 {
    u32::try_from(start + 1).expect("four billion bytes of names do not fit into memory")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_name_that_was_set_is_the_one_in_force() {
        let mut names = Names::default();
        let player = PlayerNo::of;
        assert_eq!(names.get(player(7)), None);
        names.set(player(7), "Ada", Version(1));
        names.set(player(2), "名前", Version(i64::MAX));
        names.set(player(7), "Grace", Version(2));
        assert_eq!(names.get(player(7)), Some(("Grace", Version(2))));
        assert_eq!(names.get(player(2)), Some(("名前", Version(i64::MAX))));
        assert_eq!(names.get(player(3)), None);
    }

    #[test]
    fn names_that_change_again_and_again_take_no_more_room() {
        let mut names = Names::default();
        for round in 0..50 {
            for n in 0..1_000 {
                names.set(PlayerNo::of(n), &format!("player {n} {round:03}"), Version(round));
            }
        }
        assert!(names.heap_bytes() < 4 * GARBAGE_BYTES_MIN, "{} bytes", names.heap_bytes());
        for n in 0..1_000 {
            let expected = format!("player {n} 049");
            assert_eq!(names.get(PlayerNo::of(n)), Some((&*expected, Version(49))));
        }
    }
}

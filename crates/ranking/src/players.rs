//! Player ids, each kept once however many boards hold it, and a short number for each.
//!
//! Ids lie one behind the other in a single arena; those that are UUIDs in their usual spelling take
//! 16 bytes. A board *holds* the numbers of its players; an id that no board holds any more is
//! forgotten, its number is given to the next one, and the arena is packed anew when most of it is
//! garbage.

use std::cmp::Ordering;
use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;
use scoreline_core::id::PlayerId;
use uuid::Uuid;

/// Garbage below this is not worth packing: 64 KiB.
const GARBAGE_BYTES_MIN: usize = 64 * 1024;
/// In the two bytes before an id: it is a UUID in 16 bytes. The rest is the length of a text.
const PACKED: u16 = 1 << 15;
/// Bytes in front of each id.
const HEADER_BYTES: usize = 2;

/// The number of a player, valid while a board holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PlayerNo(u32);

impl PlayerNo {
    fn index(self) -> usize {
        self.0 as usize
    }
}

/// An id as the arena keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Form<'a> {
    /// A hyphenated UUID in lower case.
    Packed([u8; 16]),
    /// Any other text.
    Text(&'a [u8]),
}

impl<'a> Form<'a> {
    fn of(id: &'a str) -> Self {
        // Only the hyphenated spelling of a UUID has 36 characters; only lower case comes back out
        // the way it went in.
        if id.len() == 36
            && !id.bytes().any(|byte| byte.is_ascii_uppercase())
            && let Ok(uuid) = Uuid::try_parse(id)
        {
            return Self::Packed(uuid.into_bytes());
        }
        Self::Text(id.as_bytes())
    }

    /// Calls `with` with the id's own bytes.
    fn spelled<T>(self, with: impl FnOnce(&[u8]) -> T) -> T {
        match self {
            Self::Packed(bytes) => {
                let mut buffer = [0; 36];
                with(Uuid::from_bytes(bytes).hyphenated().encode_lower(&mut buffer).as_bytes())
            }
            Self::Text(bytes) => with(bytes),
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Packed(bytes) => bytes,
            Self::Text(bytes) => bytes,
        }
    }

    fn header(self) -> u16 {
        match self {
            Self::Packed(_) => PACKED,
            Self::Text(bytes) => u16::try_from(bytes.len())
                .ok()
                .filter(|length| length & PACKED == 0)
                .expect("a player id has at most 255 characters of 4 bytes"),
        }
    }
}

/// All players of all boards.
#[derive(Default)]
pub struct Players {
    arena: Vec<u8>,
    /// Where in the arena an id starts, by number.
    starts: Vec<u64>,
    /// How many boards hold a player, by number; 0 means the number is free.
    holds: Vec<u32>,
    free: Vec<PlayerNo>,
    numbers: HashTable<PlayerNo>,
    garbage_bytes: usize,
    /// Clients choose their ids: the hash is seeded so that nobody can choose ids that collide.
    hasher: RandomState,
}

impl Players {
    /// How many players are held.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The number of a player that some board holds.
    pub fn find(&self, id: &str) -> Option<PlayerNo> {
        let form = Form::of(id);
        self.numbers.find(self.hasher.hash_one(form), |found| self.form(*found) == form).copied()
    }

    /// The number of a player, held once more. Every hold must be let go by [`Players::release`].
    pub fn hold(&mut self, id: &str) -> PlayerNo {
        let form = Form::of(id);
        let hash = self.hasher.hash_one(form);
        let found = self.numbers.find(hash, |found| self.form(*found) == form).copied();
        let player = found.unwrap_or_else(|| self.add(form, hash));
        self.holds[player.index()] += 1;
        player
    }

    /// Lets go of one hold. Nobody may use the number after the last.
    pub fn release(&mut self, player: PlayerNo) {
        let holds = &mut self.holds[player.index()];
        assert!(*holds > 0, "a player is released as often as held");
        *holds -= 1;
        if *holds > 0 {
            return;
        }
        let form = self.form(player);
        let (hash, bytes) = (self.hasher.hash_one(form), HEADER_BYTES + form.bytes().len());
        if let Ok(entry) = self.numbers.find_entry(hash, |found| *found == player) {
            entry.remove();
        }
        self.free.push(player);
        self.garbage_bytes += bytes;
        if self.garbage_bytes > GARBAGE_BYTES_MIN && self.garbage_bytes > self.arena.len() / 2 {
            self.pack();
        }
    }

    /// The id of a player.
    pub fn id(&self, player: PlayerNo) -> PlayerId {
        self.form(player).spelled(|bytes| {
            PlayerId::from_stored(std::str::from_utf8(bytes).expect("only texts are put in"))
        })
    }

    /// The order of two players' ids.
    pub fn compare(&self, a: PlayerNo, b: PlayerNo) -> Ordering {
        match (self.form(a), self.form(b)) {
            // Packed UUIDs lie in the order of their spelling.
            (Form::Packed(a), Form::Packed(b)) => a.cmp(&b),
            (a, b) => a.spelled(|a| b.spelled(|b| a.cmp(b))),
        }
    }

    /// Bytes allocated.
    pub fn heap_bytes(&self) -> usize {
        self.arena.capacity()
            + self.starts.capacity() * size_of::<u64>()
            + self.holds.capacity() * size_of::<u32>()
            + self.free.capacity() * size_of::<PlayerNo>()
            + self.numbers.allocation_size()
    }

    fn add(&mut self, form: Form<'_>, hash: u64) -> PlayerNo {
        let start = self.arena.len() as u64;
        make_room(&mut self.arena, HEADER_BYTES + form.bytes().len());
        self.arena.extend_from_slice(&form.header().to_le_bytes());
        self.arena.extend_from_slice(form.bytes());
        let player = if let Some(player) = self.free.pop() {
            self.starts[player.index()] = start;
            player
        } else {
            let number = u32::try_from(self.starts.len());
            make_room(&mut self.starts, 1);
            self.starts.push(start);
            make_room(&mut self.holds, 1);
            self.holds.push(0);
            PlayerNo(number.expect("four billion players do not fit into memory"))
        };
        let Self { arena, starts, numbers, hasher, .. } = self;
        numbers
            .insert_unique(hash, player, |known| hasher.hash_one(form_of(arena, starts, *known)));
        player
    }

    fn form(&self, player: PlayerNo) -> Form<'_> {
        form_of(&self.arena, &self.starts, player)
    }

    /// Copies what is still held to a new arena.
    fn pack(&mut self) {
        let mut arena = Vec::with_capacity(self.arena.len() - self.garbage_bytes);
        for (start, holds) in self.starts.iter_mut().zip(&self.holds) {
            if *holds == 0 {
                continue;
            }
            let (from, to) = bounds(&self.arena, *start);
            *start = arena.len() as u64;
            arena.extend_from_slice(&self.arena[from..to]);
        }
        self.arena = arena;
        self.garbage_bytes = 0;
        let Self { arena, starts, numbers, hasher, .. } = self;
        numbers.shrink_to(numbers.len(), |known| hasher.hash_one(form_of(arena, starts, *known)));
    }
}

/// Room for `more`. A list that doubles would be half empty at times; a million players are many
/// bytes to waste.
fn make_room<T>(list: &mut Vec<T>, more: usize) {
    if list.capacity() - list.len() < more {
        list.reserve_exact(more + list.len() / 8);
    }
}

/// Where the header of the id at `start` begins and where the id ends.
fn bounds(arena: &[u8], start: u64) -> (usize, usize) {
    let start = usize::try_from(start).expect("an index into a Vec");
    let header = u16::from_le_bytes([arena[start], arena[start + 1]]);
    let length = if header == PACKED { 16 } else { usize::from(header) };
    (start, start + HEADER_BYTES + length)
}

fn form_of<'a>(arena: &'a [u8], starts: &[u64], player: PlayerNo) -> Form<'a> {
    let (start, end) = bounds(arena, starts[player.index()]);
    let bytes = &arena[start + HEADER_BYTES..end];
    if u16::from_le_bytes([arena[start], arena[start + 1]]) == PACKED {
        Form::Packed(bytes.try_into().expect("a packed id has 16 bytes"))
    } else {
        Form::Text(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    const LOWER: &str = "0193f0a2-1111-7abc-8def-00000000abcd";

    #[test]
    fn every_id_comes_out_as_it_went_in() {
        let mut players = Players::default();
        let longest = "é".repeat(255);
        let upper = LOWER.to_uppercase();
        let no_uuid = LOWER.replace('a', "g");
        let simple = LOWER.replace('-', "");
        let ids = [LOWER, &upper, &no_uuid, &simple, "a", "名前", &longest, "🎮🎮🎮🎮🎮🎮🎮🎮🎮"];
        let held: Vec<PlayerNo> = ids.iter().map(|id| players.hold(id)).collect();
        assert_eq!(players.len(), ids.len());
        for (id, player) in ids.iter().zip(&held) {
            assert_eq!(players.id(*player).as_str(), *id);
            assert_eq!(players.find(id), Some(*player));
        }
    }

    #[test]
    fn a_uuid_takes_sixteen_bytes() {
        let mut players = Players::default();
        players.hold(LOWER);
        assert_eq!(players.arena.len(), HEADER_BYTES + 16);
    }

    #[test]
    fn what_is_released_is_forgotten_and_its_room_is_used_again() {
        let mut players = Players::default();
        let id = |n: usize| format!("a player with quite a long id, number {n:06}");
        let round = |players: &mut Players, from: usize| {
            let held: Vec<PlayerNo> = (from..from + 5_000).map(|n| players.hold(&id(n))).collect();
            for player in held {
                players.release(player);
            }
        };
        let kept = players.hold("kept");
        round(&mut players, 0);
        let bytes = players.heap_bytes();
        for n in 1..20 {
            round(&mut players, n * 5_000);
        }
        assert_eq!(players.len(), 1);
        assert_eq!(players.find("kept"), Some(kept));
        assert_eq!(players.find(&id(7)), None);
        assert!(players.heap_bytes() <= 2 * bytes, "{} after {bytes}", players.heap_bytes());
        assert_eq!(players.starts.len(), 5_001, "numbers are used again");
    }

    fn any_id() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-c]{1,3}",
            (0..6_u128, 0..3_u128)
                .prop_map(|(high, low)| { Uuid::from_u128(high << 124 | low).to_string() }),
            (0..6_u128).prop_map(|high| Uuid::from_u128(high << 124).to_string().to_uppercase()),
            "[0-9a-f]{7,8}-0{4}-0{4}-0{4}-0{11,12}",
        ]
    }

    proptest! {
        #[test]
        fn ids_are_compared_as_texts(a in any_id(), b in any_id()) {
            let mut players = Players::default();
            let (first, second) = (players.hold(&a), players.hold(&b));
            prop_assert_eq!(players.compare(first, second), a.cmp(&b));
        }

        #[test]
        fn holds_are_counted(steps in prop::collection::vec((any_id(), any::<bool>()), 0..60)) {
            let mut players = Players::default();
            let mut model: BTreeMap<String, u32> = BTreeMap::new();
            for (id, holds) in steps {
                if holds {
                    players.hold(&id);
                    *model.entry(id).or_default() += 1;
                } else if let Some(count) = model.get_mut(&id) {
                    let player = players.find(&id).expect("it is held");
                    players.release(player);
                    *count -= 1;
                    if *count == 0 {
                        model.remove(&id);
                    }
                }
                prop_assert_eq!(players.len(), model.len());
                for id in model.keys() {
                    let player = players.find(id).expect("it is held");
                    let stored = players.id(player);
                    prop_assert_eq!(stored.as_str(), id);
                }
            }
            players.pack();
            for id in model.keys() {
                let player = players.find(id).expect("it is held");
                let stored = players.id(player);
                prop_assert_eq!(stored.as_str(), id);
            }
        }
    }
}

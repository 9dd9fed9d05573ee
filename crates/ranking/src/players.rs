//! Player ids, each kept once however many boards hold it, and a short number for each.
//!
//! Every player has 16 bytes: the id itself if it is a UUID in its usual spelling, otherwise where its
//! text lies in an arena. A board *holds* the numbers of its players; an id that no board holds any
//! more is forgotten, its number is given to the next one, and the arena is packed anew when most of
//! it is garbage.

use std::cmp::Ordering;
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

use hashbrown::HashTable;
use scoreline_core::ban::PlayerBan;
use scoreline_core::id::PlayerId;
use scoreline_core::rank::PlayerName;
use uuid::Uuid;

use crate::bans::Bans;
use crate::column::make_room;
use crate::names::Names;
use crate::player_no::GARBAGE_BYTES_MIN;
pub use crate::player_no::PlayerNo;

/// An id as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Form<'a> {
    /// A hyphenated UUID in lower case.
    Packed(u128),
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
            return Self::Packed(uuid.as_u128());
        }
        Self::Text(id.as_bytes())
    }

    /// Calls `with` with the id's own bytes.
    fn spelled<T>(self, with: impl FnOnce(&[u8]) -> T) -> T {
        match self {
            Self::Packed(uuid) => {
                let mut buffer = [0; 36];
                with(Uuid::from_u128(uuid).hyphenated().encode_lower(&mut buffer).as_bytes())
            }
            Self::Text(bytes) => with(bytes),
        }
    }
}

/// Where a text lies in the arena.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    bytes: usize,
}

impl Span {
    fn range(self) -> Range<usize> {
        self.start..self.start + self.bytes
    }

    /// In the place of a UUID.
    fn to_bits(self) -> u128 {
        (self.start as u128) << 64 | self.bytes as u128
    }

    #[expect(clippy::cast_possible_truncation, reason = "both halves were a usize")]
    fn from_bits(bits: u128) -> Self {
        Self { start: (bits >> 64) as usize, bytes: bits as u64 as usize }
    }
}

/// How many boards hold a player, and whether the id is a text.
#[derive(Debug, Clone, Copy)]
struct Holds(u32);

impl Holds {
    const TEXT: u32 = 1 << 31;

    fn none_of(form: Form<'_>) -> Self {
        Self(if matches!(form, Form::Text(_)) { Self::TEXT } else { 0 })
    }

    fn is_text(self) -> bool {
        self.0 & Self::TEXT != 0
    }

    /// The number of the player is free if there are none.
    fn boards(self) -> u32 {
        self.0 & !Self::TEXT
    }
}

/// The ids by the players' numbers.
#[derive(Default)]
struct Ids {
    /// A UUID, or the [`Span`] of a text.
    bits: Vec<u128>,
    holds: Vec<Holds>,
    /// The texts one behind the other.
    arena: Vec<u8>,
}

impl Ids {
    fn form(&self, player: PlayerNo) -> Form<'_> {
        let bits = self.bits[player.index()];
        if self.holds[player.index()].is_text() {
            Form::Text(&self.arena[Span::from_bits(bits).range()])
        } else {
            Form::Packed(bits)
        }
    }

    /// Puts an id in, at a free number or a new one.
    fn put(&mut self, form: Form<'_>, free: Option<PlayerNo>) -> PlayerNo {
        let bits = match form {
            Form::Packed(uuid) => uuid,
            Form::Text(text) => {
                let span = Span { start: self.arena.len(), bytes: text.len() };
                make_room(&mut self.arena, text.len());
                self.arena.extend_from_slice(text);
                span.to_bits()
            }
        };
        let player = free.unwrap_or_else(|| PlayerNo::of(self.bits.len()));
        let holds = Holds::none_of(form);
        if player.index() < self.bits.len() {
            self.bits[player.index()] = bits;
            self.holds[player.index()] = holds;
        } else {
            make_room(&mut self.bits, 1);
            self.bits.push(bits);
            make_room(&mut self.holds, 1);
            self.holds.push(holds);
        }
        player
    }

    /// Copies the texts that are still held to a new arena of `bytes`.
    fn pack(&mut self, bytes: usize) {
        let mut arena = Vec::with_capacity(bytes);
        for (bits, holds) in self.bits.iter_mut().zip(&self.holds) {
            if holds.is_text() && holds.boards() > 0 {
                let old = Span::from_bits(*bits);
                *bits = Span { start: arena.len(), ..old }.to_bits();
                arena.extend_from_slice(&self.arena[old.range()]);
            }
        }
        self.arena = arena;
    }
}

/// All players of all boards.
#[derive(Default)]
pub struct Players {
    ids: Ids,
    free: Vec<PlayerNo>,
    numbers: HashTable<PlayerNo>,
    garbage_bytes: usize,
    names: Names,
    bans: Bans,
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
        self.numbers
            .find(self.hasher.hash_one(form), |found| self.ids.form(*found) == form)
            .copied()
    }

    /// The number of a player, held once more. Every hold must be let go by [`Players::release`].
    pub fn hold(&mut self, id: &str) -> PlayerNo {
        let form = Form::of(id);
        let hash = self.hasher.hash_one(form);
        let found = self.numbers.find(hash, |found| self.ids.form(*found) == form).copied();
        let player = found.unwrap_or_else(|| self.add(form, hash));
        self.ids.holds[player.index()].0 += 1;
        player
    }

    /// Lets go of one hold. Nobody may use the number after the last.
    pub fn release(&mut self, player: PlayerNo) {
        let holds = &mut self.ids.holds[player.index()];
        assert!(holds.boards() > 0, "a player is released as often as held");
        holds.0 -= 1;
        if holds.boards() > 0 {
            return;
        }
        let form = self.ids.form(player);
        let hash = self.hasher.hash_one(form);
        if let Form::Text(text) = form {
            self.garbage_bytes += text.len();
        }
        if let Ok(entry) = self.numbers.find_entry(hash, |found| *found == player) {
            entry.remove();
        }
        self.free.push(player);
        if self.garbage_bytes > GARBAGE_BYTES_MIN && self.garbage_bytes > self.ids.arena.len() / 2 {
            self.pack();
        }
    }

    /// Takes over a name, unless a newer one is known.
    pub fn set_name(&mut self, name: &PlayerName) {
        let known = self.find(name.player.as_str());
        let named = known.and_then(|player| self.names.get(player));
        if named.is_some_and(|(_, version)| name.version <= version) {
            return;
        }
        let player = match (known, named) {
            (Some(player), Some(_)) => player,
            _ => self.hold(name.player.as_str()),
        };
        self.names.set(player, &name.nickname, name.version);
    }

    /// Takes over a ban or its end, unless a newer one is known. Answers the player if they are banned
    /// now and were not, or the other way round.
    pub fn set_ban(&mut self, ban: &PlayerBan) -> Option<PlayerNo> {
        let known = self.find(ban.player.as_str()).filter(|player| self.bans.knows(*player));
        // Held for as long as it is known, as somebody with a name.
        let player = known.unwrap_or_else(|| self.hold(ban.player.as_str()));
        self.bans.set(player, ban.ban, ban.version).then_some(player)
    }

    /// Who is banned, and how.
    pub fn bans(&self) -> &Bans {
        &self.bans
    }

    /// A player's nickname, if they set one.
    pub fn nickname(&self, player: PlayerNo) -> Option<&str> {
        self.names.get(player).map(|(nickname, _)| nickname)
    }

    /// The id of a player.
    pub fn id(&self, player: PlayerNo) -> PlayerId {
        self.ids.form(player).spelled(|bytes| {
            PlayerId::from_stored(std::str::from_utf8(bytes).expect("only texts are put in"))
        })
    }

    /// The order of two players' ids.
    pub fn compare(&self, a: PlayerNo, b: PlayerNo) -> Ordering {
        match (self.ids.form(a), self.ids.form(b)) {
            // Packed UUIDs lie in the order of their spelling.
            (Form::Packed(a), Form::Packed(b)) => a.cmp(&b),
            (a, b) => a.spelled(|a| b.spelled(|b| a.cmp(b))),
        }
    }

    /// Bytes allocated.
    pub fn heap_bytes(&self) -> usize {
        self.ids.bits.capacity() * size_of::<u128>()
            + self.ids.holds.capacity() * size_of::<Holds>()
            + self.ids.arena.capacity()
            + self.free.capacity() * size_of::<PlayerNo>()
            + self.numbers.allocation_size()
            + self.names.heap_bytes()
    }

    fn add(&mut self, form: Form<'_>, hash: u64) -> PlayerNo {
        let player = self.ids.put(form, self.free.pop());
        let Self { ids, numbers, hasher, .. } = self;
        numbers.insert_unique(hash, player, |known| hasher.hash_one(ids.form(*known)));
        player
    }

    fn pack(&mut self) {
        self.ids.pack(self.ids.arena.len() - self.garbage_bytes);
        self.garbage_bytes = 0;
        let Self { ids, numbers, hasher, .. } = self;
        numbers.shrink_to(numbers.len(), |known| hasher.hash_one(ids.form(*known)));
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
        assert_eq!(players.ids.bits.len() * size_of::<u128>(), 16);
        assert_eq!(players.ids.arena.capacity(), 0);
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
        assert_eq!(players.ids.bits.len(), 5_001, "numbers are used again");
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

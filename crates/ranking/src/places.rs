//! In which block of a board each player's entry is.
//!
//! Player numbers are dense: a board that holds a good part of all players takes two bytes for each
//! as a list, an eighth of what a hash table needs. A board of a few players among millions is the
//! other way round.

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use crate::block::BlockNo;
use crate::column::Column;
use crate::players::PlayerNo;

/// A table becomes a list when the list would have at most this many places for each player.
const LIST_PLACES_MAX: usize = 4;
/// A list becomes a table again beyond this many. Far from the other, so that a board does not
/// change to and fro.
const LIST_PLACES_KEPT: usize = 16;

/// The blocks by player. Hardly anybody ever leaves a board.
pub enum Places {
    /// For few of many.
    Table(HashMap<PlayerNo, BlockNo, FxBuildHasher>),
    /// For many of all.
    List(List),
}

/// By the players' numbers.
pub struct List {
    /// 0 for who has no entry, otherwise one more than the block's index.
    blocks: Column,
    players: usize,
}

impl Default for Places {
    fn default() -> Self {
        Self::Table(HashMap::default())
    }
}

impl Places {
    /// Room for this many players, none of whom has a higher number than `highest`.
    pub fn with_capacity(players: usize, highest: Option<PlayerNo>) -> Self {
        let length = highest.map_or(0, |highest| highest.index() + 1);
        if length > players.saturating_mul(LIST_PLACES_MAX) {
            return Self::Table(HashMap::with_capacity_and_hasher(players, FxBuildHasher));
        }
        Self::List(List::empty(length))
    }

    /// How many players there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Table(table) => table.len(),
            Self::List(list) => list.players,
        }
    }

    /// The block of a player's entry.
    pub fn get(&self, player: PlayerNo) -> Option<BlockNo> {
        match self {
            Self::Table(table) => table.get(&player).copied(),
            Self::List(list) if player.index() < list.blocks.len() => list.get(player.index()),
            Self::List(_) => None,
        }
    }

    /// Notes the block of a player's entry.
    pub fn insert(&mut self, player: PlayerNo, block: BlockNo) {
        self.change_form(player);
        match self {
            Self::Table(table) => {
                table.insert(player, block);
            }
            Self::List(list) => list.insert(player, block),
        }
    }

    /// Forgets where a player's entry is.
    pub fn remove(&mut self, player: PlayerNo) {
        match self {
            Self::Table(table) => {
                table.remove(&player);
            }
            Self::List(list) => list.remove(player),
        }
    }

    /// Bytes allocated.
    pub fn heap_bytes(&self) -> usize {
        match self {
            Self::Table(table) => table.allocation_size(),
            Self::List(list) => list.blocks.heap_bytes(),
        }
    }

    /// Takes the smaller form before `newcomer` makes the present one grow.
    fn change_form(&mut self, newcomer: PlayerNo) {
        match self {
            Self::Table(table) if table.len() == table.capacity() => {
                let highest = table.keys().map(|player| player.index()).max().unwrap_or(0);
                let length = highest.max(newcomer.index()) + 1;
                if length <= (table.len() + 1) * LIST_PLACES_MAX {
                    let mut list = List::empty(length);
                    table.drain().for_each(|(player, block)| list.insert(player, block));
                    *self = Self::List(list);
                }
            }
            Self::List(list)
                if newcomer.index() >= list.blocks.len()
                    && newcomer.index() >= (list.players + 1) * LIST_PLACES_KEPT =>
            {
                *self = Self::Table(list.entries().collect());
            }
            Self::Table(_) | Self::List(_) => {}
        }
    }
}

impl List {
    fn empty(length: usize) -> Self {
        Self { blocks: Column::of(std::iter::repeat_n(0, length)), players: 0 }
    }

    fn get(&self, index: usize) -> Option<BlockNo> {
        let number = usize::try_from(self.blocks.get(index)).ok()?;
        number.checked_sub(1).map(BlockNo::of)
    }

    fn insert(&mut self, player: PlayerNo, block: BlockNo) {
        let (index, length) = (player.index(), self.blocks.len());
        if index >= length {
            let more = index + 1 - length;
            self.blocks.make_room(more);
            (length..=index).for_each(|at| self.blocks.insert(at, 0));
        }
        self.players += usize::from(self.get(index).is_none());
        let number = i64::try_from(block.index()).expect("there are fewer blocks than players");
        self.blocks.set(index, number + 1);
    }

    fn remove(&mut self, player: PlayerNo) {
        let index = player.index();
        if index < self.blocks.len() && self.get(index).is_some() {
            self.blocks.set(index, 0);
            self.players -= 1;
        }
    }

    fn entries(&self) -> impl Iterator<Item = (PlayerNo, BlockNo)> {
        (0..self.blocks.len()).filter_map(|at| Some((PlayerNo::of(at), self.get(at)?)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn filled(numbers: impl IntoIterator<Item = usize>) -> Places {
        let mut places = Places::default();
        for number in numbers {
            places.insert(PlayerNo::of(number), BlockNo::of(number % 7));
        }
        places
    }

    #[test]
    fn a_board_of_everybody_takes_a_list_and_one_of_a_few_a_table() {
        assert!(matches!(filled(0..10_000), Places::List(_)));
        assert!(filled(0..10_000).heap_bytes() < 10_000 * 3);
        assert!(matches!(filled((0..100).map(|n| n * 10_000)), Places::Table(_)));
        let everybody = Places::with_capacity(1_000, Some(PlayerNo::of(1_500)));
        assert!(matches!(everybody, Places::List(_)));
        let few = Places::with_capacity(10, Some(PlayerNo::of(1_000_000)));
        assert!(matches!(few, Places::Table(_)));
    }

    #[test]
    fn a_list_that_would_be_empty_for_its_most_part_becomes_a_table() {
        let mut places = filled(0..1_000);
        places.insert(PlayerNo::of(4_000_000_000), BlockNo::of(3));
        assert!(matches!(places, Places::Table(_)));
        assert_eq!(places.len(), 1_001);
        assert_eq!(places.get(PlayerNo::of(999)), Some(BlockNo::of(999 % 7)));
    }

    proptest! {
        #[test]
        fn every_form_holds_what_was_put_in(
            steps in prop::collection::vec((prop_oneof![0..40_usize, 0..5_000_usize], 0..9_usize), 0..400),
        ) {
            let mut places = Places::default();
            let mut model = BTreeMap::new();
            for (player, block) in steps {
                places.insert(PlayerNo::of(player), BlockNo::of(block));
                model.insert(player, block);
                prop_assert_eq!(places.len(), model.len());
            }
            for player in 0..5_000 {
                let expected = model.get(&player).copied().map(BlockNo::of);
                prop_assert_eq!(places.get(PlayerNo::of(player)), expected);
            }
        }
    }
}

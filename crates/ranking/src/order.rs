//! The order of one board: sorted blocks, and a Fenwick tree over their sizes.
//!
//! An entry is found by its player through the number of its block, which stays the same while
//! blocks before it come and go; its rank is the sum of the sizes before that block plus its index
//! inside. Changes move at most one block's entries, and a block is split or joined at most once
//! in many changes.

use std::cmp::Ordering;

use scoreline_core::rank::{Place, Standing};

use crate::block::{Block, BlockNo, Ranked};
use crate::fenwick::Fenwick;
use crate::places::Places;
use crate::players::{PlayerNo, Players};

/// Entries of a block before it is split. Small in tests, so that they split and join often.
const BLOCK_MAX: usize = if cfg!(test) { 8 } else { 512 };
/// Entries of a block when a whole board is built, and the most that joining may make.
const BLOCK_FILL: usize = BLOCK_MAX * 3 / 4;
/// Entries below which a block is joined with a neighbour.
const BLOCK_MIN: usize = BLOCK_MAX / 4;

/// The entries of a board in their order.
#[derive(Default)]
pub struct Order {
    /// The blocks by their numbers.
    blocks: Vec<Block>,
    unused: Vec<BlockNo>,
    /// The blocks in use, best first. None of them is empty.
    sequence: Vec<BlockNo>,
    /// The first entry of each block of the sequence.
    firsts: Vec<Seat>,
    /// Where in the sequence a block is, by its number.
    positions: Vec<u32>,
    /// The sizes of the blocks of the sequence.
    sizes: Fenwick,
    /// In which block a player's entry is.
    places: Places,
}

/// A player with a standing, by which entries are ordered.
type Seat = (PlayerNo, Standing);

fn seat(ranked: &Ranked) -> Seat {
    (ranked.player, ranked.entry.standing)
}

/// Better first: by standing, then the smaller id.
fn compare(a: Seat, b: Seat, players: &Players) -> Ordering {
    a.1.compare(&b.1).then_with(|| players.compare(a.0, b.0))
}

/// An entry with what is known of its player.
pub fn place(rank: u64, ranked: Ranked, players: &Players) -> Place {
    let Ranked { player, entry } = ranked;
    let nickname = players.nickname(player).map(str::to_owned);
    Place { rank, player: players.id(player), nickname, entry }
}

impl Order {
    /// An order with room for `entries`, to be filled by [`Order::push_last`]. Nobody among them has
    /// a higher number than `highest`.
    pub fn with_capacity(entries: usize, highest: Option<PlayerNo>) -> Self {
        Self { places: Places::with_capacity(entries, highest), ..Self::default() }
    }

    /// Adds an entry that comes after all others. Answers whether its player was not there yet;
    /// otherwise nothing happens. [`Order::finish`] must be called before anything else.
    pub fn push_last(&mut self, ranked: Ranked) -> bool {
        if self.contains(ranked.player) {
            return false;
        }
        self.append(ranked);
        true
    }

    /// Ends a series of [`Order::push_last`].
    pub fn finish(&mut self) {
        self.renumber(0);
    }

    /// How many entries there are.
    pub fn len(&self) -> u64 {
        self.places.len() as u64
    }

    /// Whether a player has an entry.
    pub fn contains(&self, player: PlayerNo) -> bool {
        self.places.get(player).is_some()
    }

    /// Gives a player this entry and no other, unless they have a newer one. Answers whether they
    /// had none.
    pub fn set(&mut self, ranked: Ranked, players: &Players) -> bool {
        let known = self.places.get(ranked.player);
        if let Some(block) = known {
            let index = self.index_in(block, ranked.player);
            let entries = &mut self.blocks[block.index()];
            if ranked.entry.version() <= entries.version(index) {
                return false;
            }
            if ranked.entry.standing == entries.standing(index) {
                entries.renew(index, &ranked.entry);
                return false;
            }
            self.take_out(block, index);
        }
        self.put_in(ranked, players);
        known.is_none()
    }

    /// Takes a player's entry out of the order.
    pub fn remove(&mut self, player: PlayerNo) -> Option<Ranked> {
        let block = self.places.get(player)?;
        let index = self.index_in(block, player);
        let ranked = self.blocks[block.index()].get(index);
        self.take_out(block, index);
        self.places.remove(player);
        Some(ranked)
    }

    /// The rank that an entry would have which is not in the order.
    pub fn rank_of(&self, ranked: &Ranked, players: &Players) -> u64 {
        if self.sequence.is_empty() {
            return 1;
        }
        let new = seat(ranked);
        let position = self.position_of(new, players);
        let entries = &self.blocks[self.sequence[position].index()];
        let index =
            entries.partition_point(|player, at| compare((player, at), new, players).is_lt());
        self.sizes.before(position) + index as u64 + 1
    }

    /// The rank that another entry of a player who may be in the order would have among the others.
    pub fn rank_beside_others(&self, ranked: &Ranked, players: &Players) -> u64 {
        let known = self.get(ranked.player);
        let is_before = known.is_some_and(|own| compare(seat(&own), seat(ranked), players).is_lt());
        self.rank_of(ranked, players) - u64::from(is_before)
    }

    /// A player's entry.
    pub fn get(&self, player: PlayerNo) -> Option<Ranked> {
        let block = self.places.get(player)?;
        Some(self.blocks[block.index()].get(self.index_in(block, player)))
    }

    /// A player's rank, from 1, and entry.
    pub fn find(&self, player: PlayerNo) -> Option<(u64, Ranked)> {
        let block = self.places.get(player)?;
        let index = self.index_in(block, player);
        let before = self.sizes.before(self.positions[block.index()] as usize);
        Some((before + index as u64 + 1, self.blocks[block.index()].get(index)))
    }

    /// `limit` entries from the `offset`-th on, with their players' ids.
    pub fn places(&self, offset: u64, limit: usize, players: &Players) -> Vec<Place> {
        if offset >= self.len() {
            return Vec::new();
        }
        let (position, skipped) = self.sizes.locate(offset);
        let entries = self.sequence[position..].iter().flat_map(|block| {
            let block = &self.blocks[block.index()];
            (0..block.len()).map(|index| block.get(index))
        });
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        (offset + 1..)
            .zip(entries.skip(skipped).take(limit))
            .map(|(rank, ranked)| place(rank, ranked, players))
            .collect()
    }

    /// The players whose entries count nothing any more.
    pub fn emptied(&self) -> Vec<PlayerNo> {
        let blocks = self.sequence.iter().map(|block| &self.blocks[block.index()]);
        blocks.flat_map(Block::emptied).collect()
    }

    /// All players, best first.
    pub fn players(&self) -> impl Iterator<Item = PlayerNo> {
        self.sequence.iter().flat_map(|block| self.blocks[block.index()].players()).copied()
    }

    /// Bytes allocated.
    pub fn heap_bytes(&self) -> usize {
        self.blocks.iter().map(Block::heap_bytes).sum::<usize>()
            + self.blocks.capacity() * size_of::<Block>()
            + self.unused.capacity() * size_of::<BlockNo>()
            + self.sequence.capacity() * size_of::<BlockNo>()
            + self.firsts.capacity() * size_of::<Seat>()
            + self.positions.capacity() * size_of::<u32>()
            + self.sizes.heap_bytes()
            + self.places.heap_bytes()
    }

    fn index_in(&self, block: BlockNo, player: PlayerNo) -> usize {
        self.blocks[block.index()].index_of(player).expect("a player is in the block noted for it")
    }

    /// Adds an entry behind all others.
    fn append(&mut self, ranked: Ranked) {
        let last = self.sequence.last().copied();
        let with_room = last.filter(|last| self.blocks[last.index()].len() < BLOCK_FILL);
        let block = with_room.unwrap_or_else(|| {
            let block = self.new_block(Block::default());
            self.sequence.push(block);
            self.firsts.push(seat(&ranked));
            block
        });
        self.blocks[block.index()].push(ranked);
        self.places.insert(ranked.player, block);
    }

    fn put_in(&mut self, ranked: Ranked, players: &Players) {
        if self.sequence.is_empty() {
            self.append(ranked);
            self.renumber(0);
            return;
        }
        let new = seat(&ranked);
        let position = self.position_of(new, players);
        let block = self.sequence[position];
        let entries = &mut self.blocks[block.index()];
        let index =
            entries.partition_point(|player, at| compare((player, at), new, players).is_lt());
        entries.insert(index, ranked);
        if index == 0 {
            self.firsts[position] = new;
        }
        self.places.insert(ranked.player, block);
        if entries.len() > BLOCK_MAX {
            self.split(position);
        } else {
            self.sizes.increment(position);
        }
    }

    /// Which block of the sequence an entry belongs into.
    fn position_of(&self, new: Seat, players: &Players) -> usize {
        let not_after = |first: &Seat| compare(*first, new, players) != Ordering::Greater;
        self.firsts.partition_point(not_after).saturating_sub(1)
    }

    /// Removes an entry from its block, but not its player from `places`: it is to be put elsewhere.
    fn take_out(&mut self, block: BlockNo, index: usize) {
        let position = self.positions[block.index()] as usize;
        let entries = &mut self.blocks[block.index()];
        entries.remove(index);
        let left = entries.len();
        if index == 0 && left > 0 {
            self.firsts[position] = seat(&entries.get(0));
        }
        if left == 0 {
            self.drop_block(position);
        } else if left < BLOCK_MIN
            && let Some(first) = self.joinable_with(position)
        {
            self.join(first);
        } else {
            self.sizes.decrement(position);
        }
    }

    /// Moves the second half of a block into a new one behind it.
    fn split(&mut self, position: usize) {
        let block = self.sequence[position].index();
        let half = self.blocks[block].len() / 2;
        let rest = self.blocks[block].split_off(half);
        let first = seat(&rest.get(0));
        let new = self.new_block(rest);
        for player in self.blocks[new.index()].players() {
            self.places.insert(*player, new);
        }
        self.sequence.insert(position + 1, new);
        self.firsts.insert(position + 1, first);
        self.renumber(position + 1);
    }

    /// The first of two neighbours, one of them at `position`, that fit into one block.
    fn joinable_with(&self, position: usize) -> Option<usize> {
        [Some(position), position.checked_sub(1)].into_iter().flatten().find(|first| {
            let pair = self.sequence.get(*first..first + 2);
            let size = |block: &BlockNo| self.blocks[block.index()].len();
            pair.is_some_and(|pair| pair.iter().map(size).sum::<usize>() <= BLOCK_FILL)
        })
    }

    /// Moves the entries of the block after `position` into the one there.
    fn join(&mut self, position: usize) {
        let block = self.sequence[position];
        let rest = std::mem::take(&mut self.blocks[self.sequence[position + 1].index()]);
        for player in rest.players() {
            self.places.insert(*player, block);
        }
        self.blocks[block.index()].append(&rest);
        self.drop_block(position + 1);
    }

    fn new_block(&mut self, entries: Block) -> BlockNo {
        if let Some(block) = self.unused.pop() {
            self.blocks[block.index()] = entries;
            return block;
        }
        let block = BlockNo::of(self.blocks.len());
        self.blocks.push(entries);
        self.positions.push(0);
        block
    }

    /// Removes an empty block from the sequence.
    fn drop_block(&mut self, position: usize) {
        let block = self.sequence.remove(position);
        self.firsts.remove(position);
        self.blocks[block.index()] = Block::default();
        self.unused.push(block);
        self.renumber(position);
    }

    /// Brings positions and sizes up to date after the sequence changed from `start` on.
    fn renumber(&mut self, start: usize) {
        for (position, block) in self.sequence.iter().enumerate().skip(start) {
            self.positions[block.index()] =
                u32::try_from(position).expect("fewer blocks than players");
        }
        let Self { blocks, sequence, sizes, .. } = self;
        sizes.rebuild(
            sequence
                .iter()
                .map(|block| u32::try_from(blocks[block.index()].len()).expect("a block is small")),
        );
    }
}

#[cfg(test)]
mod tests;

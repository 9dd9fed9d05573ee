//! A run of neighbouring entries of a board, in their order.
//!
//! The columns lie apart so that each takes no more bytes than its numbers need (see `column`),
//! mostly 25 an entry instead of 72, and so that a search for a player reads nothing but players.

use std::array;

use scoreline_core::limits::BOARD_SUMS_MAX;
use scoreline_core::rank::{Entry, Standing, Version};
use scoreline_core::time::Timestamp;

use crate::column::{Column, GROWTH};
use crate::players::PlayerNo;

/// The columns of numbers: points, when they were reached, events that counted, the time of the last
/// one, what was taken back, and the sums.
const COLUMNS: usize = 5 + BOARD_SUMS_MAX;
const POINTS: usize = 0;
const REACHED_AT: usize = 1;
const ATTEMPTS: usize = 2;
const LAST_AT: usize = 3;
const TAKEN_BACK: usize = 4;
const FIRST_SUM: usize = 5;

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

/// An entry of a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ranked {
    /// Who.
    pub player: PlayerNo,
    /// With what.
    pub entry: Entry,
}

/// Neighbouring entries, best first.
#[derive(Debug, Default)]
pub struct Block {
    players: Vec<PlayerNo>,
    columns: [Column; COLUMNS],
}

fn numbers(entry: &Entry) -> [i64; COLUMNS] {
    let Entry { standing, attempts, last_at, sums, taken_back } = entry;
    let mut numbers = [0; COLUMNS];
    numbers[POINTS] = standing.points;
    numbers[REACHED_AT] = standing.reached_at.as_ms();
    numbers[ATTEMPTS] = *attempts;
    numbers[LAST_AT] = last_at.as_ms();
    numbers[TAKEN_BACK] = *taken_back;
    numbers[FIRST_SUM..].copy_from_slice(sums);
    numbers
}

impl Block {
    /// A block of these entries.
    pub fn of(entries: &[Ranked]) -> Self {
        let all: Vec<[i64; COLUMNS]> = entries.iter().map(|one| numbers(&one.entry)).collect();
        let column = |at: usize| Column::of(all.iter().map(move |numbers| numbers[at]));
        Self {
            players: entries.iter().map(|one| one.player).collect(),
            columns: array::from_fn(column),
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
        let number = |at: usize| self.columns[at].get(index);
        let entry = Entry {
            standing: self.standing(index),
            attempts: number(ATTEMPTS),
            last_at: time(number(LAST_AT)),
            sums: array::from_fn(|sum| number(FIRST_SUM + sum)),
            taken_back: number(TAKEN_BACK),
        };
        Ranked { player: self.players[index], entry }
    }

    /// The standing of the entry at `index`.
    pub fn standing(&self, index: usize) -> Standing {
        let number = |at: usize| self.columns[at].get(index);
        Standing { points: number(POINTS), reached_at: time(number(REACHED_AT)) }
    }

    /// The version of the entry at `index`.
    pub fn version(&self, index: usize) -> Version {
        let number = |at: usize| self.columns[at].get(index);
        Version(number(ATTEMPTS).saturating_add(number(TAKEN_BACK)))
    }

    /// The players in their order.
    pub fn players(&self) -> &[PlayerNo] {
        &self.players
    }

    /// The players whose entries count nothing any more.
    pub fn emptied(&self) -> impl Iterator<Item = PlayerNo> {
        let is_emptied = |index: &usize| self.columns[ATTEMPTS].get(*index) == 0;
        (0..self.len()).filter(is_emptied).map(|index| self.players[index])
    }

    /// Where a player's entry is.
    pub fn index_of(&self, player: PlayerNo) -> Option<usize> {
        self.players.iter().position(|found| *found == player)
    }

    /// How many entries from the start on are `before` what is looked for.
    pub fn partition_point(&self, before: impl Fn(PlayerNo, Standing) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if before(self.players[middle], self.standing(middle)) {
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
        self.players.insert(index, ranked.player);
        for (column, number) in self.columns.iter_mut().zip(numbers(&ranked.entry)) {
            column.insert(index, number);
        }
    }

    /// Puts an entry at the end.
    pub fn push(&mut self, ranked: Ranked) {
        self.grow_if_full();
        self.players.push(ranked.player);
        for (column, number) in self.columns.iter_mut().zip(numbers(&ranked.entry)) {
            column.push(number);
        }
    }

    /// Replaces the numbers of the entry at `index`.
    pub fn renew(&mut self, index: usize, entry: &Entry) {
        for (column, number) in self.columns.iter_mut().zip(numbers(entry)) {
            column.set(index, number);
        }
    }

    /// Takes the entry at `index` out.
    pub fn remove(&mut self, index: usize) {
        self.players.remove(index);
        for column in &mut self.columns {
            column.remove(index);
        }
    }

    /// Splits off the entries from `index` on.
    pub fn split_off(&mut self, index: usize) -> Self {
        let players = self.players[index..].to_vec();
        self.players.truncate(index);
        let columns = array::from_fn(|at| self.columns[at].split_off(index));
        self.shrink_to(index + GROWTH);
        Self { players, columns }
    }

    /// Gives all room back that is not used.
    pub fn shrink(&mut self) {
        self.shrink_to(self.len());
    }

    /// Puts the entries of `rest` at the end.
    pub fn append(&mut self, rest: &Self) {
        self.players.reserve_exact(rest.len());
        self.players.extend_from_slice(&rest.players);
        for (column, rest) in self.columns.iter_mut().zip(&rest.columns) {
            column.append(rest);
        }
    }

    /// Bytes allocated.
    pub fn heap_bytes(&self) -> usize {
        self.players.capacity() * size_of::<PlayerNo>()
            + self.columns.iter().map(Column::heap_bytes).sum::<usize>()
    }

    fn shrink_to(&mut self, entries: usize) {
        self.players.shrink_to(entries);
        for column in &mut self.columns {
            column.shrink_to(entries);
        }
    }

    fn grow_if_full(&mut self) {
        if self.players.len() == self.players.capacity() {
            self.players.reserve_exact(GROWTH);
        }
    }
}

fn time(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms).expect("a column gives back what was put in")
}

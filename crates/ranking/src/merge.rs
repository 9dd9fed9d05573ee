//! Puts the parts of a board in order while it gives their memory back.
//!
//! Each part is sorted as it comes, worst first, so that the best is taken from its end; what was
//! taken is let go of a quarter at a time. A board that is loaded thus never lies in memory twice.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use scoreline_core::time::Timestamp;

use crate::block::{Block, Ranked};
use crate::players::PlayerNo;

/// By what entries are sorted before their ids are looked at: the greater comes first.
type Key = (i64, Reverse<Timestamp>);

/// The key of an entry.
pub fn key(entry: &Ranked) -> Key {
    (entry.entry.standing.points, Reverse(entry.entry.standing.reached_at))
}

/// A part of a board, worst first.
#[derive(Debug)]
pub struct Part(Block);

impl Part {
    /// Sorts entries that came in any order.
    pub fn new(mut entries: Vec<Ranked>) -> Self {
        entries.sort_unstable_by_key(key);
        Self(Block::of(&entries))
    }

    /// Who has an entry in it.
    pub fn players(&self) -> &[PlayerNo] {
        self.0.players()
    }

    fn best(&self) -> Option<Key> {
        self.0.last().as_ref().map(key)
    }

    fn take_best(&mut self) -> Option<Ranked> {
        let best = self.0.last()?;
        self.0.remove(self.0.len() - 1);
        if self.0.len() < self.0.capacity() / 4 * 3 {
            self.0.shrink();
        }
        Some(best)
    }
}

/// All entries of some parts, best first; those with the same key in any order.
pub struct Merge {
    parts: Vec<Part>,
    /// The best entry that is left in each part, by its key.
    heads: BinaryHeap<(Key, usize)>,
}

impl Merge {
    /// Of these parts.
    pub fn new(parts: Vec<Part>) -> Self {
        let head = |(at, part): (usize, &Part)| Some((part.best()?, at));
        let heads = parts.iter().enumerate().filter_map(head).collect();
        Self { parts, heads }
    }

    /// Replaces the content of `tied` by the next entries that share their key, mostly one. Answers
    /// whether there were any.
    pub fn next_tied(&mut self, tied: &mut Vec<Ranked>) -> bool {
        tied.clear();
        while let Some(entry) =
            self.next_if(|key| tied.first().is_none_or(|first| self::key(first) == key))
        {
            tied.push(entry);
        }
        !tied.is_empty()
    }

    fn next_if(&mut self, wanted: impl FnOnce(Key) -> bool) -> Option<Ranked> {
        let mut head = self.heads.peek_mut().filter(|head| wanted(head.0))?;
        let part = &mut self.parts[head.1];
        let entry = part.take_best();
        if let Some(next) = part.best() {
            head.0 = next;
        } else {
            std::collections::binary_heap::PeekMut::pop(head);
        }
        entry
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use scoreline_core::limits::BOARD_SUMS_MAX;
    use scoreline_core::rank::{Entry, Standing};

    use super::*;

    fn entry((player, points, ms): (usize, i64, i64)) -> Ranked {
        let reached_at = Timestamp::EPOCH.plus_ms(ms);
        Ranked {
            player: PlayerNo::of(player),
            entry: Entry {
                standing: Standing { points, reached_at },
                attempts: 1,
                last_at: reached_at,
                sums: [0; BOARD_SUMS_MAX],
                taken_back: 0,
            },
        }
    }

    proptest! {
        #[test]
        fn parts_come_out_as_one_sorted_list(
            parts in prop::collection::vec(
                prop::collection::vec((0..100_usize, -3..3_i64, 0..3_i64).prop_map(entry), 0..40),
                0..6,
            ),
        ) {
            let mut expected: Vec<Key> = parts.iter().flatten().map(key).collect();
            expected.sort_unstable_by_key(|key| Reverse(*key));
            let mut merge = Merge::new(parts.into_iter().map(Part::new).collect());
            let (mut found, mut tied) = (Vec::new(), Vec::new());
            let mut before = None;
            while merge.next_tied(&mut tied) {
                let one = key(&tied[0]);
                prop_assert!(before.is_none_or(|before| before > one), "groups are complete");
                prop_assert!(tied.iter().all(|entry| key(entry) == one));
                before = Some(one);
                found.extend(tied.iter().map(key));
            }
            prop_assert_eq!(found, expected);
        }
    }
}

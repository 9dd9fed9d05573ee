//! Derived state in memory: what a store must hold after the same changes.

use std::collections::BTreeMap;

use super::{AnalyticsChange, BoardChange, Changes, Figure, FigureKey, FoldOverflow};
use crate::analytics::{CounterKey, Part, PartRows, StateError, merge_players};
use crate::id::{BoardKey, PlayerId, Slot};

/// All derived state, by key. Small games fit; its purpose is to be compared with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// Players' entries on boards.
    pub boards: BTreeMap<(BoardKey, PlayerId), BoardChange>,
    /// Players' statistics.
    pub statistics: BTreeMap<(PlayerId, Slot), i128>,
    /// Operating figures.
    pub figures: BTreeMap<FigureKey, Figure>,
    /// Players' parts, as stores keep them: of a day, or over all days.
    pub parts: BTreeMap<(Slot, PlayerId, Part), Vec<u8>>,
    /// The counters of analytics that are not 0.
    pub counters: BTreeMap<(Slot, CounterKey), i64>,
}

impl State {
    /// Takes changes in. The order of calls makes no difference.
    pub fn absorb(&mut self, changes: &Changes) -> Result<(), FoldOverflow> {
        for (board, player, change) in &changes.boards {
            match self.boards.get_mut(&(*board, player.clone())) {
                Some(known) => known.merge(change)?,
                None => {
                    self.boards.insert((*board, player.clone()), *change);
                }
            }
        }
        for (player, slot, change) in &changes.statistics {
            let known = self.statistics.get(&(player.clone(), *slot));
            let value = known.map_or(Ok(change.value()), |known| change.onto(*known))?;
            self.statistics.insert((player.clone(), *slot), value);
        }
        for (key, figure) in &changes.figures {
            self.figures
                .entry(key.clone())
                .and_modify(|known| known.merge(figure))
                .or_insert_with(|| figure.clone());
        }
        changes.analytics.iter().for_each(|change| self.absorb_analytics(change));
        Ok(())
    }

    /// # Panics
    ///
    /// Never: what is merged was written here.
    fn absorb_analytics(&mut self, change: &AnalyticsChange) {
        let mut rows = SlotParts { slot: change.slot, parts: &mut self.parts };
        let counts = merge_players(change, &mut rows).expect("what was written here can be read");
        for (key, more) in counts {
            *self.counters.entry((change.slot, key)).or_default() += more;
        }
        self.counters.retain(|_, count| *count != 0);
    }
}

/// The parts of one slot.
struct SlotParts<'s> {
    slot: Slot,
    parts: &'s mut BTreeMap<(Slot, PlayerId, Part), Vec<u8>>,
}

impl PartRows for SlotParts<'_> {
    type Error = StateError;

    fn kept(&mut self, player: &PlayerId, part: Part) -> Result<Option<Vec<u8>>, StateError> {
        Ok(self.parts.get(&(self.slot, player.clone(), part)).cloned())
    }

    fn keep(&mut self, player: &PlayerId, part: Part, bytes: Vec<u8>) -> Result<(), StateError> {
        self.parts.insert((self.slot, player.clone(), part), bytes);
        Ok(())
    }
}

//! Derived state in memory: what a store must hold after the same changes.

use std::collections::BTreeMap;

use super::{BoardChange, Changes, Figure, FigureKey, FoldOverflow};
use crate::id::{BoardKey, PlayerId, Slot};

/// All derived state, by key. Small games fit; its purpose is to be compared with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// Players' entries on boards.
    pub boards: BTreeMap<(BoardKey, PlayerId), BoardChange>,
    /// Players' statistics.
    pub statistics: BTreeMap<(PlayerId, Slot), i64>,
    /// Operating figures.
    pub figures: BTreeMap<FigureKey, Figure>,
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
        Ok(())
    }
}

//! A player's state, folded anew from the events that are kept and from what retention has merged: what an
//! act on some of the events leads to. Of figures and analytics: `refold_counts.rs`.

use std::collections::BTreeMap;

use super::refold_counts::merged;
use super::refold_given::{Folded, PlayerRow, PlayerRows, Refold, RefoldError, Rewrite};
use super::{
    BoardChange, Changes, FoldOverflow, Layer, Plan, PlayerStatistics, Projection, ProjectionKind,
};
use crate::game::Operator;
use crate::id::{BoardKey, Slot};

impl Plan {
    /// The slots that a refold reads the boards of: live ones, those being filled, and baselines.
    pub fn refolded_slots(&self) -> Vec<i64> {
        let boards = self.refolded().filter(|one| one.board().is_some());
        let slots = boards.flat_map(|one| {
            let filling = one.filling.map(|filling| filling.slot);
            [Some(one.slot), Some(one.baseline()), filling].into_iter().flatten()
        });
        slots.map(|slot| slot.0).collect()
    }

    /// The operator of the entries that lie in a slot.
    pub fn operator_of(&self, slot: Slot) -> Option<Operator> {
        let lies_there = |one: &&Projection| {
            [Some(one.slot), Some(one.baseline()), one.filling.map(|filling| filling.slot)]
                .contains(&Some(slot))
        };
        Some(self.projections.iter().find(lies_there)?.board()?.measure.operator)
    }

    /// Folds a player's state anew. What is not what it should be is to be written.
    pub fn refold(&self, from: &Refold<'_>) -> Result<Rewrite, RefoldError> {
        let mut statistics = from.rows.statistics.clone();
        let mut boards = Vec::new();
        let live = Folded::of(self, from, Layer::Recompute)?;
        let mut folded = vec![live];
        for filling in self.projections.iter().filter_map(|one| one.filling) {
            folded.push(Folded::of(self, from, Layer::Fill(filling.slot))?);
        }
        for projection in self.refolded() {
            for Folded { layer, all, .. } in &folded {
                let slot = match layer {
                    Layer::Fill(slot) if !projection.fills(*slot) => continue,
                    Layer::Fill(slot) => *slot,
                    Layer::Live | Layer::Recompute | Layer::Baseline => projection.slot,
                };
                refold_one(projection, slot, all, from.rows, &mut boards, &mut statistics)?;
            }
        }
        boards.sort_unstable_by_key(|(board, _)| *board);
        let statistics = (statistics != from.rows.statistics).then_some(statistics);
        let analytics = self.refold_analytics(from, &folded)?;
        let figures = self.refold_figures(from, &folded).into_iter().chain(self.traces(from)?);
        let figures = merged(figures);
        Ok(Rewrite { boards, statistics, analytics, figures })
    }

    fn refolded(&self) -> impl Iterator<Item = &Projection> {
        let is_of_players = |one: &Projection| match one.kind {
            ProjectionKind::Board | ProjectionKind::Tournament | ProjectionKind::Statistic => true,
            // Nobody's rows: refold_counts.rs.
            ProjectionKind::Figures | ProjectionKind::Analytics => false,
        };
        self.projections.iter().filter(move |one| is_of_players(one) && self.can_recompute(one))
    }
}

/// What one projection holds of the player in one of its slots.
fn refold_one(
    projection: &Projection,
    slot: Slot,
    changes: &Changes,
    rows: &PlayerRows,
    boards: &mut Vec<(BoardKey, PlayerRow)>,
    statistics: &mut PlayerStatistics,
) -> Result<(), FoldOverflow> {
    if projection.kind == ProjectionKind::Statistic {
        let of_slot = changes.statistics.iter().filter(|change| change.1 == slot);
        let mut amount = rows.statistics.get(projection.baseline());
        for (_, _, change) in of_slot {
            amount = Some(amount.map_or(Ok(change.value()), |known| change.onto(known))?);
        }
        statistics.set(slot, amount);
        return Ok(());
    }
    let of = |slot: Slot| rows.boards.iter().filter(move |row| row.0.slot == slot);
    let mut due: BTreeMap<BoardKey, BoardChange> = of(projection.baseline())
        .map(|(board, row)| (BoardKey { slot, ..*board }, row.held))
        .collect();
    for (board, _, change) in changes.boards.iter().filter(|change| change.0.slot == slot) {
        match due.get_mut(board) {
            Some(known) => known.merge(change)?,
            None => {
                due.insert(*board, *change);
            }
        }
    }
    for (board, row) in of(slot) {
        let held = due.remove(board).unwrap_or(BoardChange::nothing(row.held.operator));
        if held != row.held && (held.attempts, row.held.attempts) != (0, 0) {
            boards.push((*board, row.replaced_by(held)));
        }
    }
    boards.extend(due.into_iter().map(|(board, held)| (board, PlayerRow { held, taken_back: 0 })));
    Ok(())
}

//! A player's state, folded anew from the events that are kept and from what retention has merged: what an
//! act on some of the events leads to.

use std::collections::BTreeMap;

use super::{
    BoardChange, Changes, FoldOverflow, Layer, Plan, PlayerStatistics, Projection, ProjectionKind,
};
use crate::event::Event;
use crate::game::Operator;
use crate::id::{BoardKey, PlayerId, Slot};
use crate::rank::{Entry, Standing, Update, Version};
use crate::time::Timestamp;
use crate::void::Voids;

/// A player's row on a board, whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlayerRow {
    /// What it holds.
    pub held: BoardChange,
    /// By how much its version is ahead of its attempts.
    pub taken_back: i64,
}

impl PlayerRow {
    fn version(&self) -> Version {
        Version(self.held.attempts.saturating_add(self.taken_back))
    }

    /// The row that holds something else and is newer than this one.
    fn replaced_by(&self, held: BoardChange) -> Self {
        let ahead = self.version().0.saturating_add(1).saturating_sub(held.attempts);
        Self { held, taken_back: self.taken_back.max(ahead) }
    }
}

/// All that a store keeps of a player's derived state: rows of live slots, of those that are being
/// filled, and of baselines.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlayerRows {
    /// Entries on boards.
    pub boards: BTreeMap<BoardKey, PlayerRow>,
    /// Statistics.
    pub statistics: PlayerStatistics,
}

/// What is to be written so that a player's state is what the events say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rewrite {
    /// Rows to be put in place of what is there, in the order of boards.
    pub boards: Vec<(BoardKey, PlayerRow)>,
    /// Statistics, if they are different now.
    pub statistics: Option<PlayerStatistics>,
}

impl PlayerRows {
    /// What was read of a player. Rows do not say by which operator they were put together; their boards do.
    pub fn of(
        plan: &Plan,
        boards: Vec<(BoardKey, PlayerRow)>,
        statistics: PlayerStatistics,
    ) -> Self {
        let known = |(board, row): (BoardKey, PlayerRow)| {
            let operator = plan.operator_of(board.slot)?;
            let held = BoardChange { operator, ..row.held };
            Some((board, PlayerRow { held, ..row }))
        };
        Self { boards: boards.into_iter().filter_map(known).collect(), statistics }
    }
}

impl Rewrite {
    /// The entries as they are since, for whoever holds copies.
    pub fn updates(&self, player: &PlayerId) -> Vec<Update> {
        let update = |(board, row): &(BoardKey, PlayerRow)| {
            let BoardChange { points, reached_at, attempts, last_at, sums, .. } = row.held;
            let standing = Standing { points, reached_at };
            let entry = Entry { standing, attempts, last_at, sums, taken_back: row.taken_back };
            Update { board: *board, player: player.clone(), entry }
        };
        self.boards.iter().map(update).collect()
    }
}

/// What a player's state is folded anew from.
pub struct Refold<'r> {
    /// As it is kept.
    pub rows: &'r PlayerRows,
    /// All events of the player that are kept.
    pub events: Vec<Kept<'r>>,
    /// How far the scan of each projection has come that is being filled, by the slot it fills.
    pub passed: BTreeMap<Slot, &'r [u8]>,
}

/// An event that is kept.
#[derive(Debug, Clone, Copy)]
pub struct Kept<'e> {
    /// The event.
    pub event: &'e Event,
    /// When it was applied.
    pub applied_at: Timestamp,
    /// When it did not count.
    pub voids: &'e Voids,
    /// Where a scan is that has come to it. Later ones sort after earlier ones.
    pub position: &'e [u8],
}

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
    pub fn refold(&self, from: &Refold<'_>) -> Result<Rewrite, FoldOverflow> {
        let mut statistics = from.rows.statistics.clone();
        let mut boards = Vec::new();
        let live = self.fold_of(from.events.iter(), Layer::Recompute)?;
        for projection in self.refolded() {
            let slot = projection.slot;
            refold_one(projection, slot, &live, from.rows, &mut boards, &mut statistics)?;
            let Some(filling) = projection.filling else { continue };
            let passed = from.passed.get(&filling.slot);
            let is_passed = |one: &&Kept<'_>| passed.is_some_and(|passed| one.position <= *passed);
            let filled =
                self.fold_of(from.events.iter().filter(is_passed), Layer::Fill(filling.slot))?;
            let slot = filling.slot;
            refold_one(projection, slot, &filled, from.rows, &mut boards, &mut statistics)?;
        }
        boards.sort_unstable_by_key(|(board, _)| *board);
        let statistics = (statistics != from.rows.statistics).then_some(statistics);
        Ok(Rewrite { boards, statistics })
    }

    fn fold_of<'e>(
        &self,
        events: impl Iterator<Item = &'e Kept<'e>>,
        layer: Layer,
    ) -> Result<Changes, FoldOverflow> {
        self.fold_counting(events.map(|one| (one.event, one.applied_at, one.voids)), layer)
    }

    fn refolded(&self) -> impl Iterator<Item = &Projection> {
        let is_of_players = |one: &Projection| match one.kind {
            ProjectionKind::Board | ProjectionKind::Tournament | ProjectionKind::Statistic => true,
            // They count what came in.
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

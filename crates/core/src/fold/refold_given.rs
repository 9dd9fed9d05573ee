//! What a player's state is folded anew from, and what is to be written then.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{
    BoardChange, COARSE_GRAIN_MS, Changes, FINE_GRAIN_MS, Figure, FigureKey, FoldOverflow, Layer,
    Plan, PlayerStatistics,
};
use crate::analytics::{CounterKey, Part, StateError};
use crate::event::Event;
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
    /// The entry that everybody sees.
    pub fn entry(&self) -> Entry {
        let BoardChange { reached_at, attempts, last_at, .. } = self.held;
        let standing = Standing { points: self.held.shown_points(), reached_at };
        let sums = self.held.shown_sums();
        Entry { standing, attempts, last_at, sums, taken_back: self.taken_back }
    }

    pub(super) fn version(&self) -> Version {
        Version(self.held.attempts.saturating_add(self.taken_back))
    }

    /// The row that holds something else and is newer than this one.
    pub(super) fn replaced_by(&self, held: BoardChange) -> Self {
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
    /// Parts of analytics.
    pub parts: BTreeMap<(Slot, Part), Vec<u8>>,
}

/// What is to be written so that a player's state is what the events say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rewrite {
    /// Rows to be put in place of what is there, in the order of boards.
    pub boards: Vec<(BoardKey, PlayerRow)>,
    /// Statistics, if they are different now.
    pub statistics: Option<PlayerStatistics>,
    /// Analytics.
    pub analytics: Vec<AnalyticsRewrite>,
    /// What figures gain or lose, in the order of keys.
    pub figures: Vec<(FigureKey, Figure)>,
}

/// Why a player's state cannot be folded anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefoldError {
    /// A sum is too large.
    #[error(transparent)]
    Overflow(#[from] FoldOverflow),
    /// What is kept of the player's analytics cannot be read.
    #[error(transparent)]
    Damaged(#[from] StateError),
}

impl PlayerRows {
    /// What was read of a player. Rows do not say by which operator they were put together; their boards do.
    pub fn of(
        plan: &Plan,
        boards: Vec<(BoardKey, PlayerRow)>,
        statistics: PlayerStatistics,
        parts: Vec<(Slot, Part, Vec<u8>)>,
    ) -> Self {
        let known = |(board, row): (BoardKey, PlayerRow)| {
            let operator = plan.operator_of(board.slot)?;
            let held = BoardChange { operator, ..row.held };
            Some((board, PlayerRow { held, ..row }))
        };
        let parts = parts.into_iter().map(|(slot, part, bytes)| ((slot, part), bytes)).collect();
        Self { boards: boards.into_iter().filter_map(known).collect(), statistics, parts }
    }
}

impl PlayerRows {
    /// The live entries as they are once the player is gone: newer than they were, and of no event.
    pub fn emptied(&self) -> Rewrite {
        let live = self.boards.iter().filter(|(board, _)| board.slot.0 > 0);
        let emptied = live
            .map(|(board, row)| (*board, row.replaced_by(BoardChange::nothing(row.held.operator))));
        Rewrite { boards: emptied.collect(), ..Rewrite::default() }
    }

    /// The entries in some slots, as they are.
    pub fn of_slots(&self, slots: &BTreeSet<Slot>) -> Rewrite {
        let inside = self.boards.iter().filter(|(board, _)| slots.contains(&board.slot));
        Rewrite {
            boards: inside.map(|(board, row)| (*board, *row)).collect(),
            ..Rewrite::default()
        }
    }
}

impl Rewrite {
    /// The entries as they are since, for whoever holds copies.
    pub fn updates(&self, player: &PlayerId) -> Vec<Update> {
        let update = |(board, row): &(BoardKey, PlayerRow)| Update {
            board: *board,
            player: player.clone(),
            entry: row.entry(),
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
    /// The events that are turned.
    pub turned: Turned,
    /// Where figures begin.
    pub figures_from: FiguresFrom,
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

/// What is to be written of analytics in one slot, so that it is what the events say.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalyticsRewrite {
    /// Where the parts and the counters lie.
    pub slot: Slot,
    /// Parts that are different now; without bytes, there is nothing of them any more.
    pub parts: Vec<(Part, Option<Vec<u8>>)>,
    /// What counters gain, in the order of keys.
    pub counts: Vec<(CounterKey, i64)>,
}

/// The events that count no longer, or count again.
#[derive(Debug, Clone, Default)]
pub struct Turned {
    /// Their ids.
    pub ids: BTreeSet<Uuid>,
    /// Whether they count no longer.
    pub void: bool,
}

impl Turned {
    pub(super) fn has(&self, one: &Kept<'_>) -> bool {
        self.ids.contains(&one.event.id)
    }

    /// What a sum gains of what the events add to it.
    pub(super) fn signed(&self, amount: i64) -> i64 {
        if self.void { -amount } else { amount }
    }
}

/// Where figures begin that retention has not removed.
#[derive(Debug, Clone, Copy)]
pub struct FiguresFrom {
    /// The fine ones.
    pub fine: Timestamp,
    /// The coarse ones.
    pub coarse: Timestamp,
}

impl FiguresFrom {
    pub(super) fn hold(self, key: &FigureKey) -> bool {
        match key.grain_ms {
            FINE_GRAIN_MS => self.fine <= key.start,
            COARSE_GRAIN_MS => self.coarse <= key.start,
            other => unreachable!("there are no figures of {other} ms"),
        }
    }
}

impl PlayerRows {
    pub(super) fn parts_in(&self, slot: Slot) -> impl Iterator<Item = (Part, &Vec<u8>)> {
        let of_slot = self.parts.iter().filter(move |((of, _), _)| *of == slot);
        of_slot.map(|((_, part), bytes)| (*part, bytes))
    }
}

impl<'r> Refold<'r> {
    /// The events that a layer holds: all of them, or those that the scan has come to that fills it.
    pub(super) fn in_layer(&self, layer: Layer) -> impl Iterator<Item = &Kept<'r>> {
        let passed = match layer {
            Layer::Fill(slot) => Some(self.passed.get(&slot).copied()),
            Layer::Live | Layer::Recompute | Layer::Baseline => None,
        };
        let is_in = move |one: &&Kept<'_>| {
            passed.is_none_or(|passed| passed.is_some_and(|passed| one.position <= passed))
        };
        self.events.iter().filter(is_in)
    }
}

/// What the events of one layer say.
pub(super) struct Folded {
    /// Which.
    pub layer: Layer,
    /// All of them.
    pub all: Changes,
    /// Those that are turned, as if they counted.
    pub turned: Changes,
}

impl Folded {
    /// What the events of a layer say.
    pub fn of(plan: &Plan, from: &Refold<'_>, layer: Layer) -> Result<Self, FoldOverflow> {
        let all = from.in_layer(layer).map(|one| (one.event, one.applied_at, one.voids));
        let turned = from.in_layer(layer).filter(|one| from.turned.has(one));
        let turned = turned.map(|one| (one.event, one.applied_at, Voids::NONE));
        let all = plan.fold_counting(all, layer)?;
        Ok(Self { layer, all, turned: plan.fold_counting(turned, layer)? })
    }
}

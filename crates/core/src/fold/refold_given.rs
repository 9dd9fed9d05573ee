//! What a player's state is folded anew from, and what is to be written then.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{
    BoardChange, COARSE_GRAIN_MS, Changes, FINE_GRAIN_MS, Figure, FigureKey, FoldOverflow, Layer,
    Plan, PlayerStatistics,
};
use crate::analytics::{CounterKey, Part, StateError};
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
    /// The row once it has gained this: `known` is the one before, whose operator no column says.
    pub fn gaining(known: Option<Self>, change: &BoardChange) -> Result<Self, FoldOverflow> {
        let Some(known) = known else { return Ok(Self { held: *change, taken_back: 0 }) };
        let mut held = BoardChange { operator: change.operator, ..known.held };
        held.merge(change)?;
        Ok(Self { held, ..known })
    }

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

impl BoardChange {
    /// The entry that this makes of another, or of none; `None` where it cannot be counted.
    pub fn onto(&self, entry: Option<Entry>) -> Option<Entry> {
        let taken_back = entry.map_or(0, |entry| entry.taken_back);
        let mut held = match entry {
            None => Self::nothing(self.operator),
            Some(Entry { standing, attempts, last_at, sums, .. }) => Self {
                points: standing.points.into(),
                reached_at: standing.reached_at,
                attempts,
                last_at,
                sums: sums.map(i128::from),
                ..Self::nothing(self.operator)
            },
        };
        held.merge(self).ok()?;
        Some(PlayerRow { held, taken_back }.entry())
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

/// A player's rows as a store reads them: those on boards do not say by which operator they were put together.
#[derive(Debug, Clone, Default)]
pub struct ReadRows {
    /// On boards.
    pub boards: Vec<(BoardKey, PlayerRow)>,
    /// Statistics.
    pub statistics: PlayerStatistics,
    /// Parts of analytics.
    pub parts: Vec<(Slot, Part, Vec<u8>)>,
}

impl PlayerRows {
    /// What was read of a player. Rows do not say by which operator they were put together; their boards do.
    pub fn of(plan: &Plan, read: ReadRows) -> Self {
        Self::of_slots_with(|slot| plan.operator_of(slot), read)
    }

    /// The same, where it is known by itself by which operator the rows of a slot were put together.
    pub(crate) fn of_slots_with(
        operator_of: impl Fn(Slot) -> Option<Operator>,
        ReadRows { boards, statistics, parts }: ReadRows,
    ) -> Self {
        let known = |(board, row): (BoardKey, PlayerRow)| {
            let operator = operator_of(board.slot)?;
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
    /// Events that counted and are kept no longer.
    pub gone: Vec<Kept<'r>>,
    /// Those of the events that are kept in another form from now on.
    pub replaced: Vec<Replaced<'r>>,
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

/// An event that is kept in another form from now on.
#[derive(Debug, Clone, Copy)]
pub struct Replaced<'e> {
    /// As it was.
    pub before: Kept<'e>,
    /// As it is.
    pub after: Kept<'e>,
    /// Whether it counted so far.
    pub counted: bool,
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Turned {
    /// Their ids.
    pub ids: BTreeSet<Uuid>,
    /// Whether they count no longer.
    pub void: bool,
}

impl Turned {
    fn has(&self, one: &Kept<'_>) -> bool {
        self.ids.contains(&one.event.id)
    }
}

/// Where figures begin that retention has not removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    fn in_layer(&self, layer: Layer) -> impl Iterator<Item = &Kept<'r>> {
        self.events.iter().filter(self.is_in(layer))
    }

    pub(super) fn is_in(&self, layer: Layer) -> impl Fn(&&Kept<'r>) -> bool + '_ {
        let passed = match layer {
            Layer::Fill(slot) => Some(self.passed.get(&slot).copied()),
            Layer::Live | Layer::Recompute | Layer::Baseline => None,
        };
        move |one| passed.is_none_or(|passed| passed.is_some_and(|passed| one.position <= passed))
    }

    /// The events of a layer that count no longer, as they counted, and those that count from now on.
    fn turned_in(&self, layer: Layer) -> [Vec<&Kept<'r>>; 2] {
        let turned = self.in_layer(layer).filter(|one| self.turned.has(one));
        let (mut out, mut into): (Vec<_>, Vec<_>) = turned.partition(|_| self.turned.void);
        out.extend(&self.gone);
        let is_in = self.is_in(layer);
        let replaced = self.replaced.iter().filter(|one| one.counted && is_in(&&one.after));
        for Replaced { before, after, .. } in replaced {
            out.push(before);
            into.push(after);
        }
        [out, into]
    }
}

/// What the events of one layer say.
pub(super) struct Folded {
    /// Which.
    pub layer: Layer,
    /// All of them.
    pub all: Changes,
    /// Those that count no longer, as they counted.
    pub out: Changes,
    /// Those that count from now on.
    pub into: Changes,
}

impl Folded {
    /// What the events of a layer say.
    pub fn of(plan: &Plan, from: &Refold<'_>, layer: Layer) -> Result<Self, FoldOverflow> {
        let all = from.in_layer(layer).map(|one| (one.event, one.applied_at, one.voids));
        let all = plan.fold_counting(all, layer)?;
        let counting = |events: Vec<&Kept<'_>>| {
            let events = events.into_iter().map(|one| (one.event, one.applied_at));
            plan.fold(events, layer)
        };
        let [out, into] = from.turned_in(layer);
        Ok(Self { layer, all, out: counting(out)?, into: counting(into)? })
    }
}

//! The one idea: derived state is a fold over the *set* of distinct events, and every reducer
//! commutes.
//!
//! [`Plan::fold`] turns events into [`Changes`]; [`BoardChange::merge`] and its siblings put
//! changes together; a store does the same in SQL, and [`State`] does it in memory, as the measure
//! that stores are tested against. Because merging commutes and a store folds each event key once,
//! neither workers nor retries nor the order of arrival can change the result. What does not
//! commute does not belong here.

mod analytics;
mod analytics_plan;
mod breaches;
mod current;
mod facts;
mod folding;
mod join;
mod judging;
mod plan;
mod projection;
mod reading;
mod refold;
mod refold_counts;
mod refold_given;
mod sketch;
mod state;
mod statistics;
mod wide;

use std::sync::Arc;

use uuid::Uuid;

use crate::event::Event;
use crate::game::Operator;
use crate::id::{BoardKey, PlayerId, Slot};
use crate::limits::BOARD_SUMS_MAX;
use crate::time::Timestamp;
use crate::void::Voids;

pub use analytics::AnalyticsChange;
use folding::Folding;
pub use join::{Join, JoinedRows};
pub use judging::{Asked, Judged, Known};
pub use plan::Plan;
pub use projection::{
    ANALYTICS, FIGURES, FIRST_SEEN, Filling, LAST_SEEN, Meaning, Projection, ProjectionKind,
    WantedProjection, baseline_slot,
};
pub use refold_given::{
    AnalyticsRewrite, FiguresFrom, Kept, PlayerRow, PlayerRows, ReadRows, Refold, RefoldError,
    Replaced, Rewrite, Turned,
};
pub use sketch::{Sketch, SketchError};
pub use state::State;
pub use statistics::{PlayerStatistics, parts_of};
use wide::CheckedAdd;

/// The width of a fine figure's time slot: 5 minutes. Fine figures answer for the last hour.
pub const FINE_GRAIN_MS: i64 = 5 * 60 * 1000;
/// The width of a coarse figure's time slot: 1 hour.
pub const COARSE_GRAIN_MS: i64 = 60 * 60 * 1000;

/// Which slots a fold writes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// New events: every live slot. One that is filled meanwhile gets them from its scan, which goes
    /// through the events in the order in which they were applied.
    Live,
    /// One step of the scan that fills this slot; nothing else is written.
    Fill(Slot),
    /// Events about to be removed: every baseline slot.
    Baseline,
    /// All stored events again, into the live slots' namesakes of a scratch space.
    Recompute,
}

/// What the events of one fold change, each key once, in the order of keys: writers that touch
/// keys in one order cannot deadlock.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// Players' entries on boards, by board and player.
    pub boards: Vec<(BoardKey, PlayerId, BoardChange)>,
    /// Players' statistics, by player and slot.
    pub statistics: Vec<(PlayerId, Slot, StatisticChange)>,
    /// Operating figures.
    pub figures: Vec<(FigureKey, Figure)>,
    /// Analytics, by slot: one mostly, and two while one takes the place of another.
    pub analytics: Vec<AnalyticsChange>,
}

/// What a player's entry on a board gains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoardChange {
    /// How points are put together.
    pub operator: Operator,
    /// The points: the best, the latest, or how many more. Sums of them may be beyond 64 bits on the way.
    pub points: i128,
    /// When these points were reached, by receipt.
    pub reached_at: Timestamp,
    /// How many events counted.
    pub attempts: i64,
    /// The time of the last event that counted, as analytics see it.
    pub last_at: Timestamp,
    /// With [`Operator::Latest`], the id of that event, which decides between equal times.
    pub last_id: Option<Uuid>,
    /// The sums beside the score, in the order of the definition; unused ones are 0.
    pub sums: [i128; BOARD_SUMS_MAX],
}

/// What a player's statistic gains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatisticChange {
    /// This much more.
    Add(i128),
    /// At least this much.
    AtLeast(i64),
}

/// Which figure: of which time slot and which event type.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FigureKey {
    /// Where the figures lie.
    pub slot: Slot,
    /// The width of the time slot, in milliseconds.
    pub grain_ms: i64,
    /// Its start, by event time.
    pub start: Timestamp,
    /// The event type; empty for all types together.
    pub event_type: Arc<str>,
}

/// What happened in one time slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// How many events.
    pub events: i64,
    /// Milliseconds from receipt to application, of all of them together.
    pub processing_ms: i64,
    /// The first event's time.
    pub first_at: Timestamp,
    /// The last event's time.
    pub last_at: Timestamp,
    /// The different players of these events.
    pub players: Sketch,
}

/// Why events cannot be folded: one of them holds a value that cannot be counted exactly. Which one, the
/// store finds out by bisecting.
///
/// Only new events fail in this way ([`Layer::Live`]). A stored one may hold such a value where a
/// projection was made later that looks at it; there it does not count, so that one old event
/// cannot keep a rebuild from its end. Sums have 128 bits, which no number of events fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a value is too large to be counted")]
pub struct FoldOverflow;

impl BoardChange {
    /// Puts two changes of the same entry together. Commutes and is associative.
    pub fn merge(&mut self, other: &Self) -> Result<(), FoldOverflow> {
        assert_eq!(self.operator, other.operator, "both changes are of the same board");
        match self.operator {
            Operator::Best => {
                if other.points > self.points {
                    self.points = other.points;
                    self.reached_at = other.reached_at;
                } else if other.points == self.points {
                    self.reached_at = self.reached_at.min(other.reached_at);
                }
            }
            Operator::Latest => {
                // An entry is one player's, whose events have an id each.
                let order = |change: &Self| {
                    (change.last_at, change.last_id, change.points, change.reached_at)
                };
                if order(other) > order(self) {
                    self.points = other.points;
                    self.reached_at = other.reached_at;
                    self.last_id = other.last_id;
                }
            }
            Operator::Sum | Operator::Count => {
                self.points = add(self.points, other.points)?;
                self.reached_at = self.reached_at.max(other.reached_at);
            }
        }
        self.attempts = add(self.attempts, other.attempts)?;
        self.last_at = self.last_at.max(other.last_at);
        for (sum, more) in self.sums.iter_mut().zip(other.sums) {
            *sum = add(*sum, more)?;
        }
        Ok(())
    }
}

impl BoardChange {
    /// What changes nothing that it is merged with: an entry that counts no event.
    pub fn nothing(operator: Operator) -> Self {
        Self {
            operator,
            points: if operator == Operator::Best { -i128::from(i64::MAX) } else { 0 },
            reached_at: if operator == Operator::Best { Timestamp::MAX } else { Timestamp::MIN },
            attempts: 0,
            last_at: Timestamp::MIN,
            last_id: (operator == Operator::Latest).then_some(Uuid::nil()),
            sums: [0; BOARD_SUMS_MAX],
        }
    }
}

impl StatisticChange {
    /// Puts two changes of the same statistic together. Commutes and is associative.
    pub fn merge(&mut self, other: Self) -> Result<(), FoldOverflow> {
        *self = match (*self, other) {
            (Self::Add(a), Self::Add(b)) => Self::Add(add(a, b)?),
            (Self::AtLeast(a), Self::AtLeast(b)) => Self::AtLeast(a.max(b)),
            (a, b) => unreachable!("one statistic has one operator, not {a:?} and {b:?}"),
        };
        Ok(())
    }

    /// The statistic's value after this change, where it was `known` before.
    pub fn onto(self, known: i128) -> Result<i128, FoldOverflow> {
        match self {
            Self::Add(more) => add(known, more),
            Self::AtLeast(least) => Ok(known.max(least.into())),
        }
    }

    /// The statistic's value where there was none before.
    pub fn value(self) -> i128 {
        match self {
            Self::Add(value) => value,
            Self::AtLeast(value) => value.into(),
        }
    }
}

impl Figure {
    /// Puts two figures of the same time slot together. Commutes and is associative.
    pub fn merge(&mut self, other: &Self) {
        self.absorb(other);
    }

    /// The same. Answers whether the players are other ones now; those of thousands hardly ever are.
    pub fn absorb(&mut self, other: &Self) -> bool {
        // Counts and durations of real events stay far below 64 bits.
        self.events += other.events;
        self.processing_ms += other.processing_ms;
        self.first_at = self.first_at.min(other.first_at);
        self.last_at = self.last_at.max(other.last_at);
        self.players.merge(&other.players)
    }
}

/// The sum, if it fits.
fn add<N: CheckedAdd>(a: N, b: N) -> Result<N, FoldOverflow> {
    a.checked_add(b).ok_or(FoldOverflow)
}

impl Plan {
    /// Folds events, each with the time it was applied, into the changes they make.
    pub fn fold<'e>(
        &self,
        events: impl IntoIterator<Item = (&'e Event, Timestamp)>,
        layer: Layer,
    ) -> Result<Changes, FoldOverflow> {
        let always_counted = |(event, applied_at)| (event, applied_at, Voids::NONE);
        self.fold_counting(events.into_iter().map(always_counted), layer)
    }

    /// The same of events that did not always count.
    pub fn fold_counting<'e>(
        &self,
        events: impl IntoIterator<Item = (&'e Event, Timestamp, &'e Voids)>,
        layer: Layer,
    ) -> Result<Changes, FoldOverflow> {
        let mut folding = Folding::new(self, layer);
        for (event, applied_at, voids) in events {
            folding.add(event, applied_at, voids)?;
        }
        Ok(folding.finish())
    }
}

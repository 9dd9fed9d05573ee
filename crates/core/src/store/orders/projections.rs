//! What becomes of projections and their slots.

use super::{Order, Statement};
use crate::fold::{Plan, Projection, ProjectionKind, parts_of};
use crate::game::Definition;
use crate::id::{ProjectionNo, Slot};
use crate::reconcile::{Retired, Step, completed, reconcile};
use crate::store::DroppedSlot;
use crate::store::values::{limit, values};
use crate::time::Timestamp;

impl Step {
    /// What carries it out.
    pub fn orders(&self, now: Timestamp) -> Vec<Order<'_>> {
        let take_slot = || Order::new(Statement::TakeSlot, values![]);
        match self {
            Self::Create { wanted, complete, pending } => {
                let create = wanted.creation(*complete, *pending);
                vec![take_slot(), Order::new(Statement::CreateProjection, create)]
            }
            Self::Revive { no, wanted, complete, pending } => {
                let revive = values![no.0, wanted.meaning.to_text(), *complete, *pending];
                vec![take_slot(), Order::new(Statement::ReviveProjection, revive)]
            }
            Self::Describe { no, wanted } => {
                let describe = values![no.0, wanted.meaning.to_text()];
                vec![Order::new(Statement::DescribeProjection, describe)]
            }
            Self::Show { no } => vec![Order::new(Statement::ShowProjection, values![no.0])],
            Self::AbandonFill { no } => vec![
                Order::new(Statement::DropFilling, values![no.0]),
                Order::new(Statement::AbandonFill, values![no.0]),
            ],
            Self::Retire { no } => vec![
                Order::new(Statement::DropLive, values![no.0]),
                Order::new(Statement::RetireProjection, values![no.0, now]),
            ],
        }
    }
}

/// The steps that make `definition` the one in force. `None` if nothing changes: it is, and its projections
/// are as they should be.
pub fn adopting(
    definition: &Definition,
    kept: &[Projection],
    retired: &[Retired],
    applied: u64,
    is_new: bool,
) -> Option<Vec<Step>> {
    let steps = reconcile(&definition.wanted_projections(), kept, retired, applied > 0);
    (is_new || !steps.is_empty()).then_some(steps)
}

/// What puts a slot that holds all of history in place of the live one.
pub fn finish_fill(plan: &Plan, no: ProjectionNo, now: Timestamp) -> Vec<Order<'static>> {
    let mut orders = vec![
        Order::new(Statement::DropLive, values![no.0]),
        Order::new(Statement::FinishFill, values![no.0]),
    ];
    for step in completed(plan, no) {
        orders.extend(step.orders(now).into_iter().map(Order::into_owned));
    }
    orders
}

impl ProjectionKind {
    /// What copies its rows of one slot into another.
    pub fn copies(self, from: Slot, to: Slot) -> Vec<Order<'static>> {
        let statements: &[Statement] = match self {
            Self::Board | Self::Tournament => &[Statement::CopyBoard],
            Self::Statistic => &[Statement::CopyStatistics],
            Self::Figures => &[Statement::CopyFigures, Statement::CopyFigurePlayers],
            Self::Analytics => &[Statement::CopyAnalytics, Statement::CopyAnalyticsCounters],
        };
        if self == Self::Statistic {
            let parts = parts_of(from).into_iter().zip(parts_of(to));
            let copy = |(from, to): (Slot, Slot)| {
                Order::new(Statement::CopyStatistics, values![from.0, to.0])
            };
            return parts.map(copy).collect();
        }
        statements.iter().map(|one| Order::new(*one, values![from.0, to.0])).collect()
    }
}

impl DroppedSlot {
    /// What removes its next rows that lie by slot, at most `most` of each table.
    pub fn sweeps(&self, most: usize) -> Vec<Order<'static>> {
        let statements: &[Statement] = match self.kind {
            ProjectionKind::Board | ProjectionKind::Tournament => &[Statement::SweepBoard],
            ProjectionKind::Figures => &[Statement::SweepFigures, Statement::SweepFigurePlayers],
            ProjectionKind::Analytics => &[Statement::SweepAnalyticsCounters],
            ProjectionKind::Statistic => &[],
        };
        let values = values![self.slot, limit(most)];
        statements.iter().map(|one| Order::new(*one, values.clone())).collect()
    }

    /// Whether it has rows that lie by player, among those of others: they are found by walking through the players.
    pub fn lies_by_player(&self) -> bool {
        matches!(self.kind, ProjectionKind::Statistic | ProjectionKind::Analytics)
    }

    /// What takes its rows from the players behind those whom the sweep has passed, up to `upto`; nothing where
    /// there are none.
    pub fn sweeps_players(&self, upto: Option<&str>) -> Vec<Order<'static>> {
        let Some(upto) = upto else { return Vec::new() };
        let slot = Slot(self.slot);
        let (statement, slots) = match self.kind {
            ProjectionKind::Statistic => (Statement::SweepStatistics, parts_of(slot).to_vec()),
            ProjectionKind::Analytics => (Statement::SweepAnalytics, vec![slot]),
            ProjectionKind::Board | ProjectionKind::Tournament | ProjectionKind::Figures => {
                return Vec::new();
            }
        };
        let swept = slots.into_iter().map(|slot| {
            Order::new(statement, values![&self.swept_player, upto, slot.0]).into_owned()
        });
        let note = Order::new(Statement::NoteSwept, values![self.slot, upto]).into_owned();
        swept.chain([note]).collect()
    }
}

/// A sweep through dropped slots, as far as it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sweeping {
    most: usize,
    done: usize,
}

impl Sweeping {
    /// A sweep that looks at `most` rows.
    pub fn of(most: usize) -> Self {
        Self { most, done: 0 }
    }

    /// How many rows it may still look at; `None` once it is over.
    pub fn left(self) -> Option<usize> {
        Some(self.most - self.done).filter(|left| *left > 0)
    }

    /// Notes that as many `rows` of a slot were removed or walked past. Answers whether none are left in it.
    pub fn pass(&mut self, rows: u64) -> bool {
        let left = self.most - self.done;
        let rows = usize::try_from(rows).unwrap_or(usize::MAX).min(left);
        let finished = rows < left;
        // Even an empty slot is worth an answer: callers go on until nothing is left.
        self.done += rows + usize::from(finished);
        finished
    }

    /// How many rows were looked at.
    pub fn done(self) -> u64 {
        self.done as u64
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::statements;
    use super::*;
    use crate::fold::WantedProjection;

    const KINDS: [ProjectionKind; 5] = [
        ProjectionKind::Board,
        ProjectionKind::Tournament,
        ProjectionKind::Statistic,
        ProjectionKind::Figures,
        ProjectionKind::Analytics,
    ];

    #[test]
    fn whoever_lets_go_of_a_projection_drops_its_slot_first() {
        let no = ProjectionNo(7);
        let retire = Step::Retire { no };
        let orders = retire.orders(Timestamp::EPOCH);
        assert_eq!(statements(&orders), [Statement::DropLive, Statement::RetireProjection]);
        assert_eq!(orders[1].values, values![7_i64, Timestamp::EPOCH]);
        let abandon = Step::AbandonFill { no };
        let orders = abandon.orders(Timestamp::EPOCH);
        assert_eq!(statements(&orders), [Statement::DropFilling, Statement::AbandonFill]);
    }

    #[test]
    fn a_projection_is_made_in_a_slot_that_is_taken_for_it() {
        for wanted in Definition::sample().wanted_projections() {
            let create = Step::Create { wanted: wanted.clone(), complete: true, pending: false };
            let revive =
                Step::Revive { no: ProjectionNo(1), wanted, complete: true, pending: false };
            for (step, made) in
                [(create, Statement::CreateProjection), (revive, Statement::ReviveProjection)]
            {
                let orders = step.orders(Timestamp::EPOCH);
                assert_eq!(statements(&orders), [Statement::TakeSlot, made]);
            }
        }
    }

    #[test]
    fn a_definition_in_force_whose_projections_are_there_changes_nothing() {
        let sample = Definition::sample();
        let made = |(no, one): (i64, WantedProjection)| one.made(ProjectionNo(no), Slot(no), true);
        let kept: Vec<_> = (1..).zip(sample.wanted_projections()).map(made).collect();
        assert_eq!(adopting(&sample, &kept, &[], 5, false), None);
        assert_eq!(adopting(&sample, &kept, &[], 5, true), Some(Vec::new()), "another text");
        let lacking = adopting(&sample, &kept[1..], &[], 5, false).expect("a projection is made");
        assert!(matches!(lacking[..], [Step::Create { complete: false, .. }]), "there is history");
        let fresh = adopting(&sample, &kept[1..], &[], 0, false).expect("a projection is made");
        assert!(matches!(fresh[..], [Step::Create { complete: true, .. }]), "there is none");
    }

    #[test]
    fn a_filled_slot_takes_the_place_of_the_live_one_before_anything_is_shown() {
        let sample = Arc::new(Definition::sample());
        let made = |(no, one): (i64, WantedProjection)| one.made(ProjectionNo(no), Slot(no), true);
        let kept = (1..).zip(sample.wanted_projections()).map(made).collect();
        let plan = Plan::new(1, sample, kept, Vec::new());
        let orders = finish_fill(&plan, ProjectionNo(3), Timestamp::EPOCH);
        assert_eq!(statements(&orders), [Statement::DropLive, Statement::FinishFill]);
    }

    #[test]
    fn every_table_that_is_copied_is_swept_by_slot_or_by_player() {
        for kind in KINDS {
            let copies = kind.copies(Slot(-3), Slot(9));
            assert_eq!(copies[0].values, values![-3_i64, 9_i64]);
            let dropped = DroppedSlot { slot: 9, kind, swept_player: String::new() };
            let of_players = dropped.lies_by_player().then(|| dropped.sweeps_players(Some("zoe")));
            // The last order of these only notes how far the sweep has come.
            let swept = dropped.sweeps(100).len() + of_players.map_or(0, |orders| orders.len() - 1);
            assert_eq!(swept, copies.len(), "{kind:?}");
        }
    }

    #[test]
    fn a_sweep_ends_when_it_has_looked_at_its_rows() {
        let mut sweeping = Sweeping::of(10);
        assert_eq!(sweeping.left(), Some(10));
        assert!(sweeping.pass(0), "an empty slot");
        assert_eq!((sweeping.left(), sweeping.done()), (Some(9), 1));
        assert!(sweeping.pass(4));
        assert!(!sweeping.pass(4), "there may be more in it");
        assert_eq!((sweeping.left(), sweeping.done()), (None, 10));
        assert_eq!(Sweeping::of(0).left(), None);
    }
}

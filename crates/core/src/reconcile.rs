//! What a store must do so that its projections are those that a definition asks for.
//!
//! [`reconcile`] compares what is wanted with what is kept and answers steps, which the store carries
//! out one by one in the transaction that puts the definition in force. A projection of the same
//! meaning stays as it is. One whose meaning changed gets a successor; where that has history to
//! catch up with, the former one is shown and goes on counting until the successor holds it.
//! Tournaments keep the projection they were created with, whatever becomes of their board.

use std::sync::Arc;

use crate::fold::{Plan, Projection, ProjectionKind, WantedProjection};
use crate::id::ProjectionNo;
use crate::time::Timestamp;
use crate::tournament::life::Transition;
use crate::tournament::{NewTournament, Tournament};

/// A projection that was let go of: its rows are gone, its number and its baseline are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retired {
    /// Its number.
    pub no: ProjectionNo,
    /// What it held.
    pub kind: ProjectionKind,
    /// The board's or statistic's name.
    pub name: Arc<str>,
    /// Its meaning in one line.
    pub fingerprint: String,
}

/// One thing to do, in the order of the answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Make a projection in a slot of its own.
    Create {
        /// What it holds and counts.
        wanted: WantedProjection,
        /// Whether it holds all of history, because there is none.
        complete: bool,
        /// Whether the former one of its name is shown until it is complete.
        pending: bool,
    },
    /// Bring back a retired one. Its rows missed what came since: it starts over in a slot of its own.
    Revive {
        /// Its number.
        no: ProjectionNo,
        /// What it holds and counts.
        wanted: WantedProjection,
        /// Whether it holds all of history, because there is none.
        complete: bool,
        /// Whether the former one of its name is shown until it is complete.
        pending: bool,
    },
    /// Write its meaning again: it counts the same, but names in it have changed.
    Describe {
        /// Its number.
        no: ProjectionNo,
        /// What it holds and counts.
        wanted: WantedProjection,
    },
    /// Show it: it is complete now.
    Show {
        /// Its number.
        no: ProjectionNo,
    },
    /// End a fill that can no longer come to its end, and drop its slot.
    AbandonFill {
        /// Its number.
        no: ProjectionNo,
    },
    /// Let go of it and drop its rows.
    Retire {
        /// Its number.
        no: ProjectionNo,
    },
}

/// The steps from `kept` and `retired` to `wanted`; none if everything is as it should be.
/// `has_history` tells whether anything was ever applied: if nothing was, what is new is complete.
pub fn reconcile(
    wanted: &[WantedProjection],
    kept: &[Projection],
    retired: &[Retired],
    has_history: bool,
) -> Vec<Step> {
    let mut steps = Vec::new();
    for one in wanted {
        let of_its_name: Vec<&Projection> =
            kept.iter().filter(|kept| kept.kind == one.kind && kept.name == one.name).collect();
        steps.extend(of_one_name(one, &of_its_name, retired, has_history));
    }
    let is_wanted =
        |kept: &Projection| wanted.iter().any(|one| one.kind == kept.kind && one.name == kept.name);
    let lost =
        kept.iter().filter(|kept| kept.kind != ProjectionKind::Tournament && !is_wanted(kept));
    steps.extend(lost.flat_map(let_go));
    steps
}

/// What follows when a projection holds all of history: if it was pending, it is shown, and the
/// former one of its name goes.
pub fn completed(plan: &Plan, no: ProjectionNo) -> Vec<Step> {
    let Some(filled) = plan.projections.iter().find(|one| one.no == no && one.pending) else {
        return Vec::new();
    };
    let formers = plan
        .projections
        .iter()
        .filter(|one| one.no != no && one.kind == filled.kind && one.name == filled.name);
    let mut steps: Vec<Step> = formers.flat_map(let_go).collect();
    steps.push(Step::Show { no });
    steps
}

/// At most two are kept of a name: the one that is shown, and the one that is pending.
fn of_one_name(
    wanted: &WantedProjection,
    kept: &[&Projection],
    retired: &[Retired],
    has_history: bool,
) -> Vec<Step> {
    let fingerprint = wanted.meaning.fingerprint();
    let mut steps = Vec::new();
    if let Some(present) = kept.iter().find(|kept| kept.fingerprint == fingerprint) {
        if present.meaning != wanted.meaning {
            steps.push(Step::Describe { no: present.no, wanted: wanted.clone() });
        }
        if !present.pending {
            let others = kept.iter().filter(|kept| kept.no != present.no);
            steps.extend(others.flat_map(|other| let_go(other)));
        }
        return steps;
    }
    let shown = kept.iter().find(|kept| !kept.pending);
    let complete = !has_history;
    let pending = shown.is_some() && !complete;
    for former in kept {
        if former.pending || !pending {
            steps.extend(let_go(former));
        } else {
            steps.extend(abandoned_fill(former));
        }
    }
    steps.push(made(wanted.clone(), retired, complete, pending));
    steps
}

fn made(wanted: WantedProjection, retired: &[Retired], complete: bool, pending: bool) -> Step {
    let fingerprint = wanted.meaning.fingerprint();
    let known = retired.iter().find(|known| {
        (known.kind, &known.name, &known.fingerprint) == (wanted.kind, &wanted.name, &fingerprint)
    });
    match known {
        Some(known) => Step::Revive { no: known.no, wanted, complete, pending },
        None => Step::Create { wanted, complete, pending },
    }
}

fn let_go(projection: &Projection) -> Vec<Step> {
    let mut steps: Vec<Step> = abandoned_fill(projection).into_iter().collect();
    steps.push(Step::Retire { no: projection.no });
    steps
}

/// Ends the fill of a projection, if there is one.
fn abandoned_fill(projection: &Projection) -> Option<Step> {
    projection.filling.map(|_| Step::AbandonFill { no: projection.no })
}

impl NewTournament {
    /// Makes its projection. It holds everything that the tournament counts from the first moment on,
    /// unless something was received before `last_receipt` that has to be filled in from history.
    pub fn first_step(&self, last_receipt: Option<Timestamp>) -> Step {
        let complete = self.is_complete(last_receipt);
        Step::Create { wanted: self.wanted_projection(), complete, pending: false }
    }
}

impl Tournament {
    /// What becomes of its projection: the fill of one that is cancelled ends.
    pub fn steps_after(&self, transition: Transition, kept: &[Projection]) -> Vec<Step> {
        let own = kept
            .iter()
            .filter(|kept| transition == Transition::Cancel && kept.no == self.projection);
        own.filter_map(abandoned_fill).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::{Filling, Meaning};
    use crate::game::{Definition, Operator};
    use crate::id::Slot;

    /// A board `b` that counts in one of several ways.
    fn board(way: i64) -> WantedProjection {
        let mut board = Definition::sample().boards[0].clone();
        board.name = Arc::from("b");
        board.measure.operator = Operator::Sum;
        board.measure.scale = way;
        let meaning = Meaning::Board(Arc::new(board));
        WantedProjection { kind: ProjectionKind::Board, name: Arc::from("b"), meaning }
    }

    fn kept(wanted: WantedProjection, no: i64, complete: bool) -> Projection {
        wanted.made(ProjectionNo(no), Slot(100 + no), complete)
    }

    fn pending(wanted: WantedProjection, no: i64) -> Projection {
        Projection { pending: true, ..kept(wanted, no, false) }
    }

    fn create(wanted: WantedProjection, complete: bool, pending: bool) -> Step {
        Step::Create { wanted, complete, pending }
    }

    fn retire(no: i64) -> Step {
        Step::Retire { no: ProjectionNo(no) }
    }

    fn retired(wanted: &WantedProjection, no: i64) -> Retired {
        let fingerprint = wanted.meaning.fingerprint();
        let (kind, name) = (wanted.kind, Arc::clone(&wanted.name));
        Retired { no: ProjectionNo(no), kind, name, fingerprint }
    }

    #[test]
    fn what_is_as_it_should_be_stays() {
        let now = [kept(board(1), 1, true)];
        assert_eq!(reconcile(&[board(1)], &now, &[], true), []);
        let catching_up = [kept(board(1), 1, true), pending(board(2), 2)];
        assert_eq!(reconcile(&[board(2)], &catching_up, &[], true), []);
    }

    #[test]
    fn a_new_one_is_complete_only_where_there_is_no_history() {
        for has_history in [true, false] {
            let steps = reconcile(&[board(1)], &[], &[], has_history);
            assert_eq!(steps, [create(board(1), !has_history, false)]);
        }
    }

    #[test]
    fn the_former_meaning_is_shown_until_the_new_one_holds_history() {
        let now = [kept(board(1), 1, true)];
        assert_eq!(reconcile(&[board(2)], &now, &[], true), [create(board(2), false, true)]);
        let steps = reconcile(&[board(2)], &now, &[], false);
        assert_eq!(steps, [retire(1), create(board(2), true, false)]);
    }

    #[test]
    fn one_that_was_never_filled_is_shown_as_well_until_its_successor_is() {
        let now = [kept(board(1), 1, false)];
        assert_eq!(reconcile(&[board(2)], &now, &[], true), [create(board(2), false, true)]);
    }

    #[test]
    fn a_change_that_is_taken_back_has_changed_nothing() {
        let now = [kept(board(1), 1, true), pending(board(2), 2)];
        assert_eq!(reconcile(&[board(1)], &now, &[], true), [retire(2)]);
    }

    #[test]
    fn of_several_changes_in_a_row_the_last_that_was_shown_stays_so() {
        let now = [kept(board(1), 1, true), pending(board(2), 2)];
        let steps = reconcile(&[board(3)], &now, &[], true);
        assert_eq!(steps, [retire(2), create(board(3), false, true)]);
    }

    #[test]
    fn one_that_comes_back_starts_over_in_its_own_number() {
        let steps = reconcile(&[board(1)], &[], &[retired(&board(1), 7)], true);
        let (no, wanted) = (ProjectionNo(7), board(1));
        assert_eq!(steps, [Step::Revive { no, wanted, complete: false, pending: false }]);
        let steps = reconcile(&[board(2)], &[], &[retired(&board(1), 7)], true);
        assert_eq!(steps, [create(board(2), false, false)]);
    }

    #[test]
    fn one_that_is_filled_takes_the_place_of_the_former() {
        let built_in = Definition::sample().wanted_projections().into_iter();
        let built_in = built_in.filter(|one| one.meaning == Meaning::BuiltIn);
        let mut projections: Vec<_> =
            (10..).zip(built_in).map(|(no, one)| kept(one, no, true)).collect();
        projections.extend([kept(board(1), 1, true), pending(board(2), 2)]);
        let plan = Plan::new(1, Arc::new(Definition::sample()), projections, Vec::new());
        let show = Step::Show { no: ProjectionNo(2) };
        assert_eq!(completed(&plan, ProjectionNo(2)), [retire(1), show]);
        assert_eq!(completed(&plan, ProjectionNo(10)), [], "nothing waited for it");
        let shown = plan.shown(ProjectionKind::Board, "b").expect("the former");
        assert_eq!((shown.no, plan.is_former(shown)), (ProjectionNo(1), true));
        let present = plan.projection(ProjectionKind::Board, "b").expect("the successor");
        assert_eq!((present.no, plan.is_former(present)), (ProjectionNo(2), false));
    }

    #[test]
    fn letting_go_ends_a_fill_first() {
        let filling = Some(Filling { slot: Slot(9) });
        let now = [Projection { filling, ..kept(board(1), 1, false) }];
        let no = ProjectionNo(1);
        let ended = [Step::AbandonFill { no }, Step::Retire { no }];
        assert_eq!(reconcile(&[], &now, &[], true), ended);
    }

    #[test]
    fn other_names_for_the_same_numbers_are_written_down() {
        let mut renamed = board(1);
        if let Meaning::Board(board) = &mut renamed.meaning {
            Arc::make_mut(board).title = "Another".to_owned();
        }
        let now = [kept(board(1), 1, true)];
        let describe = Step::Describe { no: ProjectionNo(1), wanted: renamed.clone() };
        assert_eq!(reconcile(&[renamed], &now, &[], true), [describe]);
    }

    #[test]
    fn tournaments_keep_what_they_were_created_with() {
        let cup = WantedProjection { kind: ProjectionKind::Tournament, ..board(1) };
        let now = [kept(cup, 1, true)];
        assert_eq!(reconcile(&[], &now, &[], true), []);
        assert_eq!(reconcile(&[board(2)], &now, &[], true).len(), 1);
    }
}

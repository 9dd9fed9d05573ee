//! Acts on events of a player, worked out before the transaction that writes them: to fold thousands of events
//! takes longer than others should wait.

use std::collections::HashMap;

use uuid::Uuid;

use super::{KeptOfPlayer, Result, ScanPosition, StoredEvent};
use crate::audit::Act;
use crate::fold::{FiguresFrom, Plan, PlayerRows, Rewrite};
use crate::id::Slot;
use crate::review::Listed;
use crate::time::Timestamp;
use crate::turning::{Seen, Settlement, Turning};
use crate::void::{Span, Voids};

/// What an act on a player's events comes to, as far as it was worked out while others wrote.
#[derive(Debug, Clone)]
pub struct Prepared {
    from: Foundation,
    awaits: bool,
    settled: Settlement,
    rewrite: Option<Rewrite>,
}

/// What an act was worked out from, but for the events, which are many. Whoever finds the same later would come to the
/// same.
#[derive(Debug, Clone, PartialEq)]
pub struct Foundation {
    /// Numbers of which one is another whenever an event of the player is stored, removed, or counts as of another
    /// receipt, or an operator acts.
    pub marks: [i64; 3],
    /// The player's rows.
    pub rows: PlayerRows,
    /// How far the scan of each projection has come that is being filled.
    pub passed: Vec<(Slot, Option<ScanPosition>)>,
    /// Where figures begin.
    pub figures_from: FiguresFrom,
}

/// What is marked about the events of a player.
#[derive(Debug, Clone, Default)]
pub struct Marked {
    /// When events of these ids did not count.
    pub spans: Vec<(Uuid, Span)>,
    /// The ids of those that do not count.
    pub voided: Vec<Uuid>,
    /// The entries of the review list.
    pub listed: Vec<Listed>,
}

impl Prepared {
    /// Works an act out from the player's `stored` events and all else that is kept of the player.
    pub fn of(
        plan: &Plan,
        turning: &Turning,
        from: Foundation,
        mut stored: Vec<StoredEvent>,
        marked: Marked,
        last_stamp: Timestamp,
        act: Act,
    ) -> Result<Self> {
        let Marked { spans, voided, listed } = marked;
        attach_voids(&mut stored, spans);
        let events = || stored.iter().map(|one| &one.event);
        let awaits = turning.awaits(events());
        let seen = Seen { voided: &voided, listed: &listed, last_stamp };
        let settled = turning.settle(events(), seen, act);
        let Foundation { rows, passed, figures_from, .. } = from.clone();
        let kept = KeptOfPlayer { rows, stored, passed, figures_from };
        let rewrite = if settled.turned.ids.is_empty() {
            None
        } else {
            Some(plan.turn(kept, settled.turned.clone(), settled.at)?)
        };
        Ok(Self { from, awaits, settled, rewrite })
    }

    /// Whether it would come to the same now.
    pub fn stands_on(&self, now: &Foundation) -> bool {
        self.from == *now
    }

    /// Whether events are to be voided that have not come.
    pub fn awaits(&self) -> bool {
        self.awaits
    }

    /// What is to be written where this is the last time of application given out by now, and the player's rows if any
    /// event turns. The later time changes nothing about them: no tournament was sealed since, as that is another plan.
    pub fn written_after(self, last_stamp: Timestamp) -> (Settlement, Option<Rewrite>) {
        let Self { mut settled, rewrite, .. } = self;
        settled.at = settled.at.max(last_stamp.plus_ms(1));
        (settled, rewrite)
    }
}

/// Says of all events of one player when they did not count. `spans` are those of their ids.
pub fn attach_voids(stored: &mut [StoredEvent], spans: Vec<(Uuid, Span)>) {
    let mut of_event: HashMap<Uuid, Vec<Span>> = HashMap::new();
    for (id, span) in spans {
        of_event.entry(id).or_default().push(span);
    }
    for one in stored {
        one.voids = Voids::of(of_event.remove(&one.event.id).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::audit::Actor;
    use crate::fold::WantedProjection;
    use crate::game::Definition;
    use crate::id::{PlayerId, ProjectionNo};
    use crate::turning::Wish;
    use crate::void::{Meant, Voiding};

    fn at(ms: i64) -> Timestamp {
        Timestamp::EPOCH.plus_ms(ms)
    }

    fn foundation(marks: [i64; 3]) -> Foundation {
        let figures_from = FiguresFrom { fine: at(0), coarse: at(0) };
        Foundation { marks, rows: PlayerRows::default(), passed: Vec::new(), figures_from }
    }

    fn prepared() -> Prepared {
        let sample = Arc::new(Definition::sample());
        let made = |(no, one): (i64, WantedProjection)| one.made(ProjectionNo(no), Slot(no), true);
        let projections = (1..).zip(sample.wanted_projections()).map(made).collect();
        let plan = Plan::new(1, sample, projections, Vec::new());
        let meant = Meant::Ids(vec![Uuid::from_u128(1)]);
        let wish = Wish::Void(Voiding { meant, void: true, dry_run: false });
        let turning = Turning { player: PlayerId::from_stored("ann"), wish };
        let by = Actor { name: "ops".to_owned(), key: None, address: None };
        let act =
            Act { by, what: "void".to_owned(), target: "ann".to_owned(), note: None, at: at(50) };
        let (from, marked) = (foundation([1, 2, 3]), Marked::default());
        let prepared = Prepared::of(&plan, &turning, from, Vec::new(), marked, at(10), act);
        prepared.expect("it is worked out")
    }

    #[test]
    fn what_was_worked_out_holds_as_long_as_nothing_came_in_between() {
        let prepared = prepared();
        assert!(prepared.awaits(), "nothing is stored");
        assert!(prepared.stands_on(&foundation([1, 2, 3])));
        for changed in [[2, 2, 3], [1, 1, 3], [1, 2, 4]] {
            assert!(!prepared.stands_on(&foundation(changed)), "{changed:?}");
        }
        let mut filled = foundation([1, 2, 3]);
        filled.passed = vec![(Slot(7), None)];
        assert!(!prepared.stands_on(&filled));
        let mut removed = foundation([1, 2, 3]);
        removed.figures_from.fine = at(1);
        assert!(!prepared.stands_on(&removed));
    }

    #[test]
    fn an_act_is_written_after_all_that_was_applied_since_it_was_worked_out() {
        let (settled, rewrite) = prepared().written_after(at(70));
        assert_eq!(settled.at, at(71));
        assert!(rewrite.is_some(), "an event turns");
        assert_eq!(prepared().written_after(at(40)).0.at, at(50));
    }
}

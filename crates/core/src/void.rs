//! Events that do not count because an operator said so.
//!
//! What was voided and counts again was voided for a span of time. A tournament that was closed goes on
//! by what was voided then, whatever happens later: its prizes are paid.

use std::collections::BTreeSet;

use serde_json::json;
use uuid::Uuid;

use crate::audit::{Act, Audited};
use crate::event::Event;
use crate::time::Timestamp;

/// From when to when an event did not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Since when.
    pub from: Timestamp,
    /// Until when; `None` while it does not count.
    pub until: Option<Timestamp>,
}

/// When an event did not count. Nearly all events have no such time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Voids(Vec<Span>);

impl Voids {
    /// Those of an event that always counted.
    pub const NONE: &'static Self = &Self(Vec::new());

    /// These spans, in any order.
    pub fn of(spans: Vec<Span>) -> Self {
        Self(spans)
    }

    /// Whether the event does not count now.
    pub fn are_in_force(&self) -> bool {
        self.0.iter().any(|span| span.until.is_none())
    }

    /// Whether the event did not count when a tournament was closed. No act has the time of a closing.
    pub fn were_in_force(&self, closed_at: Timestamp) -> bool {
        let covers = |span: &Span| {
            span.from < closed_at && span.until.is_none_or(|until| until >= closed_at)
        };
        self.0.iter().any(covers)
    }

    /// The event does not count from now on.
    pub fn begin(&mut self, at: Timestamp) {
        self.0.push(Span { from: at, until: None });
    }

    /// The event counts again.
    pub fn end(&mut self, at: Timestamp) {
        for span in self.0.iter_mut().filter(|span| span.until.is_none()) {
            span.until = Some(at);
        }
    }
}

/// Which events of a player are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    /// Those with these ids, whether or not they have arrived.
    Ids(Vec<Uuid>),
    /// Those that are kept and fit; absent conditions hold for all.
    Fitting {
        /// Of this type.
        event_type: Option<String>,
        /// Not before this event time.
        from: Option<Timestamp>,
        /// Before this event time.
        until: Option<Timestamp>,
    },
}

impl Meant {
    /// Whether an event is meant.
    pub fn fits(&self, event: &Event) -> bool {
        match self {
            Self::Ids(ids) => ids.contains(&event.id),
            Self::Fitting { event_type, from, until } => {
                event_type.as_ref().is_none_or(|wanted| **wanted == *event.event_type)
                    && from.is_none_or(|from| from <= event.time)
                    && until.is_none_or(|until| event.time < until)
            }
        }
    }
}

/// What is to become of events of a player.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voiding {
    /// Which.
    pub meant: Meant,
    /// Whether they are not to count, or to count again.
    pub void: bool,
    /// Only tells what would change.
    pub dry_run: bool,
}

/// What an act on events writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changing {
    /// What the operator is told.
    pub outcome: Voided,
    /// The events that change; none if nothing is to be written.
    pub ids: Vec<Uuid>,
    /// When: later than any other act, so that spans of time do not touch.
    pub at: Timestamp,
    /// For the log.
    pub audited: Audited,
}

impl Voiding {
    /// What is to be changed. `stored` are the player's events, `marked` are the ids that are voided, and
    /// `last_stamp` is the last time of application given out.
    pub fn changing<'e>(
        &self,
        stored: impl IntoIterator<Item = &'e Event>,
        marked: Vec<Uuid>,
        act: Act,
        last_stamp: Timestamp,
    ) -> Changing {
        let meant: BTreeSet<Uuid> = match &self.meant {
            Meant::Ids(ids) => ids.iter().copied().collect(),
            Meant::Fitting { .. } => {
                let fitting = stored.into_iter().filter(|event| self.meant.fits(event));
                fitting.map(|event| event.id).collect()
            }
        };
        let marked: BTreeSet<Uuid> = marked.into_iter().collect();
        let mut ids: Vec<Uuid> =
            meant.iter().copied().filter(|id| marked.contains(id) != self.void).collect();
        let outcome = Voided { matched: meant.len() as u64, changed: ids.len() as u64 };
        if self.dry_run {
            ids.clear();
        }
        let at = act.at.max(last_stamp.plus_ms(1));
        let was = json!({ "voided": !self.void });
        let is = json!({ "voided": self.void, "events": outcome.changed });
        Changing { outcome, ids, at, audited: act.changed(Some(&was), Some(&is)) }
    }
}

/// What became of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Voided {
    /// How many are meant.
    pub matched: u64,
    /// For how many that changed whether they count.
    pub changed: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Actor;

    fn at(ms: i64) -> Timestamp {
        Timestamp::EPOCH.plus_ms(ms)
    }

    /// An act at 50.
    fn act() -> Act {
        let by = Actor { name: "ops".to_owned(), key: None, address: None };
        Act { by, what: "void".to_owned(), target: "ann".to_owned(), note: None, at: at(50) }
    }

    #[test]
    fn only_what_is_not_yet_so_changes() {
        let [a, b] = [1, 2].map(Uuid::from_u128);
        let of = |void, dry_run| {
            let voiding = Voiding { meant: Meant::Ids(vec![b, a, a]), void, dry_run };
            let changing = voiding.changing([], vec![a], act(), at(70));
            (changing.outcome, changing.ids)
        };
        let outcome = Voided { matched: 2, changed: 1 };
        assert_eq!(of(true, false), (outcome, vec![b]));
        assert_eq!(of(false, false), (outcome, vec![a]));
        assert_eq!(of(true, true), (outcome, vec![]), "a dry run writes nothing");
    }

    #[test]
    fn an_act_is_later_than_all_that_was_applied_and_the_log_says_what_it_changed() {
        let voiding = |ids| Voiding { meant: Meant::Ids(ids), void: true, dry_run: false };
        let changing = voiding(vec![Uuid::from_u128(1)]).changing([], vec![], act(), at(70));
        assert_eq!(changing.at, at(71));
        assert_eq!(changing.audited.before.as_deref(), Some(r#"{"voided":false}"#));
        assert_eq!(changing.audited.after.as_deref(), Some(r#"{"voided":true,"events":1}"#));
        assert_eq!(voiding(vec![]).changing([], vec![], act(), at(10)).at, at(50));
    }

    #[test]
    fn what_counts_again_did_not_count_for_a_span() {
        let mut voids = Voids::default();
        assert!(!voids.are_in_force() && !voids.were_in_force(at(5)));
        voids.begin(at(10));
        assert!(voids.are_in_force());
        voids.end(at(20));
        assert!(!voids.are_in_force());
        voids.begin(at(30));
        let closed = [9, 10, 11, 20, 21, 30, 31].map(|ms| voids.were_in_force(at(ms)));
        assert_eq!(closed, [false, false, true, true, false, false, true]);
    }
}

//! Events that do not count because an operator said so.
//!
//! What was voided and counts again was voided for a span of time. A tournament that was closed goes on
//! by what was voided then, whatever happens later: its prizes are paid.

use uuid::Uuid;

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

    /// Those of an event that does not count from `at` on.
    pub fn since(at: Timestamp) -> Self {
        Self(vec![Span { from: at, until: None }])
    }

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

    fn at(ms: i64) -> Timestamp {
        Timestamp::EPOCH.plus_ms(ms)
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

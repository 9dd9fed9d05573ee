//! What became of the events of a batch so far, and by how much the store's counts grow. Pure.

use super::{Admitted, Applied};
use crate::event::Event;
use crate::event::recognise::Recognised;
use crate::feed::{self, Change, Commit};
use crate::id::{EventKey, PlayerId};
use crate::rank::Update;
use crate::review::Held;
use crate::time::Timestamp;

/// How much of a batch stands or falls together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// All of it, which is fast: no part can be taken back alone.
    Whole,
    /// Each half, so that a culprit is found.
    Halves,
}

/// The parts of a batch in the order in which they are tried: what is refused comes again in halves, until
/// the culprit stands alone.
#[derive(Debug)]
pub struct Halves<'e, E> {
    waiting: Vec<&'e [E]>,
}

impl<'e, E> Halves<'e, E> {
    /// All of it first.
    pub fn of(events: &'e [E]) -> Self {
        Self { waiting: if events.is_empty() { Vec::new() } else { vec![events] } }
    }

    /// The part that was refused comes again in halves. Answers the culprit if it stands alone.
    pub fn refused(&mut self, part: &'e [E]) -> Option<&'e E> {
        if let [culprit] = part {
            return Some(culprit);
        }
        let (first, second) = part.split_at(part.len() / 2);
        self.waiting.extend([second, first]);
        None
    }
}

impl<'e, E> Iterator for Halves<'e, E> {
    type Item = &'e [E];

    fn next(&mut self) -> Option<Self::Item> {
        self.waiting.pop()
    }
}

/// What a transaction that writes must know first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The version of the present plan.
    pub plan_version: i64,
    /// The last time of application given out.
    pub last_stamp: Timestamp,
    /// Whether there are dead events, which hold their keys as well.
    pub some_are_dead: bool,
    /// Whether events were ever voided.
    pub some_are_voided: bool,
    /// Whether players were ever moved to another id.
    pub some_are_moved: bool,
    /// The key of tombstones, if anybody was ever erased.
    pub erasure_key: Option<String>,
}

/// How much one transaction adds to the store's counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events stored and applied.
    pub applied: i64,
    /// Events that came again.
    pub duplicates: i64,
    /// Dead events that are not given up; negative when more came alive than died.
    pub dead: i64,
    /// Entries that wait in quarantine; negative when more left than came.
    pub quarantined: i64,
    /// Entries of the review list that wait; negative when more were decided than came.
    pub in_review: i64,
    /// Raw events that retention removed.
    pub removed: i64,
    /// The last receipt of what was applied.
    pub last_receipt: Option<Timestamp>,
}

impl Counts {
    /// What goes with an erased player whose dead events, entries of the quarantine and entries of the review
    /// list were given up or decided at these times. Those that were are in no count.
    pub fn of_erased(
        dead: &[Option<i64>],
        rejected: &[Option<i64>],
        reviews: &[Option<i64>],
    ) -> Self {
        let waiting = |all: &[Option<i64>]| count(all.iter().filter(|at| at.is_none()).count());
        Self {
            dead: -waiting(dead),
            quarantined: -waiting(rejected),
            in_review: -waiting(reviews),
            ..Self::default()
        }
    }

    /// These counts, with `entries` more in quarantine.
    pub fn with_quarantined(self, entries: usize) -> Self {
        Self { quarantined: self.quarantined + count(entries), ..self }
    }

    /// So many raw events were removed.
    pub fn of_removed(events: usize) -> Self {
        Self { removed: count(events), ..Self::default() }
    }

    /// So many entries of the review list wait no longer.
    pub fn of_decided(waited: usize) -> Self {
        Self { in_review: -count(waited), ..Self::default() }
    }
}

/// A batch on its way through its transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Tally {
    /// When it is applied.
    pub applied_at: Timestamp,
    /// Whether there are dead events, which hold their keys as well.
    pub some_are_dead: bool,
    /// Whether events were ever voided.
    pub some_are_voided: bool,
    /// Whether players were ever moved to another id.
    pub some_are_moved: bool,
    /// What is added to the store's counts.
    pub counts: Counts,
    /// The board entries that were changed.
    pub touched: Vec<Update>,
    /// The players of events that wait for review since.
    pub held: Vec<PlayerId>,
    /// Copies of stored events that were received before these.
    pub earlier: Vec<Event>,
    /// What the sender is told.
    pub outcome: Applied,
}

/// What became of a part of the events of a batch, once it is written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Written {
    /// Events that were new.
    pub new: usize,
    /// Events that waited among the dead before.
    pub revived: usize,
    /// When the last of the new ones was received.
    pub last_receipt: Option<Timestamp>,
    /// The board entries that follow.
    pub touched: Vec<Update>,
    /// What was judged of the new ones.
    pub in_review: InReview,
}

/// What was judged of new events, once that is written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InReview {
    /// The players of those that wait for review.
    pub held: Vec<PlayerId>,
    /// Events that wait because nothing began them, and have begun by now.
    pub followed: Vec<EventKey>,
}

impl InReview {
    /// These were held, and these have begun.
    pub fn of(held: &[Held<'_>], followed: Vec<EventKey>) -> Self {
        let waiting = held.iter().filter(|one| !one.is_refused);
        Self { held: waiting.map(|one| one.event.player.clone()).collect(), followed }
    }
}

impl Written {
    /// These events were new, and these entries follow.
    pub fn of(new: &[&Event], revived: usize, touched: Vec<Update>, in_review: InReview) -> Self {
        let last_receipt = new.iter().map(|event| event.received_at).max();
        Self { new: new.len(), revived, last_receipt, touched, in_review }
    }
}

impl Tally {
    /// Nothing so far. The batch is applied `now`, or at the last time of application if that lies behind.
    pub fn begin(begun: &Begun, now: Timestamp) -> Self {
        Self {
            applied_at: now.max(begun.last_stamp),
            some_are_dead: begun.some_are_dead,
            some_are_voided: begun.some_are_voided,
            some_are_moved: begun.some_are_moved,
            counts: Counts::default(),
            touched: Vec::new(),
            held: Vec::new(),
            earlier: Vec::new(),
            outcome: Applied::default(),
        }
    }

    /// What nodes are told.
    pub fn changes(&mut self) -> Vec<Change> {
        let mut changes = feed::entries(std::mem::take(&mut self.touched));
        changes.extend(feed::held(std::mem::take(&mut self.held)));
        changes
    }

    /// What the sender is told of what was `admitted`, once `told` is what nodes are told.
    pub fn applied(self, told: Option<Commit>, admitted: &Admitted<'_>) -> Applied {
        self.outcome.committed(told, &admitted.events, admitted.places.as_deref())
    }

    /// A part of the events was written.
    pub fn take(&mut self, written: Written) {
        let Written { new, revived, last_receipt, touched, in_review } = written;
        let InReview { held, followed } = in_review;
        self.outcome.followed.extend(followed);
        self.outcome.applied += new;
        self.touched.extend(touched);
        self.counts.in_review += count(held.len());
        self.held.extend(held);
        self.counts.applied += count(new);
        self.counts.last_receipt = self.counts.last_receipt.max(last_receipt);
        self.note_revived(revived);
    }

    /// The event at this place in the batch conflicts with the one that holds its key. Places come in
    /// their order.
    pub fn note_conflict(&mut self, place: usize) {
        self.outcome.conflicting.push(place);
    }

    /// An event came again that is stored: what it is beside that one was `recognised`.
    pub fn note_copy(&mut self, recognised: Recognised, copy: &Event) {
        self.note_duplicates(1);
        if recognised == Recognised::Earlier {
            self.earlier.push(copy.clone());
        }
    }

    /// Events came again.
    pub fn note_duplicates(&mut self, events: usize) {
        self.outcome.duplicates += events;
        self.counts.duplicates += count(events);
    }

    /// An event could not be applied. `is_new` tells whether it was not among the dead before.
    pub fn note_death(&mut self, key: EventKey, reason: String, is_new: bool) {
        self.some_are_dead = true;
        self.outcome.dead.push((key, reason));
        self.counts.dead += i64::from(is_new);
    }

    /// Events that waited among the dead left them.
    pub fn note_revived(&mut self, events: usize) {
        self.counts.dead -= count(events);
    }

    /// Rejected events were put in quarantine that were not there before.
    pub fn note_quarantined(&mut self, events: usize) {
        self.outcome.quarantined += events;
        self.counts.quarantined += count(events);
    }

    /// Entries that waited in quarantine left it.
    pub fn note_released(&mut self, entries: usize) {
        self.counts.quarantined -= count(entries);
    }
}

fn count(events: usize) -> i64 {
    i64::try_from(events).expect("events that fit into memory")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_refused_alone_is_found_and_all_others_are_tried_in_order() {
        let events: Vec<u32> = (0..9).collect();
        let mut halves = Halves::of(&events);
        let (mut applied, mut culprits): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
        while let Some(part) = halves.next() {
            if part.iter().any(|event| [3, 8].contains(event)) {
                culprits.extend(halves.refused(part));
            } else {
                applied.extend_from_slice(part);
            }
        }
        assert_eq!(applied, [0, 1, 2, 4, 5, 6, 7]);
        assert_eq!(culprits, [3, 8]);
        assert!(Halves::<u32>::of(&[]).next().is_none(), "there is nothing to try");
    }
}

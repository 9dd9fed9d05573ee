//! Acts on the events of one player: which of them count from now on, and which do not.
//!
//! An operator voids events, or decides about some that are held for review. Both come down to the same: entries of
//! the review list are decided, events turn, and the log says so. A store reads what is known of the player, asks
//! [`Turning::settle`], and carries out what it answers.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::audit::{Act, Audited};
use crate::event::Event;
use crate::fold::Turned;
use crate::id::PlayerId;
use crate::review::{Deciding, Listed, ReviewNo};
use crate::time::Timestamp;
use crate::void::{Meant, Voided, Voiding};

/// Events of a player that are to turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turning {
    /// Whose.
    pub player: PlayerId,
    /// Which, and how.
    pub wish: Wish,
}

/// What an operator wants of events of one player.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// That events do not count, or count again.
    Void(Voiding),
    /// That what is held counts, or stays without effect.
    Decide(Deciding),
}

/// What is known of a player whose events are to turn.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The ids of the player's events that do not count, whether or not they have arrived.
    pub voided: &'a [Uuid],
    /// The player's entries of the review list.
    pub listed: &'a [Listed],
    /// The last time of application given out.
    pub last_stamp: Timestamp,
}

/// What an act on a player's events writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Whose events they are.
    pub player: PlayerId,
    /// What the operator is told.
    pub outcome: Voided,
    /// Entries of the review list that are decided.
    pub entries: Vec<ReviewNo>,
    /// How many of them waited.
    pub waited: usize,
    /// Whether they are accepted.
    pub accepted: bool,
    /// The events that turn.
    pub turned: Turned,
    /// When: later than any other act, so that spans of time do not touch.
    pub at: Timestamp,
    /// For the log.
    pub audited: Audited,
}

/// Which entries are decided and which events turn, as one kind of act has it.
struct Turns<'l> {
    entries: Vec<&'l Listed>,
    ids: BTreeSet<Uuid>,
    outcome: Voided,
    was: Option<Value>,
    is: Value,
}

impl Turning {
    /// Whether events are to be voided that are not among these, the `stored` ones of the player.
    pub fn awaits<'e>(&self, stored: impl IntoIterator<Item = &'e Event>) -> bool {
        let Wish::Void(Voiding { meant: Meant::Ids(ids), void: true, dry_run: false }) = &self.wish
        else {
            return false;
        };
        let stored: BTreeSet<Uuid> = stored.into_iter().map(|event| event.id).collect();
        ids.iter().any(|id| !stored.contains(id))
    }

    /// What is to be written. `stored` are the player's events.
    pub fn settle<'e>(
        &self,
        stored: impl IntoIterator<Item = &'e Event>,
        seen: Seen<'_>,
        act: Act,
    ) -> Settlement {
        let (turns, void, accepted) = match &self.wish {
            Wish::Void(voiding) => (voiding.turns(stored, seen), voiding.void, !voiding.void),
            Wish::Decide(deciding) => (deciding.turns(seen), false, deciding.accept),
        };
        Settlement {
            player: self.player.clone(),
            outcome: turns.outcome,
            entries: turns.entries.iter().map(|one| one.no).collect(),
            waited: turns.entries.iter().filter(|one| one.waits()).count(),
            accepted,
            turned: Turned { ids: turns.ids, void },
            at: act.at.max(seen.last_stamp.plus_ms(1)),
            audited: act.changed(turns.was.as_ref(), Some(&turns.is)),
        }
    }
}

impl Voiding {
    /// What waits for review does not count either way: it is refused by being voided, and stays as it is where
    /// others are to count again. Of what was decided, the list says what counts since.
    fn turns<'e, 'l>(
        &self,
        stored: impl IntoIterator<Item = &'e Event>,
        seen: Seen<'l>,
    ) -> Turns<'l> {
        let meant: BTreeSet<Uuid> = match &self.meant {
            Meant::Ids(ids) => ids.iter().copied().collect(),
            Meant::Fitting { .. } => {
                let fitting = stored.into_iter().filter(|event| self.meant.fits(event));
                fitting.map(|event| event.id).collect()
            }
        };
        let voided: BTreeSet<&Uuid> = seen.voided.iter().collect();
        let waiting = |one: &&Listed| one.waits() && meant.contains(&one.event);
        let waits: BTreeSet<Uuid> =
            seen.listed.iter().filter(waiting).map(|one| one.event).collect();
        let turns = |id: &Uuid| voided.contains(id) != self.void && !waits.contains(id);
        let mut ids: BTreeSet<Uuid> = meant.iter().copied().filter(turns).collect();
        let is_decided =
            |one: &&Listed| ids.contains(&one.event) || self.void && waits.contains(&one.event);
        let mut entries: Vec<&Listed> = seen.listed.iter().filter(is_decided).collect();
        let refused = if self.void { waits.len() } else { 0 };
        let changed = (ids.len() + refused) as u64;
        if self.dry_run {
            ids.clear();
            entries.clear();
        }
        let (was, is) =
            (json!({ "voided": !self.void }), json!({ "voided": self.void, "events": changed }));
        let outcome = Voided { matched: meant.len() as u64, changed };
        Turns { entries, ids, outcome, was: Some(was), is }
    }
}

impl Deciding {
    /// What waits is accepted or refused; what was refused can still be accepted.
    fn turns<'l>(&self, seen: Seen<'l>) -> Turns<'l> {
        let meant: BTreeSet<ReviewNo> = self.entries.iter().copied().collect();
        let is_decided = |one: &&Listed| {
            meant.contains(&one.no) && (one.waits() || self.accept && !one.is_accepted())
        };
        let entries: Vec<&Listed> = seen.listed.iter().filter(is_decided).collect();
        let voided: BTreeSet<&Uuid> = seen.voided.iter().collect();
        let counting = entries.iter().filter(|one| self.accept && voided.contains(&one.event));
        let ids = counting.map(|one| one.event).collect();
        let changed = entries.len() as u64;
        let is = json!({ "accepted": self.accept, "events": changed });
        Turns {
            entries,
            ids,
            outcome: Voided { matched: meant.len() as u64, changed },
            was: None,
            is,
        }
    }
}

impl Settlement {
    /// Whether nothing is to be written.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.turned.ids.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Actor;
    use crate::review::Standing;

    fn at(ms: i64) -> Timestamp {
        Timestamp::EPOCH.plus_ms(ms)
    }

    /// An act at 50.
    fn act() -> Act {
        let by = Actor { name: "ops".to_owned(), key: None, address: None };
        Act { by, what: "void".to_owned(), target: "ann".to_owned(), note: None, at: at(50) }
    }

    fn settle(turning: &Turning, voided: &[Uuid], listed: &[Listed]) -> Settlement {
        turning.settle([], Seen { voided, listed, last_stamp: at(70) }, act())
    }

    fn of_ann(wish: Wish) -> Turning {
        Turning { player: PlayerId::from_stored("ann"), wish }
    }

    fn void(ids: Vec<Uuid>, void: bool, dry_run: bool) -> Turning {
        of_ann(Wish::Void(Voiding { meant: Meant::Ids(ids), void, dry_run }))
    }

    fn listed(no: i64, event: Uuid, waits: bool) -> Listed {
        let standing = if waits { Standing::Waiting } else { Standing::Refused };
        Listed { no: ReviewNo(no), event, standing }
    }

    #[test]
    fn what_is_to_be_voided_and_has_not_come_is_awaited() {
        let id = Uuid::from_u128(1);
        assert!(void(vec![id], true, false).awaits([]));
        assert!(!void(vec![id], false, false).awaits([]) && !void(vec![id], true, true).awaits([]));
        assert!(!void(vec![], true, false).awaits([]));
    }

    #[test]
    fn of_what_was_decided_the_list_says_what_counts_since() {
        let [a, b] = [1, 2].map(Uuid::from_u128);
        let accepted = Listed { standing: Standing::Accepted, ..listed(7, a, false) };
        let entries = [accepted, listed(8, b, false)];
        let voided = settle(&void(vec![a, b], true, false), &[b], &entries);
        assert_eq!((&*voided.entries, voided.accepted), (&[ReviewNo(7)][..], false));
        assert_eq!((voided.outcome.changed, voided.waited), (1, 0));
        let counting = settle(&void(vec![a, b], false, false), &[b], &entries);
        assert_eq!((&*counting.entries, counting.accepted), (&[ReviewNo(8)][..], true));
        let again = of_ann(Wish::Decide(Deciding { entries: vec![ReviewNo(7)], accept: true }));
        assert!(settle(&again, &[b], &entries).is_empty());
    }

    #[test]
    fn only_what_is_not_yet_so_turns() {
        let [a, b] = [1, 2].map(Uuid::from_u128);
        let of = |is_void, dry_run| {
            let settled = settle(&void(vec![b, a, a], is_void, dry_run), &[a], &[]);
            assert_eq!(settled.is_empty(), dry_run);
            (settled.outcome, Vec::from_iter(settled.turned.ids))
        };
        let outcome = Voided { matched: 2, changed: 1 };
        assert_eq!(of(true, false), (outcome, vec![b]));
        assert_eq!(of(false, false), (outcome, vec![a]));
        assert_eq!(of(true, true), (outcome, vec![]), "a dry run writes nothing");
    }

    #[test]
    fn what_waits_for_review_is_refused_by_being_voided_and_is_left_alone_where_others_count_again()
    {
        let [a, b] = [1, 2].map(Uuid::from_u128);
        let held = [listed(7, a, true)];
        let voided = settle(&void(vec![a, b], true, false), &[a], &held);
        assert_eq!((&*voided.entries, voided.accepted), (&[ReviewNo(7)][..], false));
        assert_eq!((voided.turned.ids, voided.waited), (BTreeSet::from([b]), 1));
        assert_eq!(voided.outcome, Voided { matched: 2, changed: 2 });
        let counting = settle(&void(vec![a, b], false, false), &[a, b], &held);
        assert_eq!((counting.turned.ids, counting.entries), (BTreeSet::from([b]), vec![]));
        assert_eq!(counting.outcome.changed, 1);
    }

    #[test]
    fn an_act_is_later_than_all_that_was_applied_and_the_log_says_what_it_changed() {
        let settled = settle(&void(vec![Uuid::from_u128(1)], true, false), &[], &[]);
        assert_eq!(settled.at, at(71));
        assert_eq!(settled.audited.before.as_deref(), Some(r#"{"voided":false}"#));
        assert_eq!(settled.audited.after.as_deref(), Some(r#"{"voided":true,"events":1}"#));
        let seen = Seen { voided: &[], listed: &[], last_stamp: at(10) };
        assert_eq!(void(vec![], true, false).settle([], seen, act()).at, at(50));
    }

    #[test]
    fn what_waits_is_decided_and_what_was_refused_can_still_be_accepted() {
        let ids = [1, 2, 3].map(Uuid::from_u128);
        let all = [listed(1, ids[0], true), listed(2, ids[1], false), listed(3, ids[2], true)];
        let decide = |entries: &[i64], accept| {
            let entries = entries.iter().map(|no| ReviewNo(*no)).collect();
            settle(&of_ann(Wish::Decide(Deciding { entries, accept })), &ids, &all)
        };
        let accepted = decide(&[1, 2, 9], true);
        assert_eq!(accepted.entries, [ReviewNo(1), ReviewNo(2)]);
        assert_eq!((accepted.waited, accepted.accepted), (1, true));
        assert_eq!(
            accepted.turned,
            Turned { ids: ids[..2].iter().copied().collect(), void: false }
        );
        assert_eq!(accepted.at, at(71), "after all that was applied");
        assert_eq!(accepted.outcome.changed, 2);
        let refused = decide(&[1, 2], false);
        assert_eq!((refused.entries, refused.waited), (vec![ReviewNo(1)], 1));
        assert!(refused.turned.ids.is_empty(), "it did not count before, and does not now");
        assert!(decide(&[9], true).is_empty());
    }
}

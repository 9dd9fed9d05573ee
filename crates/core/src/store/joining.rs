//! What becomes of all that is kept of two players who are one from now on. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use uuid::Uuid;

use super::earlier::Forwarded;
use super::orders::{Order, receive};
use super::{Counts, DeadEvent, Result, StoreError, StoredEvent};
use crate::ban::Ban;
use crate::event::recognise::{Burial, Recognised, burial, conflicting, recognise};
use crate::event::{Event, Rejected};
use crate::feed::{self, Change};
use crate::fold::{
    FiguresFrom, Join, JoinedRows, Kept, Plan, PlayerRows, Projection, ReadRows, Rewrite,
};
use crate::id::{PlayerId, Slot};
use crate::joining::{Joined, JoinedCounts, Joining, Known, Settled, prizes_apart};
use crate::naming::NewName;
use crate::rank::Update;
use crate::review::{Listed, Standing};
use crate::session::Revocations;
use crate::time::Timestamp;
use crate::tournament::Prize;
use crate::void::{Span, Voids};

/// What is kept of one of two players who are to be one.
#[derive(Debug, Clone, Default)]
pub struct JoiningPlayer {
    /// Their derived state.
    pub rows: PlayerRows,
    /// Their stored events.
    pub events: Vec<StoredEvent>,
    /// When events of theirs did not count.
    pub spans: Vec<(Uuid, Span)>,
    /// Events of theirs that could not be applied.
    pub dead: Vec<DeadEvent>,
    /// Their prizes.
    pub prizes: Vec<Prize>,
    /// Their name.
    pub nickname: Option<String>,
    /// Their ban.
    pub ban: Option<Ban>,
    /// Entries of theirs that wait in quarantine.
    pub rejected: u64,
    /// Their entries of the review list.
    pub reviews: Vec<Listed>,
}

/// Two players who are to be one, and what else decides.
#[derive(Debug)]
pub struct BothPlayers {
    /// Who is moved.
    pub moved: JoiningPlayer,
    /// Who they become.
    pub other: JoiningPlayer,
    /// Retired projections, whose baselines are kept.
    pub retired: Vec<Projection>,
    /// Where figures begin.
    pub figures_from: FiguresFrom,
}

/// What is to be written of two players who are one from now on.
#[derive(Debug)]
pub struct Union {
    /// What the operator is told.
    pub joined: Joined,
    /// Since when: later than any other act.
    pub at: Timestamp,
    /// Events that leave the store, as they were.
    pub left: Vec<StoredEvent>,
    /// Events that count as of an earlier receipt, as the other's.
    pub forwarded: Vec<Forwarded>,
    /// When events of the other did not count, beside what is known of that.
    pub spans: Vec<(Uuid, Span)>,
    /// Events that are set aside.
    pub rejected: Vec<Rejected>,
    /// Events that leave the dead.
    pub revived: Vec<Event>,
    /// What the other gains in analytics and figures.
    pub rewrite: Rewrite,
    /// Everything else, in this order, once the events are the other's.
    pub orders: Vec<Order<'static>>,
    /// The entries on boards as they are since.
    pub updates: Vec<Update>,
    /// The name that the other takes over.
    pub name: Option<NewName>,
    /// The ban that the other takes over.
    pub ban: Option<Ban>,
    /// What the counts gain, without what is new in quarantine.
    pub counts: Counts,
    /// Of whom something waits for review, or waits no longer.
    pub reviewed: Vec<PlayerId>,
}

impl PlayerRows {
    /// The rows of one of two players who are to be one, also those of `retired` projections.
    pub fn to_join(plan: &Plan, retired: &[Projection], read: ReadRows) -> Self {
        let of_retired = |slot: Slot| {
            let lies_there = |one: &&Projection| [one.slot, one.baseline()].contains(&slot);
            Some(retired.iter().find(lies_there)?.board()?.measure.operator)
        };
        let operator_of = |slot| plan.operator_of(slot).or_else(|| of_retired(slot));
        Self::of_slots_with(operator_of, read)
    }
}

impl Known {
    /// What is known of a player, of whom a store says whether it refuses them as erased.
    pub fn of(refused: Result<()>, moved_to: Option<PlayerId>) -> Result<Self> {
        match refused {
            Err(StoreError::Erased) => Ok(Self { moved_to, is_erased: true }),
            outcome => outcome.map(|()| Self { moved_to, is_erased: false }),
        }
    }
}

impl Joining {
    /// As [`Joining::settle`], unless a projection is being filled.
    pub fn due(self, plan: &Plan, player: Known, to: Known) -> Result<Settled> {
        let settled = self.settle(player, to)?;
        if matches!(settled, Settled::Due(_)) && plan.is_filling() {
            return Err(StoreError::Filling);
        }
        Ok(settled)
    }

    /// What is told when the moved player's name, sessions and ban are gone, each of the version that it had, if
    /// there was one.
    pub fn gone(
        &self,
        named: Option<i64>,
        banned: Option<i64>,
        revoked: Option<i64>,
    ) -> Vec<Change> {
        let mut changes = feed::forgotten(&self.player, named, banned);
        let player = self.player.clone();
        changes.extend(revoked.map(|count| Change::Sessions(Revocations { player, count })));
        changes
    }
}

/// The events of the player who is moved, sorted out.
#[derive(Default)]
struct Sorted {
    /// Those that are the other's, as the other's.
    moved: Vec<StoredEvent>,
    /// Those that the other has as well, and those that conflict, as they were.
    left: Vec<StoredEvent>,
    /// Copies of events that are the other's.
    copies: Vec<Event>,
    /// The ids of those that conflict.
    conflicting: BTreeSet<Uuid>,
    repeated: u64,
    rejected: Vec<Rejected>,
    /// Events that leave the dead, each with whether it waited there.
    revived: Vec<(Event, bool)>,
    /// How many of the dead are the other's.
    dead: u64,
    /// Copies of the other's dead events that were received before these.
    dead_before: Vec<Event>,
}

impl BothPlayers {
    /// Decides what becomes of everything.
    pub fn join(mut self, plan: &Plan, joining: &Joining, at: Timestamp) -> Result<Union> {
        let mut sorted = self.sort(&joining.to);
        let mut forwarded = plan.forwarded(&sorted.copies, &mut sorted.moved);
        forwarded.extend(plan.forwarded(&sorted.copies, &mut self.other.events));
        let spans = self.joined_spans(plan, &sorted, at);
        let rows = self.joined_rows(plan, &sorted, &forwarded, &spans)?;
        let apart = plan.places_apart(&self.moved.rows, &self.other.rows);
        let tournaments: BTreeSet<Arc<str>> = plan
            .tournaments
            .iter()
            .filter(|one| apart.contains(&one.slot))
            .map(|one| Arc::clone(&one.id))
            .collect();
        let prizes = prizes_apart(&self.moved.prizes, &self.other.prizes, &tournaments);
        let mut orders = joining.rows(&rows);
        orders.extend(joining.prizes(&self.moved.prizes, &prizes, at));
        orders.extend(joining.rest(&tournaments, at));
        orders.extend(sorted.dead_before.iter().map(Event::bring_dead_forward));
        let gone = self.entries_gone(&sorted);
        let is_voided = |one: &&Listed| {
            let mut new = spans.iter().filter(|(_, span)| span.until.is_none());
            one.is_accepted() && new.any(|(id, _)| *id == one.event)
        };
        let refused = self.other.reviews.iter().filter(is_voided).map(|one| one.no).collect();
        let gone_all = gone.iter().map(|one| one.no).collect();
        orders.extend(joining.reviews(gone_all, refused, at));
        orders.extend(receive(&joining.to, &forwarded));
        let gone_waiting = gone.iter().filter(|one| one.standing == Standing::Waiting).count();
        let waits = self.moved.reviews.iter().any(|one| one.standing == Standing::Waiting);
        let reviewed = [&joining.player, &joining.to].into_iter().filter(|_| waits).cloned();

        let updates = self.updates(joining, &rows);
        let waited = sorted.revived.iter().filter(|(_, waited)| *waited).count();
        let counts = Counts {
            removed: count(sorted.left.len()),
            dead: -count(waited),
            ..Counts::of_decided(gone_waiting)
        };
        let joined = JoinedCounts {
            events: sorted.moved.len() as u64,
            repeated: sorted.repeated,
            conflicting: sorted.rejected.len() as u64,
            dead: sorted.dead,
            rejected: self.moved.rejected,
            prizes: self.moved.prizes.len() as u64,
            places_apart: apart.len() as u64,
        };
        let ban = Ban::joined(self.other.ban, self.moved.ban);
        let name = self.moved.nickname.filter(|_| self.other.nickname.is_none());
        Ok(Union {
            joined: Joined { to: joining.to.clone(), changed: true, counts: joined },
            at,
            left: sorted.left,
            forwarded,
            spans,
            rejected: sorted.rejected,
            revived: sorted.revived.into_iter().map(|(event, _)| event).collect(),
            rewrite: rows.rewrite,
            orders,
            updates,
            name: name.map(|nickname| NewName::of(nickname, false)),
            ban: ban.filter(|_| ban != self.other.ban),
            counts,
            reviewed: reviewed.collect(),
        })
    }

    /// The rows of both as one player's.
    fn joined_rows(
        &self,
        plan: &Plan,
        sorted: &Sorted,
        forwarded: &[Forwarded],
        spans: &[(Uuid, Span)],
    ) -> Result<JoinedRows> {
        let is_voided = |all: &[(Uuid, Span)]| -> BTreeSet<Uuid> {
            let open = all.iter().filter(|(_, span)| span.until.is_none());
            open.map(|(id, _)| *id).collect()
        };
        let (of_moved, of_other) = (is_voided(&self.moved.spans), is_voided(&self.other.spans));
        let voids = self.voids(spans);
        let was_voided: BTreeMap<Uuid, bool> = self
            .other
            .events
            .iter()
            .map(|one| (one.event.id, of_other.contains(&one.event.id)))
            .chain(sorted.moved.iter().map(|one| (one.event.id, of_moved.contains(&one.event.id))))
            .collect();
        let all = sorted.moved.iter().chain(&self.other.events);
        let events: Vec<Kept<'_>> = all
            .map(|one| {
                let voids = voids.get(&one.event.id).unwrap_or(Voids::NONE);
                Kept { voids, ..one.kept() }
            })
            .collect();
        let turned = events
            .iter()
            .filter(|one| one.voids.are_in_force() && !was_voided[&one.event.id])
            .map(|one| one.event.id)
            .collect();
        let gone = sorted.left.iter().filter(|one| !of_moved.contains(&one.event.id));
        let join = Join {
            retired: &self.retired,
            moved: &self.moved.rows,
            rows: &self.other.rows,
            before: self.moved.events.iter().map(StoredEvent::kept).collect(),
            gone: gone.map(StoredEvent::kept).collect(),
            replaced: forwarded
                .iter()
                .map(|one| one.replaced(!was_voided[&one.before.event.id]))
                .collect(),
            turned,
            came: sorted.moved.len(),
            events,
            figures_from: self.figures_from,
        };
        plan.join(&join).map_err(StoreError::from)
    }

    /// The entries on boards as they are since.
    fn updates(&self, joining: &Joining, rows: &JoinedRows) -> Vec<Update> {
        let mut updates = self.moved.rows.emptied().updates(&joining.player);
        updates.extend(rows.rewrite.updates(&joining.to));
        let live = rows.apart.iter().filter(|(board, _)| board.slot.0 > 0).copied().collect();
        let stands_apart = Rewrite { boards: live, ..Rewrite::default() };
        updates.extend(stands_apart.updates(&joining.placeholder()));
        updates
    }

    /// Which events are the other's, and which are not, as they would be recognised if they came now.
    fn sort(&self, to: &PlayerId) -> Sorted {
        let stored: HashMap<Uuid, &Event> =
            self.other.events.iter().map(|one| (one.event.id, &one.event)).collect();
        let dead: HashMap<Uuid, &DeadEvent> =
            self.other.dead.iter().map(|one| (one.event.id, one)).collect();
        let mut sorted = Sorted::default();
        for one in &self.moved.events {
            let event = Event { player: to.clone(), ..one.event.clone() };
            let beside = stored.get(&event.id).map(|kept| (*kept).into());
            let buried = dead.get(&event.id);
            let beside_dead = recognise(&event, buried.map(|dead| (&dead.event).into()));
            match (recognise(&event, beside), beside_dead) {
                (Recognised::Duplicate | Recognised::Earlier, _) => {
                    sorted.repeated += 1;
                    sorted.left.push(one.clone());
                    sorted.copies.push(event);
                }
                (Recognised::Conflicting, _) | (_, Recognised::Conflicting) => {
                    sorted.conflicting.insert(event.id);
                    sorted.rejected.push(conflicting(&event));
                    sorted.left.push(one.clone());
                }
                (Recognised::New, is_dead) => {
                    if let Some(dead) = buried.filter(|_| is_dead.is_repetition()) {
                        sorted.revived.push((dead.event.clone(), dead.discarded.is_none()));
                        sorted.copies.push(dead.event.clone());
                    }
                    sorted.moved.push(StoredEvent { event, ..one.clone() });
                }
            }
        }
        self.sort_dead(to, &stored, &dead, &mut sorted);
        sorted
    }

    fn sort_dead(
        &self,
        to: &PlayerId,
        stored: &HashMap<Uuid, &Event>,
        dead: &HashMap<Uuid, &DeadEvent>,
        sorted: &mut Sorted,
    ) {
        for one in &self.moved.dead {
            let event = Event { player: to.clone(), ..one.event.clone() };
            let beside = recognise(&event, stored.get(&event.id).map(|kept| (*kept).into()));
            let beside_dead =
                recognise(&event, dead.get(&event.id).map(|dead| (&dead.event).into()));
            match burial(beside, beside_dead) {
                Burial::Dies if beside_dead == Recognised::New => {
                    sorted.dead += 1;
                    continue;
                }
                Burial::Dies => {
                    sorted.repeated += 1;
                    if beside_dead == Recognised::Earlier {
                        sorted.dead_before.push(event);
                    }
                }
                Burial::CameAgain => {
                    sorted.repeated += 1;
                    sorted.copies.push(event);
                }
                Burial::Conflicts => sorted.rejected.push(conflicting(&event)),
            }
            sorted.revived.push((one.event.clone(), one.discarded.is_none()));
        }
    }

    /// What is new of when events of the other did not count. An event that either of the two has that does not
    /// count, does not count from now on; and what was paid goes on by the places of then.
    fn joined_spans(&self, plan: &Plan, sorted: &Sorted, at: Timestamp) -> Vec<(Uuid, Span)> {
        let held: BTreeSet<Uuid> = self.other.events.iter().map(|one| one.event.id).collect();
        let is_open =
            |id: &Uuid| self.other.spans.iter().any(|(of, span)| of == id && span.until.is_none());
        let is_listed = |of: &JoiningPlayer, id: &Uuid, accepted| {
            of.reviews.iter().any(|one| one.event == *id && one.is_accepted() == accepted)
        };
        // What an operator has accepted of the other is not held again because the copy of it was.
        let is_accepted =
            |id: &Uuid| is_listed(&self.moved, id, false) && is_listed(&self.other, id, true);
        let mut spans: BTreeMap<(Uuid, Timestamp), Option<Timestamp>> = BTreeMap::new();
        for (id, span) in &self.moved.spans {
            // What was said of an event is not said of another one that happens to have its id.
            if sorted.conflicting.contains(id) {
                continue;
            }
            if !held.contains(id) {
                spans.insert((*id, span.from), span.until);
            } else if span.until.is_none() && !is_open(id) && !is_accepted(id) {
                spans.insert((*id, at), None);
            }
        }
        for one in sorted.moved.iter().filter(|one| plan.was_paid_for(&one.kept())) {
            spans.insert((one.event.id, Timestamp::EPOCH), Some(at));
        }
        spans.into_iter().map(|((id, from), until)| (id, Span { from, until })).collect()
    }

    /// Entries of the review list that leave it: those of events that conflict, and of two for one event the one
    /// that is not of the copy that is kept. All others are the other's.
    fn entries_gone(&self, sorted: &Sorted) -> Vec<Listed> {
        let moved: BTreeSet<Uuid> = sorted.moved.iter().map(|one| one.event.id).collect();
        let others: HashMap<Uuid, Listed> =
            self.other.reviews.iter().map(|one| (one.event, *one)).collect();
        let gone = |one: &Listed| {
            if sorted.conflicting.contains(&one.event) {
                return Some(*one);
            }
            let other = others.get(&one.event)?;
            Some(if moved.contains(&one.event) { *other } else { *one })
        };
        self.moved.reviews.iter().filter_map(gone).collect()
    }

    /// When events of the other did not count, with what is new.
    fn voids(&self, new: &[(Uuid, Span)]) -> HashMap<Uuid, Voids> {
        let mut spans: HashMap<Uuid, Vec<Span>> = HashMap::new();
        for (id, span) in self.other.spans.iter().chain(new) {
            spans.entry(*id).or_default().push(*span);
        }
        spans.into_iter().map(|(id, spans)| (id, Voids::of(spans))).collect()
    }
}

fn count(events: usize) -> i64 {
    i64::try_from(events).expect("events that fit into memory")
}

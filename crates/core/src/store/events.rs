//! Storing events and applying them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::Arc;

use async_trait::async_trait;

use super::{QuarantineNo, Result};
use crate::event::{Event, Rejected};
use crate::feed::{Change, Commit};
use crate::fold::Plan;
use crate::id::{EventKey, PlayerId};
use crate::limits::{LISTED_TEXT_CHARS, PAGE_BYTES_MAX};
use crate::rank::Update;
use crate::time::Timestamp;
use crate::void::Voids;

/// What one transaction makes durable.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// Events to store and apply. May hold the same key more than once.
    pub events: Vec<Event>,
    /// Events that could not be applied elsewhere, each with its reason: they are put among the
    /// dead, unless they are stored already.
    pub dead: Vec<(Event, String)>,
    /// Events to keep in quarantine.
    pub rejected: Vec<Rejected>,
    /// Quarantined events that were checked again and are still not allowed, each with what is wrong
    /// now: that is what their entries say from then on.
    pub rejected_again: Vec<(QuarantineNo, Rejected)>,
    /// Quarantined events that this batch replays: they leave quarantine in the same transaction.
    pub leaves_quarantine: Vec<QuarantineNo>,
}

impl Batch {
    /// Everybody of whom there is anything in it.
    pub fn players(&self) -> BTreeSet<PlayerId> {
        let events = self.events.iter().chain(self.dead.iter().map(|(event, _)| event));
        let rejected = self.rejected.iter().filter_map(|one| one.player.as_ref());
        events.map(|event| &event.player).chain(rejected).cloned().collect()
    }
}

/// A batch, as far as it is taken in: as of whom the players became who were moved, without those who were erased.
#[derive(Debug, Clone)]
pub struct Admitted<'b> {
    batch: Cow<'b, Batch>,
    /// The places that the events had which are left, where some are not.
    pub(super) places: Option<Vec<usize>>,
}

impl<'b> Admitted<'b> {
    /// All of it.
    pub fn all(batch: &'b Batch) -> Self {
        Self { batch: Cow::Borrowed(batch), places: None }
    }

    /// What is of players who were moved is of those who they became.
    pub fn follow(&mut self, became: &BTreeMap<PlayerId, PlayerId>) {
        if became.is_empty() {
            return;
        }
        let batch = self.batch.to_mut();
        let events = batch.events.iter_mut().chain(batch.dead.iter_mut().map(|(event, _)| event));
        let players = events.map(|event| &mut event.player);
        let rejected = batch.rejected.iter_mut().filter_map(|one| one.player.as_mut());
        for player in players.chain(rejected) {
            if let Some(other) = became.get(player) {
                *player = other.clone();
            }
        }
    }

    /// What is of players who were erased is not taken in. What leaves the quarantine leaves it all the same.
    pub fn leave_out(&mut self, erased: &BTreeSet<PlayerId>) {
        if erased.is_empty() {
            return;
        }
        let is_left = |event: &Event| !erased.contains(&event.player);
        let is_theirs =
            |one: &Rejected| one.player.as_ref().is_some_and(|player| erased.contains(player));
        let places = self.batch.events.iter().enumerate().filter(|(_, event)| is_left(event));
        self.places = Some(places.map(|(place, _)| place).collect());
        let batch = self.batch.to_mut();
        batch.events.retain(is_left);
        batch.dead.retain(|(event, _)| is_left(event));
        batch.rejected.retain(|one| !is_theirs(one));
    }
}

impl Deref for Admitted<'_> {
    type Target = Batch;

    fn deref(&self) -> &Batch {
        &self.batch
    }
}

/// What became of a batch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Applied {
    /// Events that were new and are applied.
    pub applied: usize,
    /// Events that were stored before, or stood in the batch before.
    pub duplicates: usize,
    /// Places in [`Batch::events`] of those whose key belongs to another event that says something
    /// else: they are in quarantine. Ascending.
    pub conflicting: Vec<usize>,
    /// Events that could not be applied and are now among the dead, each with its reason: by their keys since,
    /// which are those of somebody else where their player was moved.
    pub dead: Vec<(EventKey, String)>,
    /// Places in [`Batch::events`] of those of them that stood there, of several copies that of the first. Ascending.
    pub died: Vec<usize>,
    /// Rejected and conflicting events that are new in quarantine; the others were there already.
    pub quarantined: usize,
    /// Events that wait for review because nothing began them, and have begun by now: they are to be accepted.
    pub followed: Vec<EventKey>,
    /// What the change feed tells of it: every board entry that it changed. `None` if there is nothing
    /// to tell.
    pub told: Option<Commit>,
}

impl Applied {
    /// The answer to the sender of a batch after its commit. `told` is what the feed says of it. If the store left out some
    /// of the events that were sent, `places` holds the positions of the others in the request.
    #[must_use]
    pub(super) fn committed(
        self,
        told: Option<Commit>,
        events: &[Event],
        places: Option<&[usize]>,
    ) -> Self {
        let mut dead: BTreeSet<&EventKey> = self.dead.iter().map(|(key, _)| key).collect();
        let mut died = Vec::new();
        if !dead.is_empty() {
            let all = events.iter().enumerate();
            died.extend(all.filter(|(_, event)| dead.remove(&event.key())).map(|(place, _)| place));
        }
        let sent = |all: &[usize]| match places {
            Some(places) => all.iter().filter_map(|place| places.get(*place).copied()).collect(),
            None => all.to_vec(),
        };
        Self { died: sent(&died), conflicting: sent(&self.conflicting), told, ..self }
    }

    /// Every board entry that the batch changed, as it is after the commit.
    pub fn updates(&self) -> impl Iterator<Item = &Update> {
        let changes = self.told.iter().flat_map(|commit| &*commit.changes);
        changes.filter_map(|change| match change {
            Change::Entry(update) => Some(update),
            _ => None,
        })
    }
}

/// How far a scan over stored events has come, in the order in which they were applied.
///
/// What the bytes mean is the store's own affair, and they mean nothing to another store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanPosition(Box<[u8]>);

impl ScanPosition {
    /// Wraps what a store will recognise. For stores only.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// What the store wrapped.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A stored event with what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEvent {
    /// The event.
    pub event: Event,
    /// When it was applied.
    pub applied_at: Timestamp,
    /// Where a scan is that has come to it.
    pub position: ScanPosition,
    /// When it did not count, because an operator said so.
    pub voids: Voids,
}

/// Which events to list. Absent conditions hold for all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EventFilter {
    /// Of this type.
    pub event_type: Option<String>,
    /// Of this player.
    pub player: Option<PlayerId>,
    /// Not before this event time.
    pub from: Option<Timestamp>,
    /// Before this event time.
    pub until: Option<Timestamp>,
}

impl EventFilter {
    /// All of one player.
    pub fn of_player(player: &PlayerId) -> Self {
        Self { player: Some(player.clone()), ..Self::default() }
    }
}

/// How much of their own texts is read of events that are listed to be shown. Texts may be large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// Nothing, but for the type where that is a pattern.
    Nothing,
    /// [`LISTED_TEXT_CHARS`] of each.
    Beginning,
}

impl Text {
    /// How many characters.
    pub fn chars(self) -> i64 {
        match self {
            Self::Nothing => 0,
            Self::Beginning => LISTED_TEXT_CHARS,
        }
    }
}

/// One page of a listing.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T, C> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page starts; `None` if this is the last.
    pub next: Option<C>,
}

/// Rows of a page, as far as their bytes allow.
#[derive(Debug, Clone, PartialEq)]
pub struct Portion<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether there may be more that fit: what was asked for, or [`PAGE_BYTES_MAX`], was reached.
    pub is_cut: bool,
    bytes: usize,
}

impl<T> Default for Portion<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), is_cut: false, bytes: 0 }
    }
}

impl<T> Portion<T> {
    /// Adds a row, of which `bytes` says how many bytes it has. Answers whether there is room for another one; if not, the caller stops
    /// reading.
    pub fn take(&mut self, row: T, bytes: impl Fn(&T) -> usize) -> bool {
        self.bytes += bytes(&row);
        self.rows.push(row);
        self.is_cut = self.bytes >= PAGE_BYTES_MAX;
        !self.is_cut
    }

    /// The portion with its rows as something else.
    pub fn map<U>(self, of: impl FnMut(T) -> U) -> Portion<U> {
        let Self { rows, is_cut, bytes } = self;
        Portion { rows: rows.into_iter().map(of).collect(), is_cut, bytes }
    }

    /// The portion, of which at most `rows` were asked for.
    #[must_use]
    pub fn of_at_most(mut self, rows: usize) -> Self {
        self.is_cut |= self.rows.len() >= rows;
        self
    }
}

/// All events that a scan answers, gathered portion by portion.
#[derive(Debug, Default)]
pub struct Gathering {
    after: Option<ScanPosition>,
    all: Vec<StoredEvent>,
    is_done: bool,
}

impl Gathering {
    /// Those after a position.
    pub fn after(after: Option<&ScanPosition>) -> Self {
        Self { after: after.cloned(), ..Self::default() }
    }

    /// After which position the next portion begins, unless there is none.
    pub fn next(&self) -> Option<Option<&ScanPosition>> {
        let after = self.all.last().map(|last| &last.position).or(self.after.as_ref());
        (!self.is_done).then_some(after)
    }

    /// Adds a portion.
    pub fn take(&mut self, portion: Portion<StoredEvent>) {
        self.all.extend(portion.rows);
        self.is_done = !portion.is_cut;
    }

    /// All of them.
    pub fn all(self) -> Vec<StoredEvent> {
        self.all
    }
}

impl<T, C> From<(Portion<T>, fn(&T) -> C)> for Page<T, C> {
    fn from((portion, cursor): (Portion<T>, fn(&T) -> C)) -> Self {
        let next = portion.rows.last().filter(|_| portion.is_cut).map(cursor);
        Self { rows: portion.rows, next }
    }
}

impl<T, C> Page<T, C> {
    /// The page of these rows, of which `limit` were asked for. The next one starts after the last.
    pub fn of(rows: Vec<T>, limit: usize, cursor: impl FnOnce(&T) -> C) -> Self {
        let is_full = rows.len() == limit;
        let next = rows.last().filter(|_| is_full).map(cursor);
        Self { rows, next }
    }
}

/// Events in, effects out.
#[async_trait]
pub trait EventStore: Send + Sync + 'static {
    /// Stores a batch and everything that follows from it, in one transaction: new events are
    /// inserted and folded by `plan`, known ones change nothing but let the event count as of the first of
    /// its receipts ([`Plan::bring_forward`]), rejected ones go to quarantine, and so do those that conflict
    /// with a known one; [`crate::event::recognise`] says which they are.
    ///
    /// An event that cannot be applied becomes dead with its reason; the others are applied. An
    /// event that was dead and can now be applied leaves the dead. `now` is the time of
    /// application; the store never lets it run backwards.
    ///
    /// Fails with [`super::StoreError::StalePlan`] if `plan` is outdated; nothing is written then.
    async fn apply(&self, plan: Arc<Plan>, batch: Batch, now: Timestamp) -> Result<Applied>;

    /// The events last applied that fit, newest first, at most `limit` and [`PAGE_BYTES_MAX`]. Without a player, a store
    /// looks through the last [`RECENT_LOOKED_THROUGH`](crate::limits::RECENT_LOOKED_THROUGH) at most:
    /// what is rarer, [`EventStore::scan`] finds. Of their payloads there is as much as is wanted.
    async fn recent(
        &self,
        filter: EventFilter,
        limit: usize,
        text: Text,
    ) -> Result<Vec<StoredEvent>>;

    /// Stored events in the order in which they were applied, after `after`, at most `limit` and
    /// [`PAGE_BYTES_MAX`]. Reading on with the last position of each page visits every event once; only an
    /// empty page is the end.
    async fn scan(
        &self,
        filter: EventFilter,
        after: Option<ScanPosition>,
        limit: usize,
    ) -> Result<Vec<StoredEvent>>;
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::event::ContentHash;

    fn event(player: &str, id: u128) -> Event {
        let (at, player) = (Timestamp::EPOCH, PlayerId::from_stored(player));
        let key = EventKey { player, id: Uuid::from_u128(id) };
        Event::from_stored(key, at, Arc::from("ended"), at, at, ContentHash(0), Box::from("{}"))
    }

    #[test]
    fn what_is_left_of_a_batch_keeps_the_places_that_it_had_and_follows_who_was_moved() {
        let events = ["ann", "bob", "cy"].iter().zip(1..).map(|(who, id)| event(who, id)).collect();
        let dead = vec![(event("bob", 4), "why".to_owned())];
        let batch = Batch { events, dead, ..Batch::default() };
        let mut admitted = Admitted::all(&batch);
        admitted.follow(&BTreeMap::new());
        admitted.leave_out(&BTreeSet::new());
        assert!(matches!(admitted.batch, Cow::Borrowed(_)) && admitted.places.is_none());
        let [ann, bob] = ["ann", "bob"].map(PlayerId::from_stored);
        admitted.follow(&BTreeMap::from([(ann, bob.clone())]));
        assert_eq!(admitted.events[0].player, bob);
        admitted.leave_out(&BTreeSet::from([bob]));
        assert_eq!((admitted.events.len(), admitted.dead.len()), (1, 0));
        assert_eq!(admitted.places, Some(vec![2]));
    }

    #[test]
    fn events_are_gathered_from_behind_a_position_until_a_portion_is_not_cut() {
        let stored = |id: u8| StoredEvent {
            event: event("ann", id.into()),
            applied_at: Timestamp::EPOCH,
            position: ScanPosition::from_bytes(&[id]),
            voids: Voids::default(),
        };
        let portion = |rows, is_cut| Portion { rows, is_cut, bytes: 0 };
        let start = ScanPosition::from_bytes(&[1]);
        let mut found = Gathering::after(Some(&start));
        assert_eq!(found.next(), Some(Some(&start)));
        found.take(portion(vec![stored(2), stored(3)], true));
        assert_eq!(found.next(), Some(Some(&ScanPosition::from_bytes(&[3]))));
        found.take(portion(vec![stored(4)], false));
        assert_eq!(found.next(), None);
        assert_eq!(found.all().len(), 3);
        assert_eq!(Gathering::default().next(), Some(None), "from the beginning");
    }

    #[test]
    fn a_portion_ends_with_the_row_that_fills_it_and_says_that_more_may_come() {
        let row = |text: &str| text.to_owned();
        let mut small = Portion::default();
        assert!(small.take(row("a"), |_| 10) && small.take(row("b"), |_| 10));
        assert!(!small.clone().of_at_most(3).is_cut);
        assert!(small.of_at_most(2).is_cut, "as many as were asked for");
        let mut large = Portion::default();
        assert!(large.take(row("a"), |_| PAGE_BYTES_MAX - 1));
        assert!(!large.take(row("b"), |_| 1));
        let large = large.of_at_most(1_000);
        assert!(large.is_cut);
        let cursor: fn(&String) -> usize = String::len;
        let page = Page::from((large, cursor));
        assert_eq!(page, Page { rows: vec![row("a"), row("b")], next: Some(1) });
    }
}

//! Storing events and applying them.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;

use super::{QuarantineNo, Result};
use crate::event::{Event, Rejected};
use crate::feed::{Change, Commit};
use crate::fold::Plan;
use crate::id::{EventKey, PlayerId};
use crate::limits::PAGE_BYTES_MAX;
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
    /// The batch without what is of these players, and the places that the events that are left had. What
    /// leaves the quarantine leaves it all the same.
    pub fn without(&self, erased: &BTreeSet<PlayerId>) -> (Self, Vec<usize>) {
        let is_left = |event: &Event| !erased.contains(&event.player);
        let left = self.events.iter().enumerate().filter(|(_, event)| is_left(event));
        let (places, events) = left.map(|(place, event)| (place, event.clone())).unzip();
        let is_theirs =
            |one: &Rejected| one.player.as_ref().is_some_and(|player| erased.contains(player));
        let batch = Self {
            events,
            dead: self.dead.iter().filter(|(event, _)| is_left(event)).cloned().collect(),
            rejected: self.rejected.iter().filter(|one| !is_theirs(one)).cloned().collect(),
            rejected_again: self.rejected_again.clone(),
            leaves_quarantine: self.leaves_quarantine.clone(),
        };
        (batch, places)
    }

    /// Everybody of whom there is anything in it.
    pub fn players(&self) -> BTreeSet<PlayerId> {
        let events = self.events.iter().chain(self.dead.iter().map(|(event, _)| event));
        let rejected = self.rejected.iter().filter_map(|one| one.player.as_ref());
        events.map(|event| &event.player).chain(rejected).cloned().collect()
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
    /// Events that could not be applied and are now among the dead, each with its reason.
    pub dead: Vec<(EventKey, String)>,
    /// Rejected and conflicting events that are new in quarantine; the others were there already.
    pub quarantined: usize,
    /// What the change feed tells of it: every board entry that it changed. `None` if there is nothing
    /// to tell.
    pub told: Option<Commit>,
}

impl Applied {
    /// The same where the events had these places in what was sent.
    #[must_use]
    pub fn at_places(self, places: &[usize]) -> Self {
        let conflicting = self.conflicting.iter().filter_map(|place| places.get(*place).copied());
        Self { conflicting: conflicting.collect(), ..self }
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
    /// Takes a row that holds so many bytes. Answers whether another one may come; whoever hears that none
    /// may reads no further.
    pub fn take(&mut self, row: T, bytes: usize) -> bool {
        self.rows.push(row);
        self.bytes += bytes;
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
    /// inserted and folded by `plan`, known ones change nothing, rejected ones go to quarantine, and
    /// so do those that conflict with a known one; [`crate::event::recognise`] says which they are.
    ///
    /// An event that cannot be applied becomes dead with its reason; the others are applied. An
    /// event that was dead and can now be applied leaves the dead. `now` is the time of
    /// application; the store never lets it run backwards.
    ///
    /// Fails with [`super::StoreError::StalePlan`] if `plan` is outdated; nothing is written then.
    async fn apply(&self, plan: Arc<Plan>, batch: Batch, now: Timestamp) -> Result<Applied>;

    /// The events last applied that fit, newest first, at most `limit` and [`PAGE_BYTES_MAX`]. Without a player, a store
    /// looks through the last [`RECENT_LOOKED_THROUGH`](crate::limits::RECENT_LOOKED_THROUGH) at most:
    /// what is rarer, [`EventStore::scan`] finds.
    async fn recent(&self, filter: EventFilter, limit: usize) -> Result<Vec<StoredEvent>>;

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
    use super::*;

    #[test]
    fn a_portion_ends_with_the_row_that_fills_it_and_says_that_more_may_come() {
        let row = |text: &str| text.to_owned();
        let mut small = Portion::default();
        assert!(small.take(row("a"), 10) && small.take(row("b"), 10));
        assert!(!small.clone().of_at_most(3).is_cut);
        assert!(small.of_at_most(2).is_cut, "as many as were asked for");
        let mut large = Portion::default();
        assert!(large.take(row("a"), PAGE_BYTES_MAX - 1));
        assert!(!large.take(row("b"), 1));
        let large = large.of_at_most(1_000);
        assert!(large.is_cut);
        let cursor: fn(&String) -> usize = String::len;
        let page = Page::from((large, cursor));
        assert_eq!(page, Page { rows: vec![row("a"), row("b")], next: Some(1) });
    }
}

//! A copy of an event that was received before the one that is kept: the event counts as of the earlier receipt
//! from then on.
//!
//! What is sent again may overtake the original that still waits. An event counts as of the first receipt of
//! all its copies, in whatever order they come, and the least of some times commutes. Only what a sealed
//! tournament says stays as it is. Pure.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{KeptOfPlayer, Result, StoredEvent};
use crate::event::Event;
use crate::fold::{Plan, Replaced, Rewrite, Turned};
use crate::id::PlayerId;

/// What is to be written where events of a player count as of earlier receipts.
#[derive(Debug, Clone, PartialEq)]
pub struct Forward {
    /// The events that do.
    pub moved: Vec<Forwarded>,
    /// The player's state since.
    pub rewrite: Rewrite,
}

/// A stored event that counts as of an earlier receipt.
#[derive(Debug, Clone, PartialEq)]
pub struct Forwarded {
    /// As it was.
    pub before: StoredEvent,
    /// As it is from now on.
    pub after: StoredEvent,
}

/// Copies by the players whose they are, in the order of players.
pub fn by_player(copies: &[Event]) -> BTreeMap<&PlayerId, Vec<&Event>> {
    let mut all: BTreeMap<&PlayerId, Vec<&Event>> = BTreeMap::new();
    for copy in copies {
        all.entry(&copy.player).or_default().push(copy);
    }
    all
}

impl Plan {
    /// What follows from `copies` of events of one player that were received before those of them that are
    /// kept; `None` if nothing does.
    pub fn bring_forward(
        &self,
        copies: &[&Event],
        mut kept: KeptOfPlayer,
    ) -> Result<Option<Forward>> {
        let moved = self.forwarded(copies.iter().copied(), &mut kept.stored);
        if moved.is_empty() {
            return Ok(None);
        }
        // What does not count is in no figure.
        let replaced = moved.iter().map(|one| one.replaced(!one.before.voids.are_in_force()));
        let rewrite = self.refold_kept(&kept, Turned::default(), replaced.collect())?;
        Ok(Some(Forward { moved, rewrite }))
    }

    /// Lets stored events count as of the first receipts of these copies that they may count as of. Answers
    /// those that do.
    pub(super) fn forwarded<'e>(
        &self,
        copies: impl IntoIterator<Item = &'e Event>,
        stored: &mut [StoredEvent],
    ) -> Vec<Forwarded> {
        let mut by_id: BTreeMap<Uuid, Vec<&Event>> = BTreeMap::new();
        for copy in copies {
            by_id.entry(copy.id).or_default().push(copy);
        }
        let mut moved = Vec::new();
        for one in stored {
            let copies = by_id.get(&one.event.id).into_iter().flatten();
            let earlier = copies.filter(|copy| copy.received_at < one.event.received_at);
            let allowed = earlier
                .filter(|copy| self.may_receive(&one.event, one.applied_at, copy.received_at));
            if let Some(first) = allowed.min_by_key(|copy| copy.received_at) {
                let after = StoredEvent { event: one.event.as_of(first), ..one.clone() };
                moved.push(Forwarded { before: std::mem::replace(one, after.clone()), after });
            }
        }
        moved
    }
}

impl Forwarded {
    pub(super) fn replaced(&self, counted: bool) -> Replaced<'_> {
        Replaced { before: self.before.kept(), after: self.after.kept(), counted }
    }
}

//! What a store asks of a plan while it works by it. Pure.

use std::collections::HashMap;

use super::{Result, ScanPosition, StoreError, StoredEvent};
use crate::event::Event;
use crate::fold::{
    BoardChange, Changes, FiguresFrom, Filling, Kept, Layer, Plan, PlayerRows, Projection, Refold,
    Replaced, Rewrite, Turned,
};
use crate::game::Definition;
use crate::id::{BoardKey, EventKey, ProjectionNo, Slot};
use crate::time::Timestamp;
use crate::void::Voids;

/// Fails with a conflict unless `definition` is the one whose text the store keeps.
pub fn check_in_force(kept: Option<&str>, definition: &Definition) -> Result<()> {
    if kept == Some(&*definition.source) {
        return Ok(());
    }
    Err(StoreError::AnotherDefinition)
}

/// One of the projections that a store keeps.
pub fn find_projection(kept: Vec<Projection>, no: ProjectionNo) -> Result<Projection> {
    let found = kept.into_iter().find(|projection| projection.no == no);
    found.ok_or_else(|| StoreError::NotFound(format!("projection {}", no.0)))
}

impl Plan {
    /// Fails with [`StoreError::StalePlan`] if the store has another version by now.
    pub fn check_present(&self, version: i64) -> Result<()> {
        if self.version == version { Ok(()) } else { Err(StoreError::StalePlan) }
    }

    /// Whether some projection is being filled from history.
    pub fn is_filling(&self) -> bool {
        self.projections.iter().any(|projection| projection.filling.is_some())
    }

    /// The filling of a projection. Fails with a conflict if it is not being
    /// filled, or if this plan no longer says what it holds.
    fn filling_of(&self, no: ProjectionNo) -> Result<Filling> {
        let found = self.projections.iter().find(|projection| projection.no == no);
        found
            .filter(|projection| self.can_recompute(projection))
            .and_then(|projection| projection.filling)
            .ok_or(StoreError::NotFilling(no))
    }

    /// Folds stored events for a projection that is being filled.
    pub fn fold_filling(&self, no: ProjectionNo, events: &[StoredEvent]) -> Result<Changes> {
        self.fold_stored(events, Layer::Fill(self.filling_of(no)?.slot))
    }

    /// Folds events that are applied now.
    /// Those that are `voided` do not count, though they come only now.
    pub fn fold_new(
        &self,
        events: &[&Event],
        voided: &HashMap<EventKey, Voids>,
        applied_at: Timestamp,
    ) -> Result<Changes> {
        let voids = |event: &Event| {
            if voided.is_empty() { None } else { voided.get(&event.key()) }
        };
        let counting =
            events.iter().map(|event| (*event, applied_at, voids(event).unwrap_or(Voids::NONE)));
        Ok(self.fold_counting(counting, Layer::Live)?)
    }

    /// Folds a player's state anew once events are `turned` at a time.
    pub fn turn(&self, mut kept: KeptOfPlayer, turned: Turned, at: Timestamp) -> Result<Rewrite> {
        for one in kept.stored.iter_mut().filter(|one| turned.ids.contains(&one.event.id)) {
            if turned.void { one.voids.begin(at) } else { one.voids.end(at) }
        }
        self.refold_kept(&kept, turned, Vec::new())
    }

    /// Folds a player's state anew, of whose events some are `turned`, and some are `replaced`.
    pub(super) fn refold_kept(
        &self,
        kept: &KeptOfPlayer,
        turned: Turned,
        replaced: Vec<Replaced<'_>>,
    ) -> Result<Rewrite> {
        let KeptOfPlayer { rows, stored, passed, figures_from } = kept;
        let events = stored.iter().map(StoredEvent::kept).collect();
        let passed =
            passed.iter().filter_map(|(slot, passed)| Some((*slot, passed.as_ref()?.as_bytes())));
        let (passed, gone, figures_from) = (passed.collect(), Vec::new(), *figures_from);
        Ok(self.refold(&Refold { rows, events, passed, turned, gone, replaced, figures_from })?)
    }

    /// What events of a player, each with when it was applied, would add to the player's entry on a board if they
    /// counted.
    pub fn held_on(&self, board: BoardKey, events: &[(Event, Timestamp)]) -> Option<BoardChange> {
        let counting = events.iter().map(|(event, applied_at)| (event, *applied_at));
        let changes = self.fold(counting, Layer::Recompute).ok()?;
        changes.boards.into_iter().find(|(key, ..)| *key == board).map(|(.., change)| change)
    }

    /// Folds stored events again.
    pub fn fold_stored(&self, events: &[StoredEvent], layer: Layer) -> Result<Changes> {
        let counting = events.iter().map(|one| (&one.event, one.applied_at, &one.voids));
        Ok(self.fold_counting(counting, layer)?)
    }
}

/// All that a player's state is folded anew from, as a store reads it.
#[derive(Debug, Clone)]
pub struct KeptOfPlayer {
    /// The player's rows.
    pub rows: PlayerRows,
    /// The player's stored events, with when they did not count.
    pub stored: Vec<StoredEvent>,
    /// How far the scan of each projection has come that is being filled.
    pub passed: Vec<(Slot, Option<ScanPosition>)>,
    /// Where figures begin.
    pub figures_from: FiguresFrom,
}

impl StoredEvent {
    /// What a fold of the player's state takes of it.
    pub(super) fn kept(&self) -> Kept<'_> {
        let Self { event, applied_at, position, voids } = self;
        Kept { event, applied_at: *applied_at, voids, position: position.as_bytes() }
    }
}

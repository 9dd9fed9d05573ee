//! What a store asks of a plan while it works by it. Pure.

use std::collections::{BTreeMap, HashMap};

use super::{Result, ScanPosition, StoreError, StoredEvent};
use crate::event::Event;
use crate::fold::{
    Changes, FiguresFrom, Filling, Kept, Layer, Plan, PlayerRows, Projection, Refold, Rewrite,
    Turned,
};
use crate::game::Definition;
use crate::id::{EventKey, ProjectionNo, Slot};
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
    pub fn filling_of(&self, no: ProjectionNo) -> Result<Filling> {
        let found = self.projections.iter().find(|projection| projection.no == no);
        found
            .filter(|projection| self.can_recompute(projection))
            .and_then(|projection| projection.filling)
            .ok_or(StoreError::NotFilling(no))
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

    /// Folds a player's state anew from all stored events of theirs, of which some are `turned`. `passed` says how far the scan of
    /// each projection has come that is being filled.
    pub fn refold_stored(
        &self,
        rows: &PlayerRows,
        stored: &[StoredEvent],
        passed: Vec<(Slot, Option<ScanPosition>)>,
        turned: Turned,
        figures_from: FiguresFrom,
    ) -> Result<Rewrite> {
        let events = stored.iter().map(StoredEvent::kept).collect();
        let passed: BTreeMap<Slot, ScanPosition> =
            passed.into_iter().filter_map(|(slot, position)| Some((slot, position?))).collect();
        let passed = passed.iter().map(|(slot, position)| (*slot, position.as_bytes())).collect();
        Ok(self.refold(&Refold { rows, events, passed, turned, figures_from })?)
    }

    /// Folds stored events again.
    pub fn fold_stored(&self, events: &[StoredEvent], layer: Layer) -> Result<Changes> {
        let counting = events.iter().map(|one| (&one.event, one.applied_at, &one.voids));
        Ok(self.fold_counting(counting, layer)?)
    }
}

impl StoredEvent {
    /// What a fold of the player's state takes of it.
    fn kept(&self) -> Kept<'_> {
        let Self { event, applied_at, position, voids } = self;
        Kept { event, applied_at: *applied_at, voids, position: position.as_bytes() }
    }
}

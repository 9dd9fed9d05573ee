//! What a store asks of a plan while it works by it. Pure.

use super::{Result, StoreError, StoredEvent};
use crate::event::Event;
use crate::fold::{Changes, Filling, Layer, Plan, Projection};
use crate::game::Definition;
use crate::id::ProjectionNo;
use crate::time::Timestamp;

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
    pub fn fold_new(&self, events: &[&Event], applied_at: Timestamp) -> Result<Changes> {
        Ok(self.fold(events.iter().map(|event| (*event, applied_at)), Layer::Live)?)
    }

    /// Folds stored events again.
    pub fn fold_stored(&self, events: &[StoredEvent], layer: Layer) -> Result<Changes> {
        Ok(self.fold(events.iter().map(|one| (&one.event, one.applied_at)), layer)?)
    }
}

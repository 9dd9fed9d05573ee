//! Where tests may let the store die.
//!
//! Between every two durable steps stands a [`CrashPoint`]. In production nothing happens there; a
//! test gives the store a hook that fails at one of them, which takes the transaction back exactly
//! as the death of the process would, and keeps what was committed from being answered.

use std::fmt;
use std::sync::Arc;

use super::{Result, StoreError};

/// A moment at which a process may die.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CrashPoint {
    /// In `apply`, before anything was written.
    ApplyBegun,
    /// In `apply`, after the raw events were inserted.
    EventsInserted,
    /// In `apply`, after what follows from them was written, before the commit.
    ChangesWritten,
    /// In `apply`, after the commit, before the caller knows of it.
    ApplyCommitted,
    /// In `fill_step`, before its commit.
    FillWritten,
    /// In `fill_step`, after its commit.
    FillCommitted,
    /// In `remove_events`, after the baseline was written, before the events are removed.
    BaselineWritten,
    /// In `remove_events`, before its commit.
    EventsRemoved,
    /// In `remove_events`, after its commit.
    RemovalCommitted,
    /// In `move_tournament`, as when it seals, before its commit.
    SealWritten,
    /// In `move_tournament`, as when it seals, after its commit.
    SealCommitted,
    /// In `close_tournament`, after one of the prizes was written.
    PrizeWritten,
    /// In `close_tournament`, before its commit.
    CloseWritten,
    /// In `close_tournament`, after its commit.
    CloseCommitted,
    /// In `claim_prize`, before its commit.
    ClaimWritten,
    /// In `claim_prize`, after its commit.
    ClaimCommitted,
    /// In what turns events of a player (`void`, `decide`), `move_player` and the last step of `erase_step`, before its
    /// commit.
    ActWritten,
    /// In the same, after its commit.
    ActCommitted,
}

impl CrashPoint {
    /// All of them, for a test that goes through every one.
    pub const ALL: [Self; 18] = [
        Self::ApplyBegun,
        Self::EventsInserted,
        Self::ChangesWritten,
        Self::ApplyCommitted,
        Self::FillWritten,
        Self::FillCommitted,
        Self::BaselineWritten,
        Self::EventsRemoved,
        Self::RemovalCommitted,
        Self::SealWritten,
        Self::SealCommitted,
        Self::PrizeWritten,
        Self::CloseWritten,
        Self::CloseCommitted,
        Self::ClaimWritten,
        Self::ClaimCommitted,
        Self::ActWritten,
        Self::ActCommitted,
    ];
}

/// Decides whether the store dies at a point.
#[derive(Clone, Default)]
pub struct CrashHook(Option<Arc<dyn Fn(CrashPoint) -> bool + Send + Sync>>);

impl CrashHook {
    /// A hook that dies where `dies` says so.
    pub fn new(dies: impl Fn(CrashPoint) -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(dies)))
    }

    /// Fails with [`StoreError::Unreachable`] if the test wants the store dead here. For stores only.
    pub fn pass(&self, point: CrashPoint) -> Result<()> {
        match &self.0 {
            Some(dies) if dies(point) => {
                Err(StoreError::Unreachable(format!("a test let the store die at {point:?}")))
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for CrashHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "CrashHook(set)" } else { "CrashHook(none)" })
    }
}

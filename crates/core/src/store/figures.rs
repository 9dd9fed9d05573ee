//! Operating figures, kept as they change so that reading them never scans history.

use std::sync::Arc;

use async_trait::async_trait;

use super::Result;
use super::asking::{self, AskStore, Question};
use super::values::values;
use crate::fold::Figure;
use crate::id::Slot;
use crate::review::Waiting;
use crate::time::Timestamp;

/// The figures of one time slot and event type.
#[derive(Debug, Clone, PartialEq)]
pub struct FigureRow {
    /// The start of the time slot.
    pub start: Timestamp,
    /// The event type; empty for all types together.
    pub event_type: Arc<str>,
    /// What happened.
    pub figure: Figure,
}

/// Counts since the database was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Events stored and applied, removed ones included.
    pub applied: u64,
    /// Events that came again.
    pub duplicates: u64,
    /// Events that are dead and not given up.
    pub dead: u64,
    /// Entries that wait in quarantine.
    pub quarantined: u64,
    /// What waits for review.
    pub in_review: Waiting,
    /// Requests of players to be erased, which somebody has to decide about.
    pub erasures_asked: Waiting,
}

/// Figures.
#[async_trait]
pub trait FigureStore: AskStore {
    /// The figures of a grain from the time slot that holds `from` on, by start and type.
    async fn figures(&self, slot: Slot, grain_ms: i64, from: Timestamp) -> Result<Vec<FigureRow>>;

    /// Counts since the database was made. Constant time.
    async fn totals(&self) -> Result<Totals> {
        asking::only(self, Question::Totals, values![]).await
    }
}

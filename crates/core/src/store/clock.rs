//! What a store keeps of the clock, so that a restart and other nodes know of a jump.

use async_trait::async_trait;

use super::Result;
use super::asking::{self, AskStore, Question};
use super::orders::{Order, Statement};
use super::values::values;
use crate::timekeeping::ClockNote;

/// The note about the clock: one for the whole database.
#[async_trait]
pub trait ClockStore: AskStore {
    /// The note; `None` before the first.
    async fn clock_note(&self) -> Result<Option<ClockNote>> {
        asking::first(self, Question::ClockNote, values![]).await
    }

    /// Keeps a note, unless one of a later epoch is there. Within an epoch the latest time stays.
    async fn note_clock(&self, note: ClockNote) -> Result<()> {
        let values = values![note.epoch, note.last_at, note.offset_ms];
        self.order(vec![Order::new(Statement::NoteClock, values)]).await
    }
}

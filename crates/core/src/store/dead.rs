//! Events that could not be applied, kept until they can be or an operator gives them up.

use async_trait::async_trait;

use super::asking::{self, AskStore, Question};
use super::values::{self, values};
use super::{EventFilter, Page, Result, SetAsideGroup};
use crate::event::Event;
use crate::limits::ROOM_STEP_EVENTS;
use crate::time::Timestamp;

/// The number of a dead event, ascending in the order in which they first died.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeadNo(pub i64);

/// An event that could not be applied.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadEvent {
    /// Its number. It keeps it when it dies again.
    pub no: DeadNo,
    /// The event.
    pub event: Event,
    /// Why it could not be applied.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was last tried.
    pub died_at: Timestamp,
    /// When an operator gave it up, with the note they left.
    pub discarded: Option<(Timestamp, String)>,
}

/// Which dead events to list or redrive. Absent conditions hold for all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeadFilter {
    /// Type, player and event time.
    pub event: EventFilter,
    /// With this text in the reason.
    pub reason: Option<String>,
    /// Those given up instead of those that wait.
    pub discarded: bool,
    /// The event of this number alone.
    pub only: Option<DeadNo>,
}

/// Dead events. They come in and leave through [`super::EventStore::apply`].
#[async_trait]
pub trait DeadStore: AskStore {
    /// Dead events that fit, in the order of their numbers, after `after`, at most `rows`.
    async fn dead(
        &self,
        filter: DeadFilter,
        after: Option<DeadNo>,
        rows: usize,
    ) -> Result<Page<DeadEvent, DeadNo>> {
        let values = filter.page(after, rows);
        asking::page(self, Question::Dead, values, rows, |dead: &DeadEvent| dead.no).await
    }

    /// How many dead events fit.
    async fn count_dead(&self, filter: DeadFilter) -> Result<u64> {
        asking::only(self, Question::DeadCount, filter.counting()).await
    }

    /// Of the newest [`crate::limits::SET_ASIDE_GROUPED_MAX`] those that wait, in groups, the greatest
    /// groups first, at most `rows`.
    async fn dead_groups(&self, limit: usize) -> Result<Vec<SetAsideGroup>> {
        asking::list(self, Question::DeadGroups, values::dead_groups(limit)).await
    }

    /// The number of the newest dead event; `None` if there is none.
    async fn newest_dead(&self) -> Result<Option<DeadNo>> {
        let newest: Option<i64> = asking::only(self, Question::NewestDead, values![]).await?;
        Ok(newest.map(DeadNo))
    }

    /// Gives up dead events that fit, the oldest first, in one short step; they stay visible with the note. At most
    /// `rows`, and only so many bytes. Answers how many.
    async fn give_up_dead(
        &self,
        filter: DeadFilter,
        note: String,
        now: Timestamp,
        rows: usize,
    ) -> Result<u64>;

    /// Gives up dead events that fit, the oldest first, at most `limit`. Answers how many.
    async fn discard_dead(
        &self,
        filter: DeadFilter,
        note: String,
        now: Timestamp,
        limit: usize,
    ) -> Result<u64> {
        let mut all = 0;
        loop {
            let left = limit.saturating_sub(usize::try_from(all).unwrap_or(usize::MAX));
            if left == 0 {
                return Ok(all);
            }
            let rows = left.min(ROOM_STEP_EVENTS);
            match self.give_up_dead(filter.clone(), note.clone(), now, rows).await? {
                0 => return Ok(all),
                given_up => all += given_up,
            }
        }
    }
}

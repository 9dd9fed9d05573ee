//! Events that could not be applied, kept until they can be or an operator gives them up.

use async_trait::async_trait;

use super::asking::{self, Question};
use super::set_aside::give_up_in_steps;
use super::values::{self, SetAsideFilter, owned, values};
use super::{EventFilter, Page, Result, SetAside, SetAsideGroup, SetAsideStore, Text};
use crate::event::Event;
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
pub trait DeadStore: SetAsideStore {
    /// Dead events that fit, in the order of their numbers, after `after`, at most `rows`.
    async fn dead(
        &self,
        filter: DeadFilter,
        after: Option<DeadNo>,
        rows: usize,
    ) -> Result<Page<DeadEvent, DeadNo>> {
        let values = filter.page(after.map(|after| after.0), rows, None);
        asking::page(self, Question::Dead, values, rows, |dead: &DeadEvent| dead.no).await
    }

    /// The same to be shown: of the payloads of events as much as is wanted.
    async fn list_dead(
        &self,
        filter: DeadFilter,
        after: Option<DeadNo>,
        rows: usize,
        text: Text,
    ) -> Result<Page<DeadEvent, DeadNo>> {
        let values = filter.page(after.map(|after| after.0), rows, Some(text));
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

    /// Gives up dead events that fit, the oldest first, at most `limit`; they stay visible with the note. Answers how
    /// many.
    async fn discard_dead(
        &self,
        filter: DeadFilter,
        note: String,
        now: Timestamp,
        limit: usize,
    ) -> Result<u64> {
        let values = |rows| owned(filter.giving_up(&note, now, rows));
        give_up_in_steps(self, SetAside::Dead, limit, values).await
    }
}

//! Events that the definition does not allow, kept until it does or an operator gives them up.

use async_trait::async_trait;

use super::asking::{self, Question};
use super::set_aside::give_up_in_steps;
use super::values::{self, SetAsideFilter, owned, values};
use super::{Page, Result, SetAside, SetAsideGroup, SetAsideStore, Text};
use crate::event::Rejected;
use crate::id::PlayerId;
use crate::time::Timestamp;

/// The number of an entry in quarantine, ascending by receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct QuarantineNo(pub i64);

/// An event in quarantine.
#[derive(Debug, Clone, PartialEq)]
pub struct QuarantineEntry {
    /// Its number.
    pub no: QuarantineNo,
    /// The event and why it was rejected. Its `index` is that of the first time it came.
    pub rejected: Rejected,
    /// How often it came.
    pub times_seen: u64,
    /// When an operator gave it up, with the note they left.
    pub discarded: Option<(Timestamp, String)>,
}

/// Which entries to list or replay. Absent conditions hold for all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QuarantineFilter {
    /// Of this event type; with an empty text, those without one.
    pub event_type: Option<String>,
    /// With this code, such as `out_of_range`.
    pub code: Option<String>,
    /// Of this player.
    pub player: Option<PlayerId>,
    /// Not received before this time.
    pub from: Option<Timestamp>,
    /// Received before this time.
    pub until: Option<Timestamp>,
    /// Those given up instead of those that wait.
    pub discarded: bool,
    /// The entry of this number alone.
    pub only: Option<QuarantineNo>,
}

/// Quarantine. Entries come in and leave through [`super::EventStore::apply`].
#[async_trait]
pub trait QuarantineStore: SetAsideStore {
    /// Entries that fit, in the order of their numbers, after `after`, at most `rows`.
    async fn quarantine(
        &self,
        filter: QuarantineFilter,
        after: Option<QuarantineNo>,
        rows: usize,
    ) -> Result<Page<QuarantineEntry, QuarantineNo>> {
        let values = filter.page(after.map(|after| after.0), rows, None);
        asking::page(self, Question::Quarantine, values, rows, |entry: &QuarantineEntry| entry.no)
            .await
    }

    /// The same to be shown: of the texts of events as much as is wanted.
    async fn list_quarantined(
        &self,
        filter: QuarantineFilter,
        after: Option<QuarantineNo>,
        rows: usize,
        text: Text,
    ) -> Result<Page<QuarantineEntry, QuarantineNo>> {
        let values = filter.page(after.map(|after| after.0), rows, Some(text));
        asking::page(self, Question::Quarantine, values, rows, |entry: &QuarantineEntry| entry.no)
            .await
    }

    /// How many entries fit.
    async fn count_quarantined(&self, filter: QuarantineFilter) -> Result<u64> {
        asking::only(self, Question::QuarantineCount, filter.counting()).await
    }

    /// The newest [`crate::limits::SET_ASIDE_GROUPED_MAX`] entries in groups, those given up or those
    /// that wait, the greatest groups first, at most `rows`.
    async fn quarantine_groups(&self, discarded: bool, limit: usize) -> Result<Vec<SetAsideGroup>> {
        let values = values::quarantine_groups(discarded, limit);
        asking::list(self, Question::QuarantineGroups, values).await
    }

    /// The number of the newest entry; `None` if there is none.
    async fn newest_quarantined(&self) -> Result<Option<QuarantineNo>> {
        let newest: Option<i64> =
            asking::only(self, Question::NewestQuarantined, values![]).await?;
        Ok(newest.map(QuarantineNo))
    }

    /// Gives up entries that fit, the oldest first, at most `limit`; they stay visible with the note. Answers how
    /// many.
    async fn discard_quarantined(
        &self,
        filter: QuarantineFilter,
        note: String,
        now: Timestamp,
        limit: usize,
    ) -> Result<u64> {
        let values = |rows| owned(filter.giving_up(&note, now, rows));
        give_up_in_steps(self, SetAside::Quarantine, limit, values).await
    }
}

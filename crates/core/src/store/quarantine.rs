//! Events that the definition does not allow, kept until it does or an operator gives them up.

use async_trait::async_trait;

use super::asking::{self, AskStore, Question};
use super::values::{self, values};
use super::{Page, Result, SetAsideGroup};
use crate::event::Rejected;
use crate::id::PlayerId;
use crate::limits::ROOM_STEP_EVENTS;
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
pub trait QuarantineStore: AskStore {
    /// Entries that fit, in the order of their numbers, after `after`, at most `rows`.
    async fn quarantine(
        &self,
        filter: QuarantineFilter,
        after: Option<QuarantineNo>,
        rows: usize,
    ) -> Result<Page<QuarantineEntry, QuarantineNo>> {
        let values = filter.page(after, rows);
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

    /// Gives up entries that fit, the oldest first, in one short step; they stay visible with the note. At most
    /// `rows`, and only so many bytes. Answers how many.
    async fn give_up_quarantined(
        &self,
        filter: QuarantineFilter,
        note: String,
        now: Timestamp,
        rows: usize,
    ) -> Result<u64>;

    /// Gives up entries that fit, the oldest first, at most `limit`. Answers how many.
    async fn discard_quarantined(
        &self,
        filter: QuarantineFilter,
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
            match self.give_up_quarantined(filter.clone(), note.clone(), now, rows).await? {
                0 => return Ok(all),
                given_up => all += given_up,
            }
        }
    }
}

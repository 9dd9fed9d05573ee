//! The log of what operators did.

use async_trait::async_trait;

use super::asking::{self, AskStore, Question};
use super::{Page, Result};
use crate::audit::{AuditEntry, AuditFilter, AuditNo, Audited};

/// The log of acts. An act that changes the store is written into it by the transaction that carries it
/// out; what changes something else is noted afterwards.
#[async_trait]
pub trait AuditStore: AskStore {
    /// Notes an act that has no transaction of its own.
    async fn note_act(&self, audited: Audited) -> Result<()>;

    /// The entries that fit, newest first, before `before`, at most `rows`.
    async fn audit(
        &self,
        filter: AuditFilter,
        before: Option<AuditNo>,
        rows: usize,
    ) -> Result<Page<AuditEntry, AuditNo>> {
        let found = asking::list(self, Question::Audit, filter.page(before, rows)).await?;
        Ok(Page::of(found, rows, |entry: &AuditEntry| entry.no))
    }
}

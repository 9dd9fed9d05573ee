//! The log of what operators did.

use async_trait::async_trait;

use super::{Page, Result};
use crate::audit::{AuditEntry, AuditFilter, AuditNo, Audited};

/// The log of acts. An act that changes the store is written into it by the transaction that carries it
/// out; what changes something else is noted afterwards.
#[async_trait]
pub trait AuditStore: Send + Sync + 'static {
    /// Notes an act that has no transaction of its own.
    async fn note_act(&self, audited: Audited) -> Result<()>;

    /// The entries that fit, newest first, before `before`, at most `limit`.
    async fn audit(
        &self,
        filter: AuditFilter,
        before: Option<AuditNo>,
        limit: usize,
    ) -> Result<Page<AuditEntry, AuditNo>>;
}

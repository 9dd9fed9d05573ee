//! The log of what operators did.

use async_trait::async_trait;
use rusqlite::Connection;
use scoreline_core::audit::{AuditEntry, AuditFilter, AuditNo, Audited};
use scoreline_core::store::{AuditStore, Page, Result};

use crate::statement::{bind, execute, list, sql};
use crate::store::SqliteStore;

#[async_trait]
impl AuditStore for SqliteStore {
    async fn note_act(&self, audited: Audited) -> Result<()> {
        self.change(move |tx| note(tx, &audited)).await
    }

    async fn audit(
        &self,
        filter: AuditFilter,
        before: Option<AuditNo>,
        rows: usize,
    ) -> Result<Page<AuditEntry, AuditNo>> {
        self.read(move |connection| {
            let found = list(connection, sql!("audit/page"), bind(filter.page(before, rows)))?;
            Ok(Page::of(found, rows, |entry: &AuditEntry| entry.no))
        })
        .await
    }
}

/// Notes an act, in the transaction that carries it out.
pub(crate) fn note(tx: &Connection, audited: &Audited) -> Result<()> {
    execute(tx, sql!("audit/note"), bind(audited.noting())).map(drop)
}

//! The log of what operators did.

use async_trait::async_trait;
use scoreline_core::audit::{AuditEntry, AuditFilter, AuditNo, Audited};
use scoreline_core::store::{AuditStore, Page, Result};

use crate::rows;
use crate::session::{Session, sql};
use crate::store::PostgresStore;
use crate::value::bind;

#[async_trait]
impl AuditStore for PostgresStore {
    async fn note_act(&self, audited: Audited) -> Result<()> {
        // One statement is a transaction of its own.
        self.write(move |database| async move { note(&database.session().await?, &audited).await })
            .await
    }

    async fn audit(
        &self,
        filter: AuditFilter,
        before: Option<AuditNo>,
        rows: usize,
    ) -> Result<Page<AuditEntry, AuditNo>> {
        self.read(move |session| async move {
            let page = bind(filter.page(before, rows));
            let found = session.list(sql!("audit/page"), &page.all(), rows::read).await?;
            Ok(Page::of(found, rows, |entry: &AuditEntry| entry.no))
        })
        .await
    }
}

/// Notes an act, in the transaction that carries it out.
pub(crate) async fn note(tx: &Session, audited: &Audited) -> Result<()> {
    tx.execute(sql!("audit/note"), &bind(audited.noting()).all()).await.map(drop)
}

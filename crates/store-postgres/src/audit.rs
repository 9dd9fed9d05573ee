//! The log of what operators did.

use async_trait::async_trait;
use scoreline_core::audit::{Act, AuditEntry, AuditFilter, AuditNo, Audited};
use scoreline_core::store::{AuditStore, Page, Result};

use crate::bounds::{from, until};
use crate::rows::{self, limit, storable};
use crate::session::{Session, sql};
use crate::store::PostgresStore;
use crate::value::values;

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
            let values = values![
                before.map_or(i64::MAX, |before| before.0),
                from(filter.from),
                until(filter.until),
                filter.who,
                filter.what,
                filter.target,
                limit(rows),
            ];
            let found = session.list(sql!("audit/page"), values, rows::read).await?;
            Ok(Page::of(found, rows, |entry: &AuditEntry| entry.no))
        })
        .await
    }
}

/// Notes an act, in the transaction that carries it out.
pub(crate) async fn note(tx: &Session, audited: &Audited) -> Result<()> {
    let Audited { act: Act { by, what, target, note, at }, before, after } = audited;
    let values = values![
        at.as_ms(),
        &*storable(&by.name),
        by.key,
        by.address.map(|address| address.to_string()),
        &*storable(what),
        &*storable(target),
        note.as_deref().map(|note| storable(note).into_owned()),
        before.as_deref(),
        after.as_deref(),
    ];
    tx.execute(sql!("audit/note"), values).await.map(drop)
}

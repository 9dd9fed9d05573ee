//! The log of what operators did.

use async_trait::async_trait;
use rusqlite::{Connection, params};
use scoreline_core::audit::{Act, AuditEntry, AuditFilter, AuditNo, Audited};
use scoreline_core::store::{AuditStore, Page, Result};
use uuid::Uuid;

use crate::bounds::{from, until};
use crate::error::translate;
use crate::rows;
use crate::statement::{begin, execute, limit, list, sql};
use crate::store::SqliteStore;

#[async_trait]
impl AuditStore for SqliteStore {
    async fn note_act(&self, audited: Audited) -> Result<()> {
        self.write(move |connection| {
            let tx = begin(connection)?;
            note(&tx, &audited)?;
            tx.commit().map_err(translate)
        })
        .await
    }

    async fn audit(
        &self,
        filter: AuditFilter,
        before: Option<AuditNo>,
        rows: usize,
    ) -> Result<Page<AuditEntry, AuditNo>> {
        self.read(move |connection| {
            let values = params![
                before.map_or(i64::MAX, |before| before.0),
                from(filter.from),
                until(filter.until),
                filter.who,
                filter.what,
                filter.target,
                limit(rows),
            ];
            let found = list(connection, sql!("audit/page"), values, rows::read)?;
            Ok(Page::of(found, rows, |entry: &AuditEntry| entry.no))
        })
        .await
    }
}

/// Notes an act, in the transaction that carries it out.
pub(crate) fn note(tx: &Connection, audited: &Audited) -> Result<()> {
    let Audited { act: Act { by, what, target, note, at }, before, after } = audited;
    let values = params![
        at.as_ms(),
        by.name,
        by.key.as_ref().map(Uuid::as_bytes),
        by.address.map(|address| address.to_string()),
        what,
        target,
        note,
        before,
        after,
    ];
    execute(tx, sql!("audit/note"), values).map(drop)
}

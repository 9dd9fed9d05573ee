//! The log of what operators did.

use async_trait::async_trait;
use rusqlite::Connection;
use scoreline_core::audit::Audited;
use scoreline_core::store::{AuditStore, Deed, Result};

use crate::statement::{bind, carry_out, execute, sql};
use crate::store::SqliteStore;
use crate::telling::Telling;

#[async_trait]
impl AuditStore for SqliteStore {
    async fn note_act(&self, audited: Audited) -> Result<()> {
        self.change_to_make_room(move |tx| note(tx, &audited)).await
    }
}

/// Carries out what an act writes at its end.
pub(crate) fn conclude(tx: &Telling<'_>, deed: Deed) -> Result<()> {
    carry_out(tx, deed.orders)?;
    note(tx, &deed.audited)?;
    tx.tell(deed.changes);
    Ok(())
}

/// Notes an act, in the transaction that carries it out.
pub(crate) fn note(tx: &Connection, audited: &Audited) -> Result<()> {
    execute(tx, sql!("audit/note"), bind(audited.noting())).map(drop)
}

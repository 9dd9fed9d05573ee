//! The log of what operators did.

use async_trait::async_trait;
use rusqlite::Connection;
use scoreline_core::audit::Audited;
use scoreline_core::store::{AuditStore, Result};

use crate::statement::{bind, execute, sql};
use crate::store::SqliteStore;

#[async_trait]
impl AuditStore for SqliteStore {
    async fn note_act(&self, audited: Audited) -> Result<()> {
        self.change_to_make_room(move |tx| note(tx, &audited)).await
    }
}

/// Notes an act, in the transaction that carries it out.
pub(crate) fn note(tx: &Connection, audited: &Audited) -> Result<()> {
    execute(tx, sql!("audit/note"), bind(audited.noting())).map(drop)
}

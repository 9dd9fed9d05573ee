//! The log of what operators did.

use async_trait::async_trait;
use scoreline_core::audit::Audited;
use scoreline_core::store::{AuditStore, Deed, Result};

use crate::session::{Session, sql};
use crate::store::PostgresStore;
use crate::telling::Telling;
use crate::value::bind;

#[async_trait]
impl AuditStore for PostgresStore {
    async fn note_act(&self, audited: Audited) -> Result<()> {
        // One statement is a transaction of its own.
        self.write(move |database| async move { note(&database.session().await?, &audited).await })
            .await
    }
}

/// Carries out what an act writes at its end.
pub(crate) async fn conclude(tx: &Telling, deed: Deed) -> Result<()> {
    tx.carry_out(deed.orders).await?;
    note(tx, &deed.audited).await?;
    tx.tell(deed.changes);
    Ok(())
}

/// Notes an act, in the transaction that carries it out.
pub(crate) async fn note(tx: &Session, audited: &Audited) -> Result<()> {
    tx.execute(sql!("audit/note"), &bind(audited.noting()).all()).await.map(drop)
}

//! Which database this is: what a queue carries, so that it serves no other.
//!
//! A backup that is restored and a copy that is cloned have the identity of the original. A copy that is
//! to live beside it gets one of its own, by [`PostgresStore::renew_identity`].

use scoreline_core::id::DatabaseId;
use scoreline_core::nodes::NODE_SILENT_MS;
use scoreline_core::store::{Result, StoreError};

use crate::rows::get;
use crate::session::sql;
use crate::store::PostgresStore;
use crate::value::values;

impl PostgresStore {
    /// The identity of the database.
    pub async fn identity(&self) -> Result<DatabaseId> {
        let asked = self.read(|session| async move {
            session.only(sql!("state/identity"), values![], |row| get(row, 0)).await
        });
        asked.await.map(DatabaseId)
    }

    /// Gives the database a new identity. Conflict while a node runs, which knows the former one.
    pub async fn renew_identity(&self) -> Result<DatabaseId> {
        let renewed = self.write(|database| async move {
            let session = database.session().await?;
            let values = values![NODE_SILENT_MS];
            session.list(sql!("state/renew_identity"), values, |row| get(row, 0)).await
        });
        let renewed = renewed.await?.pop().map(DatabaseId);
        renewed.ok_or(StoreError::NodesRun)
    }
}

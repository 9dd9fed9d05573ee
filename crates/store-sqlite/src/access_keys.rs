//! Named keys of operators and game servers.

use async_trait::async_trait;
use rusqlite::params;
use scoreline_core::audit::Act;
use scoreline_core::key::Key;
use scoreline_core::store::{KeyStore, Result, StoreError};
use uuid::Uuid;

use crate::audit;
use crate::statement::{bind, execute, first, only, sql};
use crate::store::SqliteStore;

#[async_trait]
impl KeyStore for SqliteStore {
    async fn create_key(&self, key: Key, act: Act) -> Result<()> {
        self.change(move |tx| {
            let kept = execute(tx, sql!("access_key/create"), bind(key.creation()))?;
            audit::note(tx, &key.created(kept > 0, act)?)
        })
        .await
    }

    async fn revoke_key(&self, id: Uuid, act: Act) -> Result<Key> {
        self.change(move |tx| {
            let before: Option<Key> = first(tx, sql!("access_key/one"), [id.as_bytes()])?;
            let before = before.ok_or_else(|| StoreError::NotFound(format!("key {id}")))?;
            let values = params![id.as_bytes(), act.at.as_ms()];
            if execute(tx, sql!("access_key/revoke"), values)? == 0 {
                return Ok(before);
            }
            let after: Key = only(tx, sql!("access_key/one"), [id.as_bytes()])?;
            audit::note(tx, &act.changed(Some(&before.shown()), Some(&after.shown())))?;
            Ok(after)
        })
        .await
    }
}

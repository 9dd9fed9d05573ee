//! Named keys of operators and game servers.

use async_trait::async_trait;
use rusqlite::params;
use scoreline_core::audit::Act;
use scoreline_core::key::Key;
use scoreline_core::limits::KEYS_MAX;
use scoreline_core::store::{KeyStore, Result, StoreError};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

use crate::error::translate;
use crate::statement::{begin, execute, first, limit, list, only, sql};
use crate::store::SqliteStore;
use crate::{audit, rows};

#[async_trait]
impl KeyStore for SqliteStore {
    async fn keys(&self) -> Result<Vec<Key>> {
        self.read(|connection| list(connection, sql!("access_key/list"), (), rows::read)).await
    }

    async fn create_key(&self, key: Key, act: Act) -> Result<()> {
        self.write(move |connection| {
            let tx = begin(connection)?;
            let values = params![
                key.id.as_bytes(),
                key.name,
                key.hash,
                key.scopes.to_string(),
                key.created_at.as_ms(),
                key.expires_at.map(Timestamp::as_ms),
                limit(KEYS_MAX),
            ];
            if execute(&tx, sql!("access_key/create"), values)? == 0 {
                return Err(StoreError::Conflict(key.refused()));
            }
            audit::note(&tx, &act.changed(None, Some(&key.shown())))?;
            tx.commit().map_err(translate)
        })
        .await
    }

    async fn revoke_key(&self, id: Uuid, act: Act) -> Result<Key> {
        self.write(move |connection| {
            let tx = begin(connection)?;
            let before: Option<Key> =
                first(&tx, sql!("access_key/one"), [id.as_bytes()], rows::read)?;
            let before = before.ok_or_else(|| StoreError::NotFound(format!("key {id}")))?;
            let values = params![id.as_bytes(), act.at.as_ms()];
            if execute(&tx, sql!("access_key/revoke"), values)? == 0 {
                return Ok(before);
            }
            let after: Key = only(&tx, sql!("access_key/one"), [id.as_bytes()], rows::read)?;
            audit::note(&tx, &act.changed(Some(&before.shown()), Some(&after.shown())))?;
            tx.commit().map_err(translate)?;
            Ok(after)
        })
        .await
    }

    async fn note_key_use(&self, id: Uuid, at: Timestamp) -> Result<()> {
        self.write(move |connection| {
            execute(connection, sql!("access_key/use"), params![id.as_bytes(), at.as_ms()])
                .map(drop)
        })
        .await
    }
}

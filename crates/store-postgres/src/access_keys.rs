//! Named keys of operators and game servers. Those of events are in `keys`.

use async_trait::async_trait;
use scoreline_core::audit::Act;
use scoreline_core::key::Key;
use scoreline_core::store::{KeyStore, Result, StoreError};
use uuid::Uuid;

use crate::session::{View, sql};
use crate::store::PostgresStore;
use crate::value::{bind, values};
use crate::{audit, rows};

#[async_trait]
impl KeyStore for PostgresStore {
    async fn create_key(&self, key: Key, act: Act) -> Result<()> {
        self.write(move |database| async move {
            let tx = database.begin(View::Moving).await?;
            let created = bind(key.creation());
            let kept = tx.execute(sql!("access_key/create"), &created.all()).await?;
            audit::note(&tx, &key.created(kept > 0, act)?).await?;
            tx.commit().await
        })
        .await
    }

    async fn revoke_key(&self, id: Uuid, act: Act) -> Result<Key> {
        self.write(move |database| async move {
            let tx = database.begin(View::Moving).await?;
            let one = sql!("access_key/one");
            let before: Option<Key> = tx.first(one, values![id], rows::read).await?;
            let before = before.ok_or_else(|| StoreError::NotFound(format!("key {id}")))?;
            if tx.execute(sql!("access_key/revoke"), values![id, act.at.as_ms()]).await? == 0 {
                return Ok(before);
            }
            let after: Key = tx.only(one, values![id], rows::read).await?;
            audit::note(&tx, &act.changed(Some(&before.shown()), Some(&after.shown()))).await?;
            tx.commit().await?;
            Ok(after)
        })
        .await
    }
}

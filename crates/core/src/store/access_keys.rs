//! Named keys of operators and game servers.

use async_trait::async_trait;
use uuid::Uuid;

use super::Result;
use super::asking::{self, AskStore, Question};
use super::orders::{Order, Statement};
use super::values::values;
use crate::audit::Act;
use crate::key::Key;
use crate::time::Timestamp;

/// Keys. What was revoked stays listed, so that the log of acts can be read.
#[async_trait]
pub trait KeyStore: AskStore {
    /// All keys, the last made first.
    async fn keys(&self) -> Result<Vec<Key>> {
        asking::list(self, Question::Keys, values![]).await
    }

    /// Keeps a new key. Conflict if another that is not revoked has its name, or if there are
    /// [`crate::limits::KEYS_MAX`] already.
    async fn create_key(&self, key: Key, act: Act) -> Result<()>;

    /// Takes a key back for ever; one that was revoked stays as it is, and nothing is noted. Answers the
    /// key since.
    async fn revoke_key(&self, id: Uuid, act: Act) -> Result<Key>;

    /// Notes that a key was used.
    async fn note_key_use(&self, id: Uuid, at: Timestamp) -> Result<()> {
        self.order(vec![Order::new(Statement::NoteKeyUse, values![id, at])]).await
    }
}

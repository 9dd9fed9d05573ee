//! The named keys that are good on this node.
//!
//! A key is `slk_<id>_<secret>`, both hexadecimal. The store has a hash of the secret. All keys are read
//! together and believed for a second, so that a game server's events cost no question each; a key that
//! another node revoked is good here for no longer than that. While the store is away, the keys that were
//! read last stay good.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;
use scoreline_core::key::Key;
use scoreline_core::limits::{KEY_USE_NOTED_MS, KEYS_HELD_MS};
use scoreline_core::store::{KeyStore, Result};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

use super::same::same;
use super::token::keyed_hash;

/// How every key begins, so that one that leaked is found by those who look for such.
const PREFIX: &str = "slk_";

/// A key that was just made: what is kept of it, and what only its owner is told.
pub struct MadeKey {
    /// Which one.
    pub id: Uuid,
    /// The hash of its secret.
    pub hash: String,
    /// The key itself.
    pub text: String,
}

/// Whether a text is meant to be a key.
pub(crate) fn looks_like_key(text: &str) -> bool {
    text.starts_with(PREFIX)
}

/// The parts of a key.
fn parts(text: &str) -> Option<(Uuid, &str)> {
    let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
    Some((Uuid::try_parse(id).ok()?, secret))
}

fn hash(id: Uuid, secret: &str) -> String {
    keyed_hash(id.as_bytes(), secret)
}

/// The keys, as they were read last.
pub(crate) struct KeyRing {
    store: Arc<dyn KeyStore>,
    held: RwLock<Held>,
    /// Held by who reads them, so that nobody else does meanwhile.
    reading: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Held {
    keys: HashMap<Uuid, Key>,
    /// When they were read; never at first, and after one was changed here.
    read_at: Option<Timestamp>,
    /// Whether there was ever an answer.
    are_known: bool,
}

impl KeyRing {
    /// The keys of a store.
    pub fn new(store: Arc<dyn KeyStore>) -> Self {
        Self { store, held: RwLock::default(), reading: tokio::sync::Mutex::default() }
    }

    /// Makes a key that nobody guesses: two random UUIDs hold 244 random bits.
    #[expect(clippy::disallowed_methods, reason = "secrets are made of the system's randomness")]
    pub fn make() -> MadeKey {
        let id = Uuid::new_v4();
        let secret = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let text = format!("{PREFIX}{}_{secret}", id.simple());
        MadeKey { id, hash: hash(id, &secret), text }
    }

    /// The key that a text is, good or no longer.
    pub async fn find(&self, text: &str, now: Timestamp) -> Result<Option<Key>> {
        let Some((id, secret)) = parts(text) else { return Ok(None) };
        self.refresh(now).await?;
        let key = self.held.read().keys.get(&id).cloned();
        Ok(key.filter(|key| same(&key.hash, &hash(id, secret))))
    }

    /// The key of this id, good or no longer.
    pub async fn of_id(&self, id: Uuid, now: Timestamp) -> Result<Option<Key>> {
        self.refresh(now).await?;
        Ok(self.held.read().keys.get(&id).cloned())
    }

    /// Notes that a key was used, if that was not noted within the last minute.
    pub async fn note_use(&self, key: &Key, now: Timestamp) {
        let is_noted = |at: Timestamp| now.ms_since(at) < KEY_USE_NOTED_MS;
        if key.last_used_at.is_some_and(is_noted) {
            return;
        }
        if let Some(held) = self.held.write().keys.get_mut(&key.id) {
            held.last_used_at = Some(now);
        }
        if let Err(error) = self.store.note_key_use(key.id, now).await {
            tracing::debug!(key.error = %error, "the use of a key was not written down");
        }
    }

    /// Reads the keys anew before the next look: one was made or revoked.
    pub fn forget(&self) {
        self.held.write().read_at = None;
    }

    async fn refresh(&self, now: Timestamp) -> Result<()> {
        if self.is_fresh(now) {
            return Ok(());
        }
        let _reading = self.reading.lock().await;
        if self.is_fresh(now) {
            return Ok(());
        }
        match self.store.keys().await {
            Ok(keys) => {
                let keys = keys.into_iter().map(|key| (key.id, key)).collect();
                *self.held.write() = Held { keys, read_at: Some(now), are_known: true };
            }
            Err(error) => {
                let mut held = self.held.write();
                if !held.are_known {
                    return Err(error);
                }
                held.read_at = Some(now);
            }
        }
        Ok(())
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        let read_at = self.held.read().read_at;
        read_at.is_some_and(|read_at| (0..KEYS_HELD_MS).contains(&now.ms_since(read_at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_key_has_its_id_in_it_and_its_hash_apart() {
        let made = KeyRing::make();
        assert!(looks_like_key(&made.text));
        let (id, secret) = parts(&made.text).expect("the parts of a key");
        assert_eq!((id, hash(id, secret)), (made.id, made.hash.clone()));
        assert!(!made.text.contains(&made.hash));
        assert_ne!(KeyRing::make().text, made.text);
    }

    #[test]
    fn what_is_no_key_has_no_parts() {
        for text in ["", "slk_", "slk_x_y", "slk_00000000000000000000000000000000", "key", "é"] {
            assert!(parts(text).is_none(), "{text}");
        }
    }
}

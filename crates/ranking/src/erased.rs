//! Who was erased, as far as this node has heard: their events are refused before they are stored or queued.

use parking_lot::RwLock;
use rustc_hash::FxHashSet;
use scoreline_core::erasure::Tombstone;
use scoreline_core::id::PlayerId;

/// The tombstones of a database.
#[derive(Default)]
pub struct ErasedPlayers(RwLock<Held>);

#[derive(Default)]
struct Held {
    /// Known as soon as there is a tombstone.
    key: Option<String>,
    tombstones: FxHashSet<Tombstone>,
}

impl ErasedPlayers {
    /// Whether the key is known.
    pub fn has_key(&self) -> bool {
        self.0.read().key.is_some()
    }

    /// Keeps the key, which never changes.
    pub fn set_key(&self, key: Option<String>) {
        self.0.write().key = key;
    }

    /// Adds tombstones.
    pub fn add(&self, tombstones: &[Tombstone]) {
        self.0.write().tombstones.extend(tombstones);
    }

    /// Whether nobody was ever erased.
    pub fn is_empty(&self) -> bool {
        self.0.read().tombstones.is_empty()
    }

    /// Whether a player was erased.
    pub fn holds(&self, player: &PlayerId) -> bool {
        let held = self.0.read();
        match &held.key {
            Some(key) if !held.tombstones.is_empty() => {
                held.tombstones.contains(&Tombstone::of(key, player))
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_erased_is_known_by_the_tombstone() {
        let (held, ann) = (ErasedPlayers::default(), PlayerId::from_stored("ann"));
        assert!(!held.holds(&ann) && !held.has_key());
        held.set_key(Some("key".to_owned()));
        held.add(&[Tombstone::of("key", &ann)]);
        assert!(held.holds(&ann));
        assert!(!held.holds(&PlayerId::from_stored("ben")));
    }
}

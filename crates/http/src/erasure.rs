//! What an erasure begins with, for every front end that can ask for one.

use scoreline_core::erasure::Erasure;
use scoreline_core::id::PlayerId;
use uuid::Uuid;

/// A new job that erases `player`, and a key for tombstones: the first of a database is kept.
#[expect(clippy::disallowed_methods, reason = "both are made of the system's randomness")]
pub fn new_erasure(player: PlayerId) -> (Erasure, String) {
    let key = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    (Erasure { job: Uuid::new_v4(), player }, key)
}

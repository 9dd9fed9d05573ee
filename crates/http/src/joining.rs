//! Moving a player, as requests and the console ask for it.

use scoreline_core::id::PlayerId;
use scoreline_core::joining::Joining;
use uuid::Uuid;

/// `player` is to become `to`. What stands apart is called by a random number.
#[expect(clippy::disallowed_methods, reason = "the number is of the system's randomness")]
pub fn new_joining(player: PlayerId, to: PlayerId, dry_run: bool) -> Joining {
    Joining { player, to, id: Uuid::new_v4(), dry_run }
}

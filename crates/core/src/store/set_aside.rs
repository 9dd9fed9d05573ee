//! Events that were set aside, in groups.

use crate::time::Timestamp;

/// Events that were set aside for the same reason and are of the same type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAsideGroup {
    /// The code of quarantined events, the reason of dead ones.
    pub reason: String,
    /// Their type; empty for those without one.
    pub event_type: String,
    /// How many.
    pub events: u64,
    /// Of how many different players.
    pub players: u64,
    /// When the last of them was received, or died.
    pub last_at: Timestamp,
}

//! Sessions of players: the secret that a device is bound to, and how often operators revoked what was
//! given out for it.
//!
//! A token names the number of revocations at the time when it was made. Once there are more, it is good no
//! longer, on whichever node it is shown.

use serde_json::json;

use crate::audit::{Act, Audited};
use crate::id::PlayerId;

/// What is kept of a player's device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Binding {
    /// The hash of the secret that the player is bound to, if they are.
    pub hash: Option<String>,
    /// How often the player's sessions were revoked.
    pub revocations: i64,
}

/// How often the sessions of a player were revoked: what nodes hold copies of. It only grows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocations {
    /// The player.
    pub player: PlayerId,
    /// How often.
    pub count: i64,
}

/// What an operator takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unbinding {
    /// The sessions alone: the device gets the next one for the secret it has.
    Sessions,
    /// The secret as well: whichever device asks next is bound.
    Secret,
}

impl Unbinding {
    /// What the log says of an act on a player who was bound, and whose sessions were revoked for the
    /// `count`-th time.
    pub fn audited(self, act: Act, count: i64) -> Audited {
        let was = json!({ "bound": true, "revocations": count - 1 });
        let is = json!({ "bound": self == Self::Sessions, "revocations": count });
        act.changed(Some(&was), Some(&is))
    }
}

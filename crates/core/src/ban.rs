//! Bans: a flag on a player. Their state is kept and goes on; boards, prizes and the figures of others
//! pass over them while it stands.

use serde_json::{Value, json};

use crate::id::PlayerId;
use crate::rank::Version;
use crate::time::Timestamp;

/// How a player is banned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ban {
    /// Whether the player is shown the boards as if there were no ban.
    pub shadow: bool,
    /// When it ends by itself, if ever.
    pub until: Option<Timestamp>,
}

impl Ban {
    /// What the log of acts shows of it.
    pub fn shown(ban: Option<&Self>) -> Value {
        match ban {
            None => json!({ "banned": false }),
            Some(Self { shadow, until }) => {
                json!({ "banned": true, "shadow": shadow, "until": until.map(|at| at.to_string()) })
            }
        }
    }

    /// Whether it is over at `now`.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

/// Whether a player is banned, as of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlayerBan {
    /// The player.
    pub player: PlayerId,
    /// The ban, if there is one.
    pub ban: Option<Ban>,
    /// As of which change.
    pub version: Version,
}

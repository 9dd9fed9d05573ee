//! Sessions of players: the secret that a device is bound to, and how often operators revoked what was
//! given out for it.
//!
//! A token names the number of revocations at the time when it was made. Once there are more, it is good no
//! longer, on whichever node it is shown.

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

/// Who may bind a player of whom events are known, and who was never bound to a secret.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Claims {
    /// Whoever asks first.
    #[default]
    First,
    /// Whoever names what only the sender of one of the player's last events knows
    /// ([`Event::is_known_by`](crate::event::Event::is_known_by)).
    Proof,
}

impl Claims {
    /// All of them, by the name that the setting has for each.
    pub const ALL: [(&'static str, Self); 2] = [("first", Self::First), ("proof", Self::Proof)];

    /// Whether this binding is not for whoever asks. An operator who unbound the player knew what they did.
    pub fn need_proof(self, binding: &Binding) -> bool {
        self == Self::Proof && binding.hash.is_none() && binding.revocations == 0
    }
}

/// What an operator takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unbinding {
    /// The sessions alone: the device gets the next one for the secret it has.
    Sessions,
    /// The secret as well: whichever device asks next is bound.
    Secret,
}

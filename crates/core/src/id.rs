//! Identities: who did something, which event it was, and where its effects are kept.
//!
//! These are newtypes so that a player can never be passed where a board is meant. None of them
//! can be built from input that storage could not hold.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

use crate::limits;
use crate::time::Timestamp;

/// The identity of a database: made once, kept in it, and the same in its backups and copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DatabaseId(pub Uuid);

impl DatabaseId {
    /// What no database is called.
    pub const NOBODY: Self = Self(Uuid::nil());
}

impl fmt::Display for DatabaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a text cannot be a player id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlayerIdError {
    /// The text is empty.
    #[error("must not be empty")]
    Empty,
    /// The text has more than [`limits::PLAYER_ID_CHARS_MAX`] characters.
    #[error("must have at most {max} characters, but has {found}", max = limits::PLAYER_ID_CHARS_MAX)]
    TooLong {
        /// How many characters it has.
        found: usize,
    },
    /// The text contains U+0000, which PostgreSQL text cannot hold.
    #[error("must not contain the NUL character")]
    Nul,
}

/// The device or account that plays: 1 to 255 characters of any script, without NUL.
///
/// Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlayerId(Arc<str>);

impl PlayerId {
    /// Checks `text` and takes it as it is; nothing is trimmed or folded.
    pub fn new(text: &str) -> Result<Self, PlayerIdError> {
        if text.is_empty() {
            return Err(PlayerIdError::Empty);
        }
        // Only a text with more bytes than the limit can have more characters than it.
        if text.len() > limits::PLAYER_ID_CHARS_MAX {
            let found = text.chars().count();
            if found > limits::PLAYER_ID_CHARS_MAX {
                return Err(PlayerIdError::TooLong { found });
            }
        }
        if text.contains('\0') {
            return Err(PlayerIdError::Nul);
        }
        Ok(Self(Arc::from(text)))
    }

    /// Takes a text that came out of the store, where only checked ids are written.
    pub fn from_stored(text: &str) -> Self {
        Self(Arc::from(text))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PlayerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PlayerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PlayerId({:?})", &*self.0)
    }
}

impl std::borrow::Borrow<str> for PlayerId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// What an event is: its player and its id. Who sends the same key again means the same event.
///
/// The time is not part of it, because devices stamp a repetition anew; and the same id of another
/// player is another event, because nobody may make the events of others vanish.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventKey {
    /// Who the event happened to.
    pub player: PlayerId,
    /// The client's `event_id`, or one derived from the event's content.
    pub id: Uuid,
}

/// The number under which the store keeps a board, a tournament's board or a statistic.
///
/// A projection is identified by its name *and* its meaning: when the definition changes what a
/// board counts, the board becomes another projection and starts afresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProjectionNo(pub i64);

/// Where the rows of one filling of a projection lie. A rebuild fills a new slot beside the live
/// one and swaps them when it has caught up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub i64);

/// One ranking: a board in one of its periods. `period` is the start of the period, or
/// [`Timestamp::EPOCH`] for a board that never resets and for a tournament.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BoardKey {
    /// Where the rows lie.
    pub slot: Slot,
    /// The start of the period.
    pub period: Timestamp,
}

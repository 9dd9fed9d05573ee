//! Rules that a believable player keeps, over several events; and what becomes of an event that breaks one.

use std::fmt;
use std::sync::Arc;

/// What becomes of an event that breaks a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// It is not taken in. For rules that look at the event alone: the same event breaks them again whenever
    /// it comes.
    Quarantine,
    /// It is stored and counts only once an operator accepts it; until then only its player sees it.
    Review,
    /// It is stored and counts no more than one that an operator refused. An operator can accept it all the same.
    Refuse,
}

/// A rule for events of one type and what came before them.
#[derive(Debug, Clone, PartialEq)]
pub struct SuspicionRule {
    /// What an event must keep.
    pub test: SuspicionTest,
    /// What becomes of one that does not: [`Consequence::Review`] or [`Consequence::Refuse`].
    pub then: Consequence,
}

/// What an event must keep, seen beside what its player did before.
#[derive(Debug, Clone, PartialEq)]
pub enum SuspicionTest {
    /// The score is not better than the player's best by more than this.
    Improvement {
        /// The board that knows the best. It takes the best and never starts over.
        board: Arc<str>,
        /// By this factor; with an amount as well, an event must exceed both.
        factor: Option<f64>,
        /// By this much.
        amount: Option<i64>,
        /// How many events must have counted before anything is compared.
        after: i64,
    },
    /// So much time lies between two events of the type.
    Interval {
        /// Milliseconds.
        least_ms: i64,
    },
    /// Another event stands before it.
    Predecessor {
        /// Of this type.
        event: Arc<str>,
        /// With the same value in this field of both.
        same: Arc<str>,
    },
    /// The time played is no longer than what has passed since the player's event of the type before.
    Clock {
        /// The field that holds it.
        played: Arc<str>,
        /// By how many milliseconds its number is multiplied.
        unit_ms: i64,
        /// How many milliseconds more are believed.
        tolerance_ms: i64,
    },
}

/// Tickets for runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Tickets {
    /// The type that begins a run: the answer to an event of it brings a ticket.
    pub begins: Arc<str>,
    /// The type that ends one: an event of it must bring the ticket back.
    pub ends: Arc<str>,
    /// In this field.
    pub field: Arc<str>,
    /// The least time between the two, by the server's clock, in milliseconds.
    pub least_ms: i64,
    /// For how long a ticket is good, in milliseconds.
    pub good_ms: i64,
    /// What becomes of an event without a good one: [`Consequence::Review`] or [`Consequence::Refuse`].
    pub then: Consequence,
}

impl SuspicionTest {
    /// Its name in a definition and in lists.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Improvement { .. } => "improvement",
            Self::Interval { .. } => "interval",
            Self::Predecessor { .. } => "predecessor",
            Self::Clock { .. } => "clock",
        }
    }

    /// The type of the events that must stand before.
    pub fn before(&self) -> Option<&Arc<str>> {
        match self {
            Self::Predecessor { event, .. } => Some(event),
            Self::Improvement { .. } | Self::Interval { .. } | Self::Clock { .. } => None,
        }
    }

    /// The field of the event that it reads beside those of a board.
    pub fn field(&self) -> Option<&Arc<str>> {
        match self {
            Self::Improvement { .. } | Self::Interval { .. } => None,
            Self::Predecessor { same, .. } => Some(same),
            Self::Clock { played, .. } => Some(played),
        }
    }
}

impl fmt::Display for Consequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quarantine => "quarantine",
            Self::Review => "review",
            Self::Refuse => "refuse",
        })
    }
}

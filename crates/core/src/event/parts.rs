//! What splitting a request body gives, and why a body cannot be split. Shared by the splitting of
//! valid bodies and of broken ones.

use serde_json::value::RawValue;

use crate::error::ErrorKind;
use crate::time::Timestamp;

/// A request body taken apart.
#[derive(Debug)]
pub struct Body<'a> {
    /// The events in their order, each still unparsed. May be empty.
    pub events: Vec<Item<'a>>,
    /// When the client says it sent them. One that cannot be read counts as absent.
    pub sent_at: Option<Timestamp>,
}

/// One event of a body.
#[derive(Debug, Clone)]
pub enum Item<'a> {
    /// JSON, still unparsed.
    Json(&'a RawValue),
    /// Bytes that are no JSON, between neighbours that may be.
    Broken {
        /// The bytes as they came.
        bytes: &'a [u8],
        /// What is wrong with them, in the parser's words.
        problem: String,
    },
}

/// Why a body cannot be taken apart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is not JSON, or not one of the three forms.
    #[error("{detail}")]
    NotJson {
        /// What was found where.
        detail: String,
    },
    /// It holds more events than allowed. Nothing of it is taken.
    #[error("the body has more than {max} events (batch_events_max)")]
    TooManyEvents {
        /// The limit.
        max: usize,
    },
}

impl BodyError {
    /// What kind of trouble it is: always the sender's.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }

    pub(super) fn not_json(detail: impl Into<String>) -> Self {
        Self::NotJson { detail: detail.into() }
    }
}

impl From<serde_json::Error> for BodyError {
    /// The parser's own words, which end with line and column.
    fn from(error: serde_json::Error) -> Self {
        Self::not_json(error.to_string())
    }
}

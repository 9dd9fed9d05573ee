//! What kind of trouble an error is.
//!
//! Every error of Scoreline answers `kind()`, and the kind alone decides the HTTP status, whether a
//! caller may try again, whether a circuit breaker counts it and how loudly it is logged. No code
//! looks at an error's text to decide anything.

use std::fmt;

/// The five kinds of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The caller sent something that can never succeed as it is.
    Invalid,
    /// The request is well formed but does not fit the present state.
    Conflict,
    /// What was asked for does not exist.
    NotFound,
    /// Nothing is wrong with the request; there is no room or no durable place for it right now.
    Busy,
    /// Something on our side failed.
    Broken,
}

impl ErrorKind {
    /// Whether the same request may succeed later without being changed.
    pub fn may_retry(self) -> bool {
        matches!(self, Self::Busy | Self::Broken)
    }

    /// The kind as a lower-case word, for logs and metric labels.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Conflict => "conflict",
            Self::NotFound => "not_found",
            Self::Busy => "busy",
            Self::Broken => "broken",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

//! How long clients may take.

use std::time::Duration;

use scoreline_core::limits::{
    BODY_MS_MAX, BODY_SILENCE_MS_MAX, FIRST_HEAD_MS_MAX, HEAD_MS_MAX, LINGER_MS_MAX,
    PROGRESS_BYTES_PER_S, WRITE_MS_MAX,
};

/// How long clients may take for each part of a request.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// From the connection to the head of its first request.
    pub first_head: Duration,
    /// From the first byte of a later head to its last.
    pub head: Duration,
    /// For a body, beside what its size is worth.
    pub body: Duration,
    /// Between two pieces of a body.
    pub silence: Duration,
    /// To read an answer, beside what its size is worth.
    pub write: Duration,
    /// To read the last answer before the connection is cut, where the client was still sending.
    pub linger: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first_head: Duration::from_millis(FIRST_HEAD_MS_MAX),
            head: Duration::from_millis(HEAD_MS_MAX),
            body: Duration::from_millis(BODY_MS_MAX),
            silence: Duration::from_millis(BODY_SILENCE_MS_MAX),
            write: Duration::from_millis(WRITE_MS_MAX),
            linger: Duration::from_millis(LINGER_MS_MAX),
        }
    }
}

impl Patience {
    /// The time for what has moved `bytes` bytes so far: `time`, and what they are worth.
    pub(crate) fn for_bytes(time: Duration, bytes: usize) -> Duration {
        time + Duration::from_millis((bytes as u64).saturating_mul(1_000) / PROGRESS_BYTES_PER_S)
    }
}

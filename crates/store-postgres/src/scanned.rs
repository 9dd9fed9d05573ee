//! How far a scan over stored events has come.
//!
//! Events are scanned in the order of their application, then of their ids, then of their players.
//! Whoever fills a projection by such a scan notes a time of application after each step; what is
//! applied later has a later one, and so comes after all that was scanned.

use scoreline_core::event::Event;
use scoreline_core::store::{Result, ScanPosition, StoreError};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

const TIME_BYTES: usize = size_of::<i64>();
const ID_BYTES: usize = 16;

/// Where a scan is that has come to this event.
pub(crate) fn position(event: &Event, applied_at: Timestamp) -> ScanPosition {
    let player = event.player.as_str().as_bytes();
    let mut bytes = Vec::with_capacity(TIME_BYTES + ID_BYTES + player.len());
    bytes.extend_from_slice(&applied_at.as_ms().to_be_bytes());
    bytes.extend_from_slice(event.id.as_bytes());
    bytes.extend_from_slice(player);
    ScanPosition::from_bytes(&bytes)
}

/// What an event is compared with that comes after a position.
pub(crate) struct After {
    pub applied_at: i64,
    pub id: Uuid,
    pub player: String,
}

impl After {
    /// After this position, or from the first event on.
    pub fn new(position: Option<&ScanPosition>) -> Result<Self> {
        let Some(position) = position else {
            return Ok(Self { applied_at: i64::MIN, id: Uuid::nil(), player: String::new() });
        };
        Self::read(position.as_bytes()).ok_or(StoreError::ForeignPosition)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (applied_at, rest) = bytes.split_first_chunk::<TIME_BYTES>()?;
        let (id, player) = rest.split_first_chunk::<ID_BYTES>()?;
        Some(Self {
            applied_at: i64::from_be_bytes(*applied_at),
            id: Uuid::from_bytes(*id),
            player: std::str::from_utf8(player).ok()?.to_owned(),
        })
    }
}

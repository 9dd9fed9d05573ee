//! Where a simulation is played.

use scoreline_core::time::Timestamp;
use scoreline_traffic::client::Target;

use crate::time_source::ClockFile;

/// Where it is played.
pub struct Place {
    /// The server.
    pub target: Target,
    /// The same with the right to make tournaments, if that is had.
    pub operator: Option<Target>,
    /// The server's clock; `None` goes by real time.
    pub clock: Option<ClockFile>,
    /// When the first day begins.
    pub start: Timestamp,
    /// Whether nobody else plays there.
    pub is_alone: bool,
    /// How long cups last; `None` is six hours.
    pub cup_length_ms: Option<i64>,
}

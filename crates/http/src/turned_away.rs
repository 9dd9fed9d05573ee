//! Clients that were turned away because they ask for more than their share: each is counted by the
//! reason, and the log hears of one a second.

use std::net::IpAddr;
use std::sync::Arc;

use scoreline_core::time::Clock;

use crate::metrics::Metrics;
use crate::seldom::Seldom;

/// Why a client was turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// All connections are in use, and none of them rests.
    ConnectionsInAll,
    /// All connections that one address may have are in use, and none of them rests.
    ConnectionsOfAddress,
    /// Its connection rested longer than others when room was needed.
    MadeRoom,
    /// The head of its request did not arrive in time.
    SlowHead,
    /// The body of its request did not arrive in time.
    SlowBody,
    /// It did not read the answer in time.
    SlowReader,
    /// Too many large bodies are on their way.
    RoomInAll,
    /// Too many large bodies are on their way from its address.
    RoomOfAddress,
    /// Too much work of its address waits for its turn.
    WorkOfAddress,
    /// The body inflates further than one that is worth it.
    InflatesTooFar,
    /// Its address has sent more bytes than it may in a minute.
    BytesOfAddress,
    /// A player sends more bytes than one may.
    BytesOfPlayer,
    /// More bytes come with a key than may.
    BytesOfKey,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::ConnectionsInAll,
        Self::ConnectionsOfAddress,
        Self::MadeRoom,
        Self::SlowHead,
        Self::SlowBody,
        Self::SlowReader,
        Self::RoomInAll,
        Self::RoomOfAddress,
        Self::WorkOfAddress,
        Self::InflatesTooFar,
        Self::BytesOfAddress,
        Self::BytesOfPlayer,
        Self::BytesOfKey,
    ];

    /// The reason as metrics and the log write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConnectionsInAll => "connections_in_all",
            Self::ConnectionsOfAddress => "connections_of_address",
            Self::MadeRoom => "made_room",
            Self::SlowHead => "slow_head",
            Self::SlowBody => "slow_body",
            Self::SlowReader => "slow_reader",
            Self::RoomInAll => "room_in_all",
            Self::RoomOfAddress => "room_of_address",
            Self::WorkOfAddress => "work_of_address",
            Self::InflatesTooFar => "inflates_too_far",
            Self::BytesOfAddress => "bytes_of_address",
            Self::BytesOfPlayer => "bytes_of_player",
            Self::BytesOfKey => "bytes_of_key",
        }
    }
}

/// Notes clients that were turned away.
pub(crate) struct TurnedAway {
    metrics: Arc<Metrics>,
    clock: Arc<dyn Clock>,
    told: Seldom,
}

impl TurnedAway {
    /// Counts into `metrics`.
    pub fn new(metrics: Arc<Metrics>, clock: Arc<dyn Clock>) -> Self {
        // A rate can be told of what was counted from zero on.
        for reason in Reason::ALL {
            metrics.turned_away(reason.as_str(), 0);
        }
        Self { metrics, clock, told: Seldom::default() }
    }

    /// Notes one, and where it came from.
    pub fn note(&self, reason: Reason, from: Option<IpAddr>) {
        self.metrics.turned_away(reason.as_str(), 1);
        if let Some(passed_over) = self.told.note(self.clock.now()) {
            tracing::warn!(
                client.reason = reason.as_str(),
                client.address = from.map(tracing::field::display),
                client.passed_over = passed_over,
                "a client asked for more than its share and was turned away"
            );
        }
    }
}

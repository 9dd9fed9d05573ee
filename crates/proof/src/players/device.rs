//! Devices: which clock they have, how they write, and what is wrong with them.

use scoreline_core::time::Timestamp;

use crate::chance::Chance;

const MINUTE_MS: i64 = 60 * 1_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// A clock that lost its battery begins here.
const RESET: &str = "2016-01-01T00:00:00Z";

/// What a device writes around its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Envelope {
    /// `{"events": […], "sent_at": "…"}`.
    Batch,
    /// `[…]`.
    List,
}

/// A player's device, the same whenever it is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Device {
    /// How far its clock is ahead of the true time; behind if negative.
    pub skew_ms: i64,
    /// Whether its events have ids of their own.
    pub sends_ids: bool,
    pub envelope: Envelope,
    /// Whether its events lack fields, have unknown types, or times that cannot be read.
    pub is_broken: bool,
    /// Whether its player claims what nobody can have done.
    pub cheats: bool,
    /// Picks its platform, version and country.
    pub luck: u64,
}

impl Device {
    /// The device of a player. `now` only says how far away the time of a reset clock is.
    pub fn of(seed: u64, player: u32, start: Timestamp) -> Self {
        let mut chance = Chance::of(seed, &[1, u64::from(player)]);
        let clock = chance.unit();
        let skew_ms = match clock {
            _ if clock < 0.90 => chance.between(-20_000, 20_000),
            _ if clock < 0.94 => chance.between(10 * MINUTE_MS, 30 * HOUR_MS),
            _ if clock < 0.98 => -chance.between(10 * MINUTE_MS, 30 * HOUR_MS),
            _ if clock < 0.99 => -40 * 24 * HOUR_MS,
            _ => Timestamp::parse(RESET).map_or(0, |reset| reset.ms_since(start)),
        };
        // What counts as of its receipt has no time by which two events of one content differ.
        let is_far_off = skew_ms.abs() > MINUTE_MS;
        let is_broken = chance.hits(0.04);
        Self {
            skew_ms,
            sends_ids: chance.hits(0.9) || is_far_off || is_broken,
            envelope: if chance.hits(0.8) { Envelope::Batch } else { Envelope::List },
            is_broken,
            cheats: chance.hits(0.02),
            luck: chance.next(),
        }
    }

    /// The time on its clock.
    pub fn clock(&self, true_ms: i64) -> i64 {
        true_ms + self.skew_ms
    }
}

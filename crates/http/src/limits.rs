//! How often one player or one address may ask.
//!
//! A player's limit is what was configured; an address has ten times as much, because many players
//! may sit behind one. IPv6 addresses count by the network of a household. Game servers and
//! operators, and health and metrics, are never limited.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use scoreline_core::id::PlayerId;

use crate::problem::Problem;

/// How many players an address may stand for.
const PLAYERS_PER_ADDRESS: u32 = 10;

/// The limits of one process.
pub(crate) struct RateLimits {
    limited: Option<Limited>,
}

struct Limited {
    per_minute: u32,
    players: DefaultKeyedRateLimiter<Arc<str>>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

impl RateLimits {
    pub fn new(per_minute: Option<u32>) -> Self {
        let limited = per_minute.and_then(NonZeroU32::new).map(|limit| {
            let addresses =
                limit.saturating_mul(const { NonZeroU32::new(PLAYERS_PER_ADDRESS).expect("10") });
            Limited {
                per_minute: limit.get(),
                players: DefaultKeyedRateLimiter::keyed(Quota::per_minute(limit)),
                addresses: DefaultKeyedRateLimiter::keyed(Quota::per_minute(addresses)),
                clock: DefaultClock::default(),
            }
        });
        Self { limited }
    }

    /// Counts a request of an address.
    pub fn address(&self, address: Option<IpAddr>) -> Result<(), Problem> {
        let (Some(limited), Some(address)) = (&self.limited, address) else { return Ok(()) };
        limited
            .addresses
            .check_key(&household(address))
            .map_err(|not_until| limited.too_many(PLAYERS_PER_ADDRESS, &not_until))
    }

    /// Counts a request once for each player that it speaks for, however often it names them.
    pub fn players<'p>(&self, players: impl Iterator<Item = &'p PlayerId>) -> Result<(), Problem> {
        let Some(limited) = &self.limited else { return Ok(()) };
        let mut players: Vec<&PlayerId> = players.collect();
        players.sort_unstable();
        players.dedup();
        for player in players {
            limited
                .players
                .check_key(&Arc::from(player.as_str()))
                .map_err(|not_until| limited.too_many(1, &not_until))?;
        }
        Ok(())
    }

    /// Forgets those who have been quiet.
    pub fn tidy(&self) {
        if let Some(limited) = &self.limited {
            limited.players.retain_recent();
            limited.addresses.retain_recent();
        }
    }
}

/// An address, or of an IPv6 one the network that providers give to one household: its other half
/// is for whoever has it to choose, so that counting all of it would limit nobody.
fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

impl Limited {
    fn too_many(
        &self,
        times: u32,
        not_until: &governor::NotUntil<<DefaultClock as Clock>::Instant>,
    ) -> Problem {
        let wait = not_until.wait_time_from(self.clock.now());
        let wait_s = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Problem::too_many(
            self.per_minute.saturating_mul(times),
            u32::try_from(wait_s).unwrap_or(u32::MAX),
        )
    }
}

//! How often one player or one address may ask.
//!
//! A player's limit is the configured one; an address has ten times as much, because many players
//! may share one. IPv6 addresses are counted by the network of a household. Game servers, operators,
//! health and metrics are never limited.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::http::HeaderMap;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use scoreline_core::id::PlayerId;

use crate::problem::Problem;

/// How many times the limit of a player an address has.
const PLAYERS_PER_ADDRESS: u32 = 10;

/// The limits of one process.
pub(crate) struct RateLimits {
    limited: Option<Limited>,
    trusted_proxies: Vec<IpAddr>,
}

struct Limited {
    per_minute: u32,
    players: DefaultKeyedRateLimiter<Arc<str>>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

impl RateLimits {
    /// Limits of `per_minute` requests of one player; none if that is `None`. What a proxy out of
    /// `trusted_proxies` says of where a request came from is believed.
    pub fn new(per_minute: Option<u32>, trusted_proxies: Vec<IpAddr>) -> Self {
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
        Self { limited, trusted_proxies }
    }

    /// Whether there are limits.
    pub fn are_set(&self) -> bool {
        self.limited.is_some()
    }

    /// Counts a request of the address that it came from.
    pub fn address(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> Result<(), Problem> {
        let Some(limited) = &self.limited else { return Ok(()) };
        let Some(address) = self.sender(peer, headers) else { return Ok(()) };
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

    /// The address a request came from: the peer's, unless the peer is a proxy that is believed.
    fn sender(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let trusted = |address: &IpAddr| {
            self.trusted_proxies.iter().any(|proxy| proxy.to_canonical() == *address)
        };
        // Where the server listens on IPv6, devices with an IPv4 address come in its IPv6 form.
        let peer = peer?.ip().to_canonical();
        if !trusted(&peer) {
            return Some(peer);
        }
        // Each proxy adds on the right whom it heard from: the first address from the right that is
        // not a proxy of ours is the device's, whatever the device wrote further left.
        let forwarded =
            headers.get_all("x-forwarded-for").iter().filter_map(|one| one.to_str().ok());
        let chain: Vec<&str> = forwarded.flat_map(|one| one.split(',')).map(str::trim).collect();
        let addresses = chain.iter().rev().map_while(|one| one.parse::<IpAddr>().ok());
        let found = addresses.map(|one| one.to_canonical()).find(|one| !trusted(one));
        Some(found.unwrap_or(peer))
    }

    /// Forgets the players and addresses that have been quiet.
    pub fn tidy(&self) {
        if let Some(limited) = &self.limited {
            limited.players.retain_recent();
            limited.addresses.retain_recent();
        }
    }
}

/// What an address is counted by: itself, or the network that a provider gives to one household. The
/// other half of an IPv6 address is for its owner to choose, so counting all of it would limit nobody.
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

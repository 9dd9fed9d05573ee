//! How often one player or one address may ask.
//!
//! A player's limit is the configured one; an address has ten times as much, because many players
//! may share one. IPv6 addresses are counted by the network of a household, and all households of one
//! site together. Game servers, operators, health and metrics are never limited.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use governor::clock::{Clock, DefaultClock, QuantaInstant, Reference};
use governor::{DefaultKeyedRateLimiter, Quota};
use scoreline_core::id::PlayerId;
use scoreline_core::limits::{ADDRESS_KIB_PER_MINUTE, KEY_KIB_PER_MINUTE, PLAYER_KIB_PER_MINUTE};

use crate::problem::Problem;
use crate::quotas::Quotas;
use crate::sender::{Senders, first_bits};

/// How many times the limit of a player an address has.
const PLAYERS_PER_ADDRESS: u32 = 10;
/// How many times the limit of an address a site has: mobile providers give each phone an IPv6 network of
/// its own out of one site's.
const ADDRESSES_PER_SITE: u32 = 32;
/// Bits of an IPv6 address that a provider gives to one household. The others are for its owner to
/// choose, so counting all of them would limit nobody.
const HOUSEHOLD_BITS: u8 = 64;
/// Bits of the network that a provider gives to one site, who makes households of it as it likes.
const SITE_BITS: u8 = 48;

/// The limits of one process.
pub struct RateLimits {
    limited: Option<Limited>,
    /// KiB of bodies by where they came from.
    bodies: DefaultKeyedRateLimiter<Share>,
    /// KiB of bodies by the players whose events they hold.
    player_bodies: Quotas,
    /// KiB of bodies by the keys they were sent with.
    key_bodies: Quotas,
    clock: DefaultClock,
    /// When this process began to count.
    began_at: QuantaInstant,
    senders: Senders,
}

struct Limited {
    per_minute: u32,
    players: Quotas,
    addresses: DefaultKeyedRateLimiter<Share>,
    sites: DefaultKeyedRateLimiter<Share>,
    clock: DefaultClock,
}

impl RateLimits {
    /// Limits of `per_minute` requests of one player; none if that is `None`.
    /// Bodies have at most `body_bytes_max` bytes.
    pub(crate) fn new(per_minute: Option<u32>, body_bytes_max: usize, senders: Senders) -> Self {
        let limited = per_minute.and_then(NonZeroU32::new).map(|limit| {
            let address = times(limit, PLAYERS_PER_ADDRESS);
            let site = times(address, ADDRESSES_PER_SITE);
            Limited {
                per_minute: limit.get(),
                players: Quotas::new(limit.get()),
                addresses: DefaultKeyedRateLimiter::keyed(Quota::per_minute(address)),
                sites: DefaultKeyedRateLimiter::keyed(Quota::per_minute(site)),
                clock: DefaultClock::default(),
            }
        });
        let largest = u32::try_from(body_bytes_max.div_ceil(1024)).unwrap_or(u32::MAX);
        // Whoever may send a body at all may send two.
        let kib = |kib_per_minute: u32| kib_per_minute.max(largest.saturating_mul(2)).max(1);
        let quota = NonZeroU32::new(kib(ADDRESS_KIB_PER_MINUTE)).unwrap_or(NonZeroU32::MIN);
        let clock = DefaultClock::default();
        Self {
            limited,
            bodies: DefaultKeyedRateLimiter::keyed(Quota::per_minute(quota)),
            player_bodies: Quotas::new(kib(PLAYER_KIB_PER_MINUTE)),
            key_bodies: Quotas::new(kib(KEY_KIB_PER_MINUTE)),
            began_at: clock.now(),
            clock,
            senders,
        }
    }

    /// Whether there are limits.
    pub fn are_set(&self) -> bool {
        self.limited.is_some()
    }

    /// The address a request came from.
    pub fn sender(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        self.senders.of(peer, headers)
    }

    /// Counts a request of the address that it came from.
    pub fn address(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> Result<(), Problem> {
        let Some(limited) = &self.limited else { return Ok(()) };
        let Some(address) = self.senders.of(peer, headers) else { return Ok(()) };
        limited
            .addresses
            .check_key(&Share::household(address))
            .map_err(|not_until| limited.too_many(PLAYERS_PER_ADDRESS, &not_until))?;
        let Some(site) = Share::site(address) else { return Ok(()) };
        limited.sites.check_key(&site).map_err(|not_until| {
            limited.too_many(PLAYERS_PER_ADDRESS.saturating_mul(ADDRESSES_PER_SITE), &not_until)
        })
    }

    /// Counts a request once for each player that it speaks for, however often it names them; for none of
    /// them if one has no more left.
    pub fn players<'p>(&self, players: impl Iterator<Item = &'p PlayerId>) -> Result<(), Problem> {
        let Some(limited) = &self.limited else { return Ok(()) };
        let mut players: Vec<(&str, u64)> = players.map(|player| (player.as_str(), 1)).collect();
        players.sort_unstable();
        players.dedup();
        let spent = limited.players.spend(&players, self.now_ns());
        spent.map_err(|wait_ns| limited.refusal(1, Duration::from_nanos(wait_ns)))
    }

    /// Counts the bytes of a body, after inflating, of the household that it came from.
    pub fn bytes(&self, from: Option<IpAddr>, bytes: usize) -> Result<(), Problem> {
        // What comes from this machine is its own tools, or a proxy that nobody said is one.
        let Some(from) = from.filter(|from| !from.is_loopback()) else { return Ok(()) };
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        let Some(kib) = NonZeroU32::new(kib) else { return Ok(()) };
        match self.bodies.check_key_n(&Share::household(from), kib) {
            // No body is larger than the whole quota.
            Ok(Ok(())) | Err(_) => Ok(()),
            Ok(Err(not_until)) => {
                let wait = not_until.wait_time_from(self.clock.now());
                Err(Problem::too_many_bytes("from this address", whole_seconds(wait)))
            }
        }
    }

    /// Counts the bytes of a body for the players whose events it holds.
    pub fn bytes_of_players(&self, players: &[(&PlayerId, usize)]) -> Result<(), Problem> {
        let mut bytes: HashMap<&str, usize> = HashMap::new();
        for (player, of_player) in players {
            *bytes.entry(player.as_str()).or_default() += of_player;
        }
        let kib: Vec<(&str, u64)> = bytes
            .into_iter()
            .map(|(player, bytes)| (player, bytes.div_ceil(1024) as u64))
            .collect();
        self.spend_bytes(&self.player_bodies, &kib, "of this player")
    }

    /// Counts the bytes of a body that was sent with a key.
    pub fn bytes_of_key(&self, key: &str, bytes: usize) -> Result<(), Problem> {
        let kib = [(key, bytes.div_ceil(1024) as u64)];
        self.spend_bytes(&self.key_bodies, &kib, "with this key")
    }

    fn spend_bytes(
        &self,
        quotas: &Quotas,
        kib: &[(&str, u64)],
        whose: &str,
    ) -> Result<(), Problem> {
        let spent = quotas.spend(kib, self.now_ns());
        spent.map_err(|wait_ns| {
            Problem::too_many_bytes(whose, whole_seconds(Duration::from_nanos(wait_ns)))
        })
    }

    /// How long this process has counted.
    fn now_ns(&self) -> u64 {
        self.clock.now().duration_since(self.began_at).as_u64()
    }

    /// The household that a request came from.
    pub fn household(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        self.sender(peer, headers).map(household)
    }

    /// Forgets the players and addresses that have been quiet.
    pub fn tidy(&self) {
        self.bodies.retain_recent();
        self.player_bodies.tidy(self.now_ns());
        self.key_bodies.tidy(self.now_ns());
        if let Some(limited) = &self.limited {
            limited.players.tidy(self.now_ns());
            limited.addresses.retain_recent();
            limited.sites.retain_recent();
        }
    }
}

/// What an address is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Share {
    /// Itself.
    Address(IpAddr),
    /// The network that it lies in.
    Network(u128),
}

/// The household that a request came from, for handlers.
pub(crate) struct Sender(pub Option<IpAddr>);

impl<S> FromRequestParts<S> for Sender
where
    Arc<RateLimits>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let limits = Arc::<RateLimits>::from_ref(state);
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0);
        Ok(Self(limits.household(peer, &parts.headers)))
    }
}

/// One address for all that a provider gives to one household.
pub(crate) fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(_) => Ipv6Addr::from_bits(first_bits(address, HOUSEHOLD_BITS)).into(),
    }
}

impl Share {
    fn household(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::Address(address),
            IpAddr::V6(_) => Self::Network(first_bits(address, HOUSEHOLD_BITS)),
        }
    }

    /// An IPv4 address belongs to no site that could be told from it.
    fn site(address: IpAddr) -> Option<Self> {
        address.is_ipv6().then(|| Self::Network(first_bits(address, SITE_BITS)))
    }
}

/// A time as clients are told to wait: never a second too few.
fn whole_seconds(wait: Duration) -> u32 {
    let wait_s = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    u32::try_from(wait_s).unwrap_or(u32::MAX)
}

/// A limit that is not zero, some times as large.
fn times(limit: NonZeroU32, count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).map_or(limit, |count| limit.saturating_mul(count))
}

impl Limited {
    fn too_many(
        &self,
        times: u32,
        not_until: &governor::NotUntil<<DefaultClock as Clock>::Instant>,
    ) -> Problem {
        self.refusal(times, not_until.wait_time_from(self.clock.now()))
    }

    fn refusal(&self, times: u32, wait: Duration) -> Problem {
        Problem::too_many(self.per_minute.saturating_mul(times), whole_seconds(wait))
    }
}

//! How often one player or one address may ask.
//!
//! A player's limit is the configured one; an address has ten times as much, because many players
//! may share one. IPv6 addresses are counted by the network of a household, and all households of one
//! site together. Game servers, operators, health and metrics are never limited.
//!
//! A request asks nobody but this node. Where several count together, `together.rs` tells them afterwards.

mod quotas;
mod share;
mod together;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::http::HeaderMap;
use scoreline_core::id::PlayerId;
use scoreline_core::limits::{
    ADDRESS_KIB_PER_MINUTE, BINDINGS_OF_ADDRESS_PER_MINUTE, BINDINGS_PER_MINUTE,
    ERASURE_ASKED_PER_MINUTE, GUESSES_PER_MINUTE, KEY_KIB_PER_MINUTE, PLAYER_KIB_PER_MINUTE,
};
use tokio::time::Instant;

use self::quotas::Quotas;
use self::share::{Guesser, Share};
pub(crate) use self::share::{Sender, household};
use self::together::Together;
pub use self::together::{Counting, Spent};
use crate::problem::Problem;
use crate::sender::Senders;

/// How many times the limit of a player an address has.
const PLAYERS_PER_ADDRESS: u32 = 10;
/// How many times the limit of an address a site has: mobile providers give each phone an IPv6 network of
/// its own out of one site's.
const ADDRESSES_PER_SITE: u32 = 32;

/// How much there is of what is limited.
pub(crate) struct Allowed {
    /// Requests of one player a minute; `None` is no limit.
    pub per_minute: Option<u32>,
    /// Bytes that a body may have.
    pub body_bytes_max: usize,
    /// By what secret the names of those who are counted are known to other nodes; `None` where this
    /// one counts alone.
    pub shared_by: Option<Vec<u8>>,
}

/// The limits of one process.
pub struct RateLimits {
    limited: Option<Limited>,
    /// KiB of bodies by where they came from.
    bodies: Quotas<Share>,
    /// KiB of bodies by the players whose events they hold.
    player_bodies: Quotas<Arc<str>>,
    /// KiB of bodies by the keys they were sent with.
    key_bodies: Quotas<Arc<str>>,
    /// Tries to have a session of a player.
    guesses: Quotas<Guesser>,
    /// New players by where they came from.
    bindings: Quotas<Share>,
    /// New players in all.
    bindings_in_all: Quotas<Arc<str>>,
    /// Uses of the page by which players ask to be erased, by where they came from.
    erasure_asked: Quotas<Share>,
    together: Option<Together>,
    /// When this process began to count.
    began_at: Instant,
    senders: Senders,
}

struct Limited {
    per_minute: u32,
    players: Quotas<Arc<str>>,
    addresses: Quotas<Share>,
    sites: Quotas<Share>,
}

impl RateLimits {
    /// Limits of those sizes, for what comes from `senders`.
    pub(crate) fn new(allowed: Allowed, senders: Senders) -> Self {
        let is_shared = allowed.shared_by.is_some();
        let limited = allowed.per_minute.filter(|limit| *limit > 0).map(|limit| {
            let address = limit.saturating_mul(PLAYERS_PER_ADDRESS);
            Limited {
                per_minute: limit,
                players: Quotas::new(limit, is_shared),
                addresses: Quotas::new(address, is_shared),
                sites: Quotas::new(address.saturating_mul(ADDRESSES_PER_SITE), is_shared),
            }
        });
        let largest = u32::try_from(allowed.body_bytes_max.div_ceil(1024)).unwrap_or(u32::MAX);
        // Whoever may send a body at all may send two.
        let kib = |kib_per_minute: u32| kib_per_minute.max(largest.saturating_mul(2));
        Self {
            limited,
            bodies: Quotas::new(kib(ADDRESS_KIB_PER_MINUTE), is_shared),
            player_bodies: Quotas::new(kib(PLAYER_KIB_PER_MINUTE), is_shared),
            key_bodies: Quotas::new(kib(KEY_KIB_PER_MINUTE), is_shared),
            guesses: Quotas::new(GUESSES_PER_MINUTE, is_shared),
            bindings: Quotas::new(BINDINGS_OF_ADDRESS_PER_MINUTE, is_shared),
            bindings_in_all: Quotas::new(BINDINGS_PER_MINUTE, is_shared),
            erasure_asked: Quotas::new(ERASURE_ASKED_PER_MINUTE, is_shared),
            together: allowed.shared_by.map(Together::by),
            began_at: Instant::now(),
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
        let (now_ns, of_address) =
            (self.now_ns(), limited.per_minute.saturating_mul(PLAYERS_PER_ADDRESS));
        let spent = limited.addresses.spend_one(&Share::household(address), now_ns);
        spent.map_err(|wait_ns| too_many(of_address, wait_ns))?;
        let Some(site) = Share::site(address) else { return Ok(()) };
        let spent = limited.sites.spend_one(&site, now_ns);
        spent.map_err(|wait_ns| too_many(of_address.saturating_mul(ADDRESSES_PER_SITE), wait_ns))
    }

    /// Counts a request once for each player that it speaks for, however often it names them; for none of
    /// them if one has no more left.
    pub fn players<'p>(&self, players: impl Iterator<Item = &'p PlayerId>) -> Result<(), Problem> {
        let Some(limited) = &self.limited else { return Ok(()) };
        let mut players: Vec<(&str, u64)> = players.map(|player| (player.as_str(), 1)).collect();
        players.sort_unstable();
        players.dedup();
        let spent = limited.players.spend(&players, self.now_ns());
        spent.map_err(|wait_ns| too_many(limited.per_minute, wait_ns))
    }

    /// Counts the bytes of a body, after inflating, of the household that it came from.
    pub fn bytes(&self, from: Option<IpAddr>, bytes: usize) -> Result<(), Problem> {
        // What comes from this machine is its own tools, or a proxy that nobody said is one.
        let Some(from) = from.filter(|from| !from.is_loopback()) else { return Ok(()) };
        let kib = [(&Share::household(from), bytes.div_ceil(1024) as u64)];
        let spent = self.bodies.spend(&kib, self.now_ns());
        spent.map_err(|wait_ns| too_many_bytes("from this address", wait_ns))
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
        let spent = self.player_bodies.spend(&kib, self.now_ns());
        spent.map_err(|wait_ns| too_many_bytes("of this player", wait_ns))
    }

    /// Counts the bytes of a body that was sent with a key.
    pub fn bytes_of_key(&self, key: &str, bytes: usize) -> Result<(), Problem> {
        let kib = [(key, bytes.div_ceil(1024) as u64)];
        let spent = self.key_bodies.spend(&kib, self.now_ns());
        spent.map_err(|wait_ns| too_many_bytes("with this key", wait_ns))
    }

    /// Counts a try to have a session of a player who has a secret: by the address and the player together,
    /// so that nobody who guesses keeps the player out.
    pub(crate) fn guess(&self, from: Option<IpAddr>, player: &PlayerId) -> Result<(), Problem> {
        let guesser = Guesser { from, player: Arc::from(player.as_str()) };
        let spent = self.guesses.spend_one(&guesser, self.now_ns());
        spent.map_err(|wait_ns| too_many(GUESSES_PER_MINUTE, wait_ns))
    }

    /// Counts a new player, by the household that the request came from. What comes from this machine itself is not
    /// counted by its address: it is a tool of the operator, or a proxy that nobody said is one.
    pub(crate) fn bind(&self, from: Option<IpAddr>) -> Result<(), Problem> {
        let now_ns = self.now_ns();
        if let Some(from) = from.filter(|from| !from.is_loopback()) {
            let spent = self.bindings.spend_one(&Share::household(from), now_ns);
            spent.map_err(|wait_ns| too_many(BINDINGS_OF_ADDRESS_PER_MINUTE, wait_ns))?;
        }
        let spent = self.bindings_in_all.spend(&[("", 1)], now_ns);
        spent.map_err(|wait_ns| too_many(BINDINGS_PER_MINUTE, wait_ns))
    }

    /// Counts a use of the page by which players ask to be erased.
    pub fn ask_for_erasure(&self, from: Option<IpAddr>) -> Result<(), Problem> {
        let Some(from) = from.filter(|from| !from.is_loopback()) else { return Ok(()) };
        let spent = self.erasure_asked.spend_one(&Share::household(from), self.now_ns());
        spent.map_err(|wait_ns| too_many(ERASURE_ASKED_PER_MINUTE, wait_ns))
    }

    /// How long this process has counted.
    fn now_ns(&self) -> u64 {
        u64::try_from(self.began_at.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// The household that a request came from.
    pub fn household(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        self.sender(peer, headers).map(household)
    }

    /// Forgets the players and addresses that have been quiet.
    pub fn tidy(&self) {
        let now_ns = self.now_ns();
        self.bodies.tidy(now_ns);
        self.player_bodies.tidy(now_ns);
        self.key_bodies.tidy(now_ns);
        self.guesses.tidy(now_ns);
        self.bindings.tidy(now_ns);
        self.erasure_asked.tidy(now_ns);
        if let Some(limited) = &self.limited {
            limited.players.tidy(now_ns);
            limited.addresses.tidy(now_ns);
            limited.sites.tidy(now_ns);
        }
    }
}

fn too_many(per_minute: u32, wait_ns: u64) -> Problem {
    Problem::too_many(per_minute, whole_seconds(wait_ns))
}

fn too_many_bytes(whose: &str, wait_ns: u64) -> Problem {
    Problem::too_many_bytes(whose, whole_seconds(wait_ns))
}

/// A time as clients are told to wait: never a second too few.
fn whole_seconds(wait_ns: u64) -> u32 {
    u32::try_from(wait_ns.div_ceil(1_000_000_000)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;

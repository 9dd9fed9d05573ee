//! By what requests are counted, and how other nodes know it.

use std::convert::Infallible;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use axum::http::request::Parts;

use super::RateLimits;
use crate::sender::first_bits;

/// Bits of an IPv6 address that a provider gives to one household. The others are for its owner to
/// choose, so counting all of them would limit nobody.
const HOUSEHOLD_BITS: u8 = 64;
/// Bits of the network that a provider gives to one site, who makes households of it as it likes.
const SITE_BITS: u8 = 48;

/// What is counted by, in a form that is the same on every node and in every version.
pub(super) trait Counted: Hash + Eq + Clone {
    fn text(&self) -> String;
}

impl Counted for Arc<str> {
    fn text(&self) -> String {
        self.to_string()
    }
}

/// What an address is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Share {
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
    pub fn household(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::Address(address),
            IpAddr::V6(_) => Self::Network(first_bits(address, HOUSEHOLD_BITS)),
        }
    }

    /// An IPv4 address belongs to no site that could be told from it.
    pub fn site(address: IpAddr) -> Option<Self> {
        address.is_ipv6().then(|| Self::Network(first_bits(address, SITE_BITS)))
    }
}

impl Counted for Share {
    fn text(&self) -> String {
        match self {
            Self::Address(address) => address.to_string(),
            Self::Network(bits) => format!("{bits:x}/"),
        }
    }
}

impl From<&Self> for Share {
    fn from(share: &Self) -> Self {
        *share
    }
}

/// Who tries to have a session of whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Guesser {
    pub from: Option<IpAddr>,
    pub player: Arc<str>,
}

impl Counted for Guesser {
    fn text(&self) -> String {
        let from = self.from.map(|from| from.to_string()).unwrap_or_default();
        format!("{from} {}", self.player)
    }
}

impl From<&Self> for Guesser {
    fn from(guesser: &Self) -> Self {
        guesser.clone()
    }
}

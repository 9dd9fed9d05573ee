//! How often somebody may be wrong while signing in. Pure: addresses and times come in as arguments.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

/// Wrong tries of one address within a minute.
pub(crate) const TRIES_MAX: u32 = 5;
/// Wrong tries of all addresses together within a minute: whoever has many addresses gets no further.
const ALL_TRIES_MAX: u32 = 300;
/// How long a wrong try counts.
const COUNTS_FOR: Duration = Duration::from_secs(60);

/// What an address is counted by: itself, or the IPv6 network that a provider gives to one household, whose
/// other half is for its owner to choose.
pub(crate) fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

/// Wrong tries of the last minute.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    by_address: HashMap<Option<IpAddr>, Wrong>,
    all: Wrong,
}

#[derive(Debug, Clone, Copy, Default)]
struct Wrong {
    tries: u32,
    since: Option<Instant>,
}

impl Wrong {
    fn at(self, now: Instant) -> u32 {
        let counts = self.since.is_some_and(|since| now.duration_since(since) < COUNTS_FOR);
        if counts { self.tries } else { 0 }
    }

    fn note(&mut self, now: Instant) {
        let tries = self.at(now);
        if tries == 0 {
            self.since = Some(now);
        }
        self.tries = tries + 1;
    }
}

impl Attempts {
    /// How many tries an address has left.
    pub fn left(&self, address: Option<IpAddr>, now: Instant) -> u32 {
        let wrong = self.by_address.get(&address).map_or(0, |wrong| wrong.at(now));
        if self.all.at(now) >= ALL_TRIES_MAX { 0 } else { TRIES_MAX.saturating_sub(wrong) }
    }

    /// Takes in a wrong try.
    pub fn note(&mut self, address: Option<IpAddr>, now: Instant) {
        self.all.note(now);
        self.by_address.retain(|_, wrong| wrong.at(now) > 0);
        self.by_address.entry(address).or_default().note(now);
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "any moment will do to count from")]
mod tests {
    use super::*;

    fn address(n: u32) -> IpAddr {
        IpAddr::from(n.to_be_bytes())
    }

    #[test]
    fn an_address_has_five_tries_a_minute_and_no_other_pays_for_them() {
        let (mut attempts, start) = (Attempts::default(), Instant::now());
        for left in (0..TRIES_MAX).rev() {
            attempts.note(Some(address(1)), start);
            assert_eq!(attempts.left(Some(address(1)), start), left);
        }
        assert_eq!(attempts.left(Some(address(2)), start), TRIES_MAX);
        assert_eq!(attempts.left(Some(address(1)), start + COUNTS_FOR), TRIES_MAX);
    }

    #[test]
    fn whoever_has_many_addresses_gets_no_further_and_costs_no_memory() {
        let (mut attempts, start) = (Attempts::default(), Instant::now());
        for n in 0..ALL_TRIES_MAX {
            attempts.note(Some(address(n)), start);
        }
        assert_eq!(attempts.left(Some(address(1_000_000)), start), 0);
        attempts.note(Some(address(7)), start + COUNTS_FOR);
        assert_eq!(attempts.by_address.len(), 1);
    }
}

//! Where a request came from: the peer's address, or what a trusted proxy says of it.
//!
//! What stands in a header is believed as far as proxies of ours wrote it and no further. Who is
//! counted by which address is for `limits`.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::{HeaderMap, HeaderName, header};

/// The header that most proxies write.
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// An address, or all addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Whether an address lies in it. Its IPv4 form and the IPv6 form of that are the same address.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4()
            && first_bits(address, self.bits) == first_bits(self.address, self.bits)
    }
}

/// The first bits of an address as a number, aligned to the left.
pub(crate) fn first_bits(address: IpAddr, bits: u8) -> u128 {
    let whole = match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    };
    let cut = 128_u32.saturating_sub(bits.into());
    // A shift by the whole width is none: no bits at all are the same everywhere.
    whole.checked_shr(cut).and_then(|kept| kept.checked_shl(cut)).unwrap_or(0)
}

impl FromStr for Network {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "an IP address such as 10.0.0.7, or a network such as 10.0.0.0/8";
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| WRONG)?)),
            None => (text, None),
        };
        let written: IpAddr = address.trim().parse().map_err(|_| WRONG)?;
        let address = written.to_canonical();
        let most = if address.is_ipv4() { 32 } else { 128 };
        // The IPv6 form of an IPv4 address has 96 bits before it.
        let before = if written.is_ipv6() && address.is_ipv4() { 96 } else { 0 };
        let bits = match bits {
            None => most,
            Some(bits) => bits.checked_sub(before).filter(|bits| *bits <= most).ok_or(WRONG)?,
        };
        Ok(Self { address, bits })
    }
}

/// Which header the trusted proxies write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProxyHeader {
    /// `X-Forwarded-For` where there is one, `Forwarded` otherwise.
    #[default]
    Any,
    /// `X-Forwarded-For` alone.
    XForwardedFor,
    /// `Forwarded` (RFC 7239) alone.
    Forwarded,
}

impl ProxyHeader {
    /// All of them, by the name that the setting has for each.
    pub const ALL: [(&'static str, Self); 3] = [
        ("any", Self::Any),
        ("x-forwarded-for", Self::XForwardedFor),
        ("forwarded", Self::Forwarded),
    ];
}

/// Finds out where requests came from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Senders {
    /// Proxies that are believed.
    pub trusted: Vec<Network>,
    /// What they write.
    pub header: ProxyHeader,
}

impl Senders {
    /// The address a request came from: the peer's, unless the peer is a proxy that is believed.
    pub fn of(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        // Where the server listens on IPv6, devices with an IPv4 address come in its IPv6 form.
        let peer = peer?.ip().to_canonical();
        let is_trusted = |address| self.trusted.iter().any(|network| network.contains(address));
        if !is_trusted(peer) {
            return Some(peer);
        }
        // Each proxy adds on the right whom it heard from: the first address from the right that is
        // not a proxy of ours is the device's, whatever the device wrote further left.
        let mut sender = peer;
        for address in self.chain(headers).into_iter().rev() {
            let Some(address) = address else { break };
            sender = address;
            if !is_trusted(address) {
                break;
            }
        }
        Some(sender)
    }

    /// The addresses that proxies wrote down, the latest last; `None` for what is no address.
    fn chain(&self, headers: &HeaderMap) -> Vec<Option<IpAddr>> {
        let elements = |name: &HeaderName, read: fn(&str) -> Option<IpAddr>| {
            let lines = headers.get_all(name).iter();
            // A line that is no text ends what can be believed, like any other nonsense.
            let lines = lines.map(|line| line.to_str().unwrap_or_default());
            lines.flat_map(|line| line.split(',')).map(read).collect()
        };
        match self.header {
            ProxyHeader::Any if headers.contains_key(&X_FORWARDED_FOR) => {
                elements(&X_FORWARDED_FOR, address)
            }
            ProxyHeader::XForwardedFor => elements(&X_FORWARDED_FOR, address),
            ProxyHeader::Any | ProxyHeader::Forwarded => {
                elements(&header::FORWARDED, forwarded_for)
            }
        }
    }
}

/// The address of one element of `Forwarded`, such as `for="[2001:db8::1]:443";proto=https`.
///
/// An element is what stands between two commas even where quotes are open: no address holds a comma,
/// and a quote that a device opened must not hide what a proxy added behind it.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    address(value.trim().trim_matches('"'))
}

/// An address as proxies write it: bare, with a port, or IPv6 in brackets with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let found = bare.parse::<IpAddr>().ok();
    let found = found.or_else(|| text.parse::<SocketAddr>().ok().map(|found| found.ip()));
    found.map(|found| found.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let line = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a header"))
        };
        lines.iter().map(line).collect()
    }

    /// Whom a request is counted for that a proxy out of 10.0.0.0/8 passed on.
    fn sender(header: ProxyHeader, lines: &[(&'static str, &str)]) -> IpAddr {
        let trusted = ["10.0.0.0/8", "fd00::/8"].map(|text| text.parse().expect("a network"));
        let senders = Senders { trusted: trusted.into(), header };
        let peer = SocketAddr::new(ip("10.0.0.1"), 50_000);
        senders.of(Some(peer), &headers(lines)).expect("there is a peer")
    }

    #[test]
    fn a_network_holds_what_begins_with_its_bits() {
        for (network, inside, outside) in [
            ("10.0.0.7", "10.0.0.7", "10.0.0.8"),
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
            ("100.64.0.0/10", "100.127.0.1", "100.128.0.1"),
            ("10.1.2.3/16", "10.1.255.255", "10.2.0.0"),
            ("0.0.0.0/0", "203.0.113.7", "2001:db8::1"),
            ("::/0", "2001:db8::1", "203.0.113.7"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
            ("::ffff:10.0.0.0/104", "10.9.9.9", "11.0.0.1"),
            ("::ffff:10.0.0.7", "::ffff:10.0.0.7", "10.0.0.8"),
        ] {
            let network: Network = network.parse().expect(network);
            assert!(network.contains(ip(inside)), "{network:?} {inside}");
            assert!(!network.contains(ip(outside)), "{network:?} {outside}");
        }
        for wrong in ["", "proxy", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "10.0.0/8"]
        {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
        assert!("::ffff:10.0.0.0/95".parse::<Network>().is_err(), "wider than all of IPv4");
    }

    #[test]
    fn an_address_is_read_in_every_form_that_proxies_write() {
        for (text, expected) in [
            ("203.0.113.7", "203.0.113.7"),
            (" 203.0.113.7:50001 ", "203.0.113.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:50001", "2001:db8::7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("[::ffff:203.0.113.7]:1", "203.0.113.7"),
        ] {
            assert_eq!(
                sender(ProxyHeader::Any, &[("x-forwarded-for", text)]),
                ip(expected),
                "{text}"
            );
            let forwarded = format!("proto=https; For=\"{}\";by=10.0.0.1", text.trim());
            let found = sender(ProxyHeader::Any, &[("forwarded", &forwarded)]);
            assert_eq!(found, ip(expected), "{forwarded}");
        }
    }

    #[test]
    fn lists_are_read_from_the_right_over_all_lines_up_to_the_first_that_is_no_proxy_of_ours() {
        for (lines, expected) in [
            (vec!["1.1.1.1, 203.0.113.7, 10.0.0.2:80"], "203.0.113.7"),
            (vec!["1.1.1.1", "203.0.113.7", "10.0.0.2"], "203.0.113.7"),
            (vec!["203.0.113.7, [fd00::1]:443"], "203.0.113.7"),
            (vec!["1.1.1.1, nonsense, 10.0.0.2"], "10.0.0.2"),
            (vec!["10.9.9.9, 10.0.0.2"], "10.9.9.9"),
            (vec!["nonsense"], "10.0.0.1"),
            (vec![""], "10.0.0.1"),
        ] {
            let plain: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", *line)).collect();
            assert_eq!(sender(ProxyHeader::Any, &plain), ip(expected), "{lines:?}");
        }
        let forged = ("forwarded", "for=\"1.1.1.1, for=203.0.113.7, for=10.0.0.2");
        assert_eq!(sender(ProxyHeader::Any, &[forged]), ip("203.0.113.7"), "a quote hides nothing");
        for hidden in ["for=unknown", "for=_secret", "proto=https", "for="] {
            let lines = [("forwarded", hidden)];
            assert_eq!(sender(ProxyHeader::Any, &lines), ip("10.0.0.1"), "{hidden}");
        }
    }

    #[test]
    fn the_other_header_is_a_devices_invention_where_it_is_said_what_proxies_write() {
        let both = [("x-forwarded-for", "203.0.113.7"), ("forwarded", "for=198.51.100.7")];
        assert_eq!(sender(ProxyHeader::Any, &both), ip("203.0.113.7"));
        assert_eq!(sender(ProxyHeader::XForwardedFor, &both), ip("203.0.113.7"));
        assert_eq!(sender(ProxyHeader::Forwarded, &both), ip("198.51.100.7"));
        assert_eq!(sender(ProxyHeader::XForwardedFor, &both[1..]), ip("10.0.0.1"));
    }

    #[test]
    fn nobody_is_believed_unless_it_is_said() {
        let lines = headers(&[("x-forwarded-for", "203.0.113.7")]);
        let peer = SocketAddr::new(ip("::ffff:10.0.0.1"), 50_000);
        assert_eq!(Senders::default().of(Some(peer), &lines), Some(ip("10.0.0.1")));
    }
}

//! Which proxies are believed when they say whom they ask for. Anybody can write `X-Forwarded-For`; only
//! what a trusted proxy added to it counts.

use std::net::{IpAddr, SocketAddr};

use actix_web::http::header::HeaderValue;

/// Addresses and networks of trusted proxies; empty trusts nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<Network>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    base: u128,
    /// Bits that count, of the 128 of an IPv6 address.
    mask: u128,
}

impl Proxies {
    /// From texts like `10.0.0.2` and `10.0.0.0/8`; the error is the text that is neither.
    pub fn new(texts: &[String]) -> Result<Self, String> {
        let written = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty());
        written
            .map(|text| Network::parse(text).ok_or_else(|| text.to_owned()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Who asks: the peer, or where that is a trusted proxy the last address in front of it that is not
    /// one of ours. The header's lines are one list, written from left to right.
    pub fn client<'a>(
        &self,
        peer: IpAddr,
        forwarded: impl DoubleEndedIterator<Item = &'a HeaderValue>,
    ) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.trust(client) {
            return client;
        }
        let hops = forwarded.rev().filter_map(|line| line.to_str().ok()).flat_map(|line| line.rsplit(','));
        for hop in hops {
            let Some(address) = parse_hop(hop.trim()) else { break };
            client = address;
            if !self.trust(client) {
                break;
            }
        }
        client
    }

    fn trust(&self, address: IpAddr) -> bool {
        let bits = bits(address);
        self.0.iter().any(|network| bits & network.mask == network.base)
    }
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length.parse::<u32>().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let length = length.unwrap_or(width);
        if length > width {
            return None;
        }
        // IPv4 lies in the last 32 bits.
        let mask = u128::MAX.checked_shl(width - length).unwrap_or(0);
        Some(Self { base: bits(address) & mask, mask })
    }
}

/// As IPv6, so that both kinds compare.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// An address as proxies write it: bare, with a port, or in brackets.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], peer: &str, lines: &[&str]) -> String {
        let trusted: Vec<String> = trusted.iter().map(|&text| text.to_owned()).collect();
        let lines: Vec<HeaderValue> = lines.iter().map(|line| HeaderValue::from_str(line).unwrap()).collect();
        Proxies::new(&trusted).unwrap().client(peer.parse().unwrap(), lines.iter()).to_string()
    }

    #[test]
    fn a_stranger_forges_nothing() {
        assert_eq!(client(&[], "203.0.113.7", &["10.0.0.1"]), "203.0.113.7");
        assert_eq!(client(&["10.0.0.2"], "203.0.113.7", &["10.0.0.1"]), "203.0.113.7");
        // The proxy appends what it saw to what the stranger wrote.
        assert_eq!(client(&["10.0.0.2"], "10.0.0.2", &["127.0.0.1, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(client(&["10.0.0.2"], "10.0.0.2", &["127.0.0.1", "203.0.113.7"]), "203.0.113.7");
        assert_eq!(client(&["10.0.0.2"], "10.0.0.2", &["10.0.0.2, 203.0.113.7, nonsense"]), "10.0.0.2");
    }

    #[test]
    fn proxies_behind_proxies_are_walked_through() {
        let ours = ["10.0.0.0/8", "fd00::/8"];
        assert_eq!(client(&ours, "10.9.9.9", &["198.51.100.1, 203.0.113.7, 10.1.1.1"]), "203.0.113.7");
        assert_eq!(client(&ours, "fd00::1", &["[2001:db8::5]:443"]), "2001:db8::5");
        assert_eq!(client(&ours, "::ffff:10.1.1.1", &["203.0.113.7:5000"]), "203.0.113.7");
        assert_eq!(client(&ours, "10.1.1.1", &[]), "10.1.1.1");
        assert_eq!(client(&["0.0.0.0/0"], "203.0.113.7", &["2001:db8::5"]), "2001:db8::5");
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for bad in ["10.0.0", "10.0.0.0/33", "fd00::/129", "10.0.0.1/-1", "proxy.example", "10.0.0.0/8/8"] {
            assert_eq!(Proxies::new(&[bad.to_owned()]), Err(bad.to_owned()));
        }
        assert_eq!(Proxies::new(&[String::new()]), Ok(Proxies::default()));
    }
}

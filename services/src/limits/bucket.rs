use std::net::{IpAddr, Ipv6Addr};
use uuid::Uuid;

/// Who is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bucket {
    User(Uuid),
    /// A network of one subscriber; see [`network`].
    Address(IpAddr),
}

impl Bucket {
    /// The bucket of an address. Those who cannot be told apart share one.
    pub fn address(address: Option<IpAddr>) -> Self {
        Self::Address(network(address.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED))))
    }

    /// The word for its kind.
    pub fn kind(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Address(_) => "address",
        }
    }
}

/// The part of an address that its holder cannot change at will: of IPv6 the first 64 bits.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_network_of_one_subscriber() {
        for (one, other, same) in [
            ("203.0.113.9", "203.0.113.9", true),
            ("203.0.113.9", "203.0.113.10", false),
            ("203.0.113.9", "::ffff:203.0.113.9", true),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
        ] {
            let bucket = |text: &str| Bucket::address(Some(text.parse().unwrap()));
            assert_eq!(bucket(one) == bucket(other), same, "{one} {other}");
        }
    }
}

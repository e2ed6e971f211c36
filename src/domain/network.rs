//! A range of addresses, of either family.

use std::{fmt, net::IpAddr, str::FromStr};

/// The addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// None if an address has no so many bits.
    pub(in crate::domain) fn new(address: IpAddr, bits: u8) -> Option<Self> {
        (bits <= width(address)).then_some(Self { address, bits })
    }

    /// Whether both have an address in common.
    pub(in crate::domain) fn meets(self, other: Self) -> bool {
        let bits = u32::from(self.bits.min(other.bits));
        let same = |one: u128, other: u128, width: u32| bits == 0 || (one ^ other) >> (width - bits) == 0;
        match (self.address, other.address) {
            (IpAddr::V4(one), IpAddr::V4(other)) => same(one.to_bits().into(), other.to_bits().into(), 32),
            (IpAddr::V6(one), IpAddr::V6(other)) => same(one.to_bits(), other.to_bits(), 128),
            _ => false,
        }
    }

    pub(in crate::domain) fn is_within(self, other: Self) -> bool {
        self.bits >= other.bits && self.meets(other)
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let none = || format!("`{text}` is neither an address nor a network");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| none())?)),
            None => (text, None),
        };
        let written: IpAddr = address.parse().map_err(|_| none())?;
        let address = written.to_canonical();
        let width = width(address);
        // `::ffff:10.0.0.0/104` is 10.0.0.0/8.
        let mapped = if written.is_ipv6() && address.is_ipv4() { 96 } else { 0 };
        let bits = bits.unwrap_or(width + mapped).checked_sub(mapped);
        bits.and_then(|bits| Self::new(address, bits)).ok_or_else(none)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, bits } = self;
        if *bits == width(*address) { write!(f, "{address}") } else { write!(f, "{address}/{bits}") }
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

//! Addresses that are no one machine's on the internet: private, reserved, for documentation, or of whoever is nearest.

use crate::domain::network::Network;

/// A range that stands in a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::domain) struct Special {
    pub(in crate::domain) range: &'static str,
    /// What its addresses are.
    pub(in crate::domain) what: &'static str,
    /// Whether they are kept for documentation.
    documents: bool,
}

const fn special(range: &'static str, what: &'static str) -> Special {
    Special { range, what, documents: false }
}

const fn documents(range: &'static str) -> Special {
    Special { range, what: "for documentation", documents: true }
}

/// All of IANA's registries of special-purpose addresses for IPv4 and IPv6 (RFC 6890 with its updates, as of 2025-10-09),
/// the blocks within another one left out; and from its registries of the address spaces what is multicast or was
/// site-local (RFC 3879). `::ffff:0:0/96` has no row: a [`Network`] within it is one of IPv4.
const SPECIAL: [Special; 34] = [
    special("0.0.0.0/8", "this network"),
    special("10.0.0.0/8", "private"),
    special("100.64.0.0/10", "shared by a provider's customers"),
    special("127.0.0.0/8", "loopback"),
    special("169.254.0.0/16", "link-local"),
    special("172.16.0.0/12", "private"),
    special("192.0.0.0/24", "kept for protocols"),
    documents("192.0.2.0/24"),
    special("192.31.196.0/24", "of the nearest sink for reverse look-ups"),
    special("192.52.193.0/24", "of the nearest multicast relay"),
    special("192.88.99.0/24", "of a relay that is no more"),
    special("192.168.0.0/16", "private"),
    special("192.175.48.0/24", "of the nearest sink for reverse look-ups"),
    special("198.18.0.0/15", "for benchmarks"),
    documents("198.51.100.0/24"),
    documents("203.0.113.0/24"),
    special("224.0.0.0/4", "multicast"),
    special("240.0.0.0/4", "reserved"),
    special("::/128", "unspecified"),
    special("::1/128", "loopback"),
    special("64:ff9b::/96", "those of IPv4, translated"),
    special("64:ff9b:1::/48", "those of IPv4, translated"),
    special("100::/64", "for discarding"),
    special("100:0:0:1::/64", "of nobody"),
    // Teredo, benchmarks, relays and hashes of keys stand in it.
    special("2001::/23", "kept for protocols"),
    documents("2001:db8::/32"),
    special("2002::/16", "those of IPv4, tunnelled"),
    special("2620:4f:8000::/48", "of the nearest sink for reverse look-ups"),
    documents("3fff::/20"),
    special("5f00::/16", "segments of a route"),
    special("fc00::/7", "private"),
    special("fe80::/10", "link-local"),
    special("fec0::/10", "site-local"),
    special("ff00::/8", "multicast"),
];

/// The special range that `network` meets, if it meets one; in a laboratory, addresses for documentation are as good as any.
pub(in crate::domain) fn met_by(network: Network, laboratory: bool) -> Option<Special> {
    let is_met = |special: &Special| special.range.parse::<Network>().is_ok_and(|range| range.meets(network));
    SPECIAL.into_iter().filter(|special| !(laboratory && special.documents)).find(is_met)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(address: &str) -> Option<&'static str> {
        met_by(address.parse().expect("an address"), false).map(|special| special.range)
    }

    /// The range, what is before it, its first and its last address, and what is after it; `-` is of another range.
    const EDGES: &str = "\
        0.0.0.0/8 - 0.0.0.0 0.255.255.255 1.0.0.0
        10.0.0.0/8 9.255.255.255 10.0.0.0 10.255.255.255 11.0.0.0
        100.64.0.0/10 100.63.255.255 100.64.0.0 100.127.255.255 100.128.0.0
        127.0.0.0/8 126.255.255.255 127.0.0.0 127.255.255.255 128.0.0.0
        169.254.0.0/16 169.253.255.255 169.254.0.0 169.254.255.255 169.255.0.0
        172.16.0.0/12 172.15.255.255 172.16.0.0 172.31.255.255 172.32.0.0
        192.0.0.0/24 191.255.255.255 192.0.0.0 192.0.0.255 192.0.1.0
        192.0.2.0/24 192.0.1.255 192.0.2.0 192.0.2.255 192.0.3.0
        192.31.196.0/24 192.31.195.255 192.31.196.0 192.31.196.255 192.31.197.0
        192.52.193.0/24 192.52.192.255 192.52.193.0 192.52.193.255 192.52.194.0
        192.88.99.0/24 192.88.98.255 192.88.99.0 192.88.99.255 192.88.100.0
        192.168.0.0/16 192.167.255.255 192.168.0.0 192.168.255.255 192.169.0.0
        192.175.48.0/24 192.175.47.255 192.175.48.0 192.175.48.255 192.175.49.0
        198.18.0.0/15 198.17.255.255 198.18.0.0 198.19.255.255 198.20.0.0
        198.51.100.0/24 198.51.99.255 198.51.100.0 198.51.100.255 198.51.101.0
        203.0.113.0/24 203.0.112.255 203.0.113.0 203.0.113.255 203.0.114.0
        224.0.0.0/4 223.255.255.255 224.0.0.0 239.255.255.255 -
        240.0.0.0/4 - 240.0.0.0 255.255.255.255 -
        ::/128 - :: :: -
        ::1/128 - ::1 ::1 ::2
        64:ff9b::/96 64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff 64:ff9b:: 64:ff9b::ffff:ffff 64:ff9b::1:0:0
        64:ff9b:1::/48 64:ff9b:0:ffff:ffff:ffff:ffff:ffff 64:ff9b:1:: 64:ff9b:1:ffff:ffff:ffff:ffff:ffff 64:ff9b:2::
        100::/64 ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 100:: 100::ffff:ffff:ffff:ffff -
        100:0:0:1::/64 - 100:0:0:1:: 100:0:0:1:ffff:ffff:ffff:ffff 100:0:0:2::
        2001::/23 2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2001:: 2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff 2001:200::
        2001:db8::/32 2001:db7:ffff:ffff:ffff:ffff:ffff:ffff 2001:db8:: 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 2001:db9::
        2002::/16 2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2002:: 2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2003::
        2620:4f:8000::/48 2620:4f:7fff:ffff:ffff:ffff:ffff:ffff 2620:4f:8000:: 2620:4f:8000:ffff:ffff:ffff:ffff:ffff 2620:4f:8001::
        3fff::/20 3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff 3fff:: 3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff 3fff:1000::
        5f00::/16 5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 5f00:: 5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff 5f01::
        fc00::/7 fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff fc00:: fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff fe00::
        fe80::/10 fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff fe80:: febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff -
        fec0::/10 - fec0:: feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff -
        ff00::/8 - ff00:: ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff -
    ";

    #[test]
    fn a_range_holds_its_first_and_last_address_and_nothing_beside_them() {
        let edges =
            || EDGES.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).filter(|row| !row.is_empty());
        let ranges: Vec<_> = edges().map(|row| row[0]).collect();
        assert_eq!(ranges, SPECIAL.map(|special| special.range), "each has its edges");
        for row in edges() {
            let [range, before, first, last, after] = row[..] else { panic!("{row:?}") };
            assert_eq!((met(first), met(last)), (Some(range), Some(range)));
            for beside in [before, after].into_iter().filter(|beside| *beside != "-") {
                assert_eq!(met(beside), None, "{beside} beside {range}");
            }
        }
    }
}

//! Functions of network addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::emulator::kql::{
    functions::{
        Function, Gives, MANY,
        Takes::{Any, Text},
        or_null,
    },
    syntax::{Find, Test},
    text,
    value::{Type, Value},
};

const BOOL: Gives = Gives::This(Type::Bool);

pub(super) static ALL: &[Function] = &[
    Function {
        name: "ipv4_is_in_range",
        takes: &[Text],
        count: (2, 2),
        gives: BOOL,
        run: |a, _| or_null(in_range(&a[0], &a[1]), Value::Bool),
    },
    Function {
        name: "ipv4_is_in_any_range",
        takes: &[Text, Any],
        count: (2, MANY),
        gives: BOOL,
        run: |a, _| in_any_range(a),
    },
    Function {
        name: "ipv4_is_private",
        takes: &[Text],
        count: (1, 1),
        gives: BOOL,
        run: |a, _| or_null(a[0].as_str().and_then(ipv4), |(address, _)| Value::Bool(address.is_private())),
    },
    Function {
        name: "ipv6_is_in_range",
        takes: &[Text],
        count: (2, 2),
        gives: BOOL,
        run: |a, _| or_null(in_range6(&a[0], &a[1]), Value::Bool),
    },
    Function {
        name: "parse_ipv4",
        takes: &[Text],
        count: (1, 1),
        gives: Gives::This(Type::Long),
        run: |a, _| {
            let parsed = a[0].as_str().and_then(ipv4);
            or_null(parsed, |(address, prefix)| Value::Int((u32::from(address) & mask(prefix)).into()))
        },
    },
    Function { name: "has_ipv4", takes: &[Text], count: (2, 2), gives: BOOL, run: |a, _| has_address(a) },
];

/// An address, and how long its prefix is; the whole of it where none is given.
fn ipv4(text: &str) -> Option<(Ipv4Addr, u32)> {
    let (address, prefix) = match text.trim().split_once('/') {
        Some((address, prefix)) => (address, prefix.parse().ok().filter(|prefix| *prefix <= 32)?),
        None => (text.trim(), 32),
    };
    Some((address.parse().ok()?, prefix))
}

fn mask(prefix: u32) -> u32 {
    u32::MAX.checked_shl(32 - prefix).unwrap_or(0)
}

fn in_range(address: &Value, range: &Value) -> Option<bool> {
    let ((address, own), (network, prefix)) = (ipv4(address.as_str()?)?, ipv4(range.as_str()?)?);
    let mask = mask(prefix.min(own));
    Some(u32::from(address) & mask == u32::from(network) & mask)
}

fn in_any_range(arguments: &[Value]) -> Value {
    let mut known = None;
    for range in &arguments[1..] {
        let listed = match range {
            Value::Dynamic(json) => json.as_array(),
            _ => None,
        };
        let ranges = listed.map_or_else(
            || vec![range.clone()],
            |items| items.iter().map(|item| Value::dynamic(item.clone())).collect::<Vec<_>>(),
        );
        for range in ranges {
            match in_range(&arguments[0], &range) {
                Some(true) => return Value::Bool(true),
                Some(false) => known = Some(false),
                None => {}
            }
        }
    }
    or_null(known, Value::Bool)
}

/// An address of either kind as one of version 6, and how long its prefix is.
fn ipv6(text: &str) -> Option<(u128, u32)> {
    let (address, prefix) = match text.trim().split_once('/') {
        Some((address, prefix)) => (address, Some(prefix.parse::<u32>().ok()?)),
        None => (text.trim(), None),
    };
    let (bits, prefix) = match address.parse().ok()? {
        IpAddr::V4(address) => (address.to_ipv6_mapped(), prefix.map_or(128, |prefix| prefix.saturating_add(96))),
        IpAddr::V6(address) => (address, prefix.unwrap_or(128)),
    };
    (prefix <= 128).then_some((bits_of(bits), prefix))
}

fn bits_of(address: Ipv6Addr) -> u128 {
    u128::from(address)
}

fn in_range6(address: &Value, range: &Value) -> Option<bool> {
    let ((address, own), (network, prefix)) = (ipv6(address.as_str()?)?, ipv6(range.as_str()?)?);
    let mask = u128::MAX.checked_shl(128 - prefix.min(own)).unwrap_or(0);
    Some(address & mask == network & mask)
}

/// An address in a text, with nothing at its ends that could belong to it.
fn has_address(arguments: &[Value]) -> Value {
    match (arguments[0].as_str(), arguments[1].as_str()) {
        (Some(text), Some(sought)) if sought.parse::<Ipv4Addr>().is_ok() => {
            Value::Bool(text::holds(Test { find: Find::Term, cased: true, negated: false }, text, sought))
        }
        (Some(_), Some(_)) => Value::Bool(false),
        _ => Value::Null,
    }
}

//! What a body says of an indicator: everything of it when one is made, any part of it when one is changed.

use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    domain::indicator::{Action, Function, Indicator, Kind},
    emulator::{
        faces::legacy::{
            address::{self, Set},
            definition_fields::set,
            payload::{Nullable, Problems, Sent},
            refusal::Refusal,
            vocabulary::{self, FUNCTION, FUNCTIONS, KINDS, TYPE},
        },
        tenant::publishing::Placed,
    },
};

/// The member that names the definition.
const BIND: &str = "AlertDefinition@odata.bind";

/// Longer values than this are refused whatever the knobs say, so that memory stays bounded.
const LONGEST_VALUE: usize = 2048;

/// The fields that were sent.
#[derive(Debug, Default)]
pub(super) struct IndicatorFields {
    kind: Option<Kind>,
    value: Option<String>,
    function: Option<Function>,
    expires_at: Option<Nullable<Timestamp>>,
    enabled: Option<bool>,
    definition: Option<i64>,
}

impl IndicatorFields {
    pub(super) fn parse(members: &Map<String, Value>, argument: &str) -> Result<Self, Refusal> {
        let sent = Sent::new(members, Set::IndicatorsOfCompromise, argument)?;
        let link = sent.annotation(BIND);
        let definition = link.and_then(address::linked_definition);
        if sent.has(BIND) && definition.is_none() {
            let mut problems = Problems::new(argument);
            let given = link.unwrap_or("(no text)");
            problems.add("AlertDefinition", &format!("The link '{given}' does not lead to an AlertDefinition."));
            return problems.or(None);
        }
        Ok(Self {
            kind: sent.member("Type", &TYPE)?.map(|member| KINDS[member]),
            value: sent.text("Value")?.map(|text| text.trim().to_owned()),
            function: sent.member("DetectionFunction", &FUNCTION)?.map(|member| FUNCTIONS[member]),
            expires_at: sent.moment("ExpiresAt")?,
            enabled: sent.flag("Enabled")?,
            definition,
        })
    }

    /// A whole indicator. Every documented sample of a creation holds all of these fields but the expiry.
    pub(super) fn whole(self, argument: &str, validate: bool) -> Result<Placed, Refusal> {
        let mut problems = Problems::new(argument);
        let kind = problems.required("Type", self.kind, |_| false);
        let value = problems.required("Value", self.value, String::is_empty);
        let function = problems.required("DetectionFunction", self.function, |_| false);
        let enabled = problems.required("Enabled", self.enabled, |_| false);
        let definition = problems.required("AlertDefinition", self.definition, |_| false);
        let made = (|| {
            let indicator = Indicator {
                kind: kind?,
                value: value?,
                function: function?,
                action: Action::Audit,
                expires_at: self.expires_at.and_then(Nullable::into_option),
                enabled: enabled?,
            };
            Some(Placed { indicator, definition: definition? })
        })();
        if let Some(placed) = &made {
            check(&placed.indicator, validate, &mut problems);
        }
        problems.or(made)
    }

    /// `placed` with the fields that were sent.
    pub(super) fn changed(self, mut placed: Placed, argument: &str, validate: bool) -> Result<Placed, Refusal> {
        let mut problems = Problems::new(argument);
        let indicator = &mut placed.indicator;
        set(&mut indicator.kind, self.kind);
        set(&mut indicator.value, self.value);
        set(&mut indicator.function, self.function);
        set(&mut indicator.expires_at, self.expires_at.map(Nullable::into_option));
        set(&mut indicator.enabled, self.enabled);
        set(&mut placed.definition, self.definition);
        problems.required("Value", Some(&placed.indicator.value), |value| value.is_empty());
        check(&placed.indicator, validate, &mut problems);
        problems.or(Some(placed))
    }
}

/// Whether the value has the form that its type and function demand, where that is to be checked.
fn check(indicator: &Indicator, validate: bool, problems: &mut Problems) {
    problems.bounded("Value", Some(&indicator.value), LONGEST_VALUE);
    let Indicator { kind, value, function, .. } = indicator;
    let whole = *function == Function::Equals;
    if validate && !value.is_empty() && !is_good(*kind, value, whole) {
        let kind = TYPE.members[vocabulary::place(&KINDS, kind)];
        problems.add("Value", &format!("The value '{value}' is not valid for the type {kind}."));
    }
}

fn is_good(kind: Kind, value: &str, whole: bool) -> bool {
    let hash = |digits: usize| {
        let length = if whole { value.len() == digits } else { value.len() <= digits };
        length && value.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    match kind {
        Kind::Sha1 => hash(40),
        Kind::Sha256 => hash(64),
        Kind::Md5 => hash(32),
        Kind::IpAddress if whole => value.parse::<IpAddr>().is_ok(),
        Kind::IpAddress => value.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':')),
        Kind::DomainName => is_domain(value, whole),
        // The API has no such type: its metadata does not name it.
        Kind::Url => false,
    }
}

fn is_domain(value: &str, whole: bool) -> bool {
    let letters = value.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let labels = value.trim_end_matches('.').split('.').all(|label| (1..=63).contains(&label.len()));
    letters && value.len() <= 253 && (labels || !whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_checked_by_type_and_function() {
        let sha1 = "0123456789abcdef0123456789ABCDEF01234567";
        for (kind, value, whole, good) in [
            (Kind::Sha1, sha1, true, true),
            (Kind::Sha1, &sha1[1..], true, false),
            (Kind::Sha1, &sha1[1..], false, true),
            (Kind::Sha256, sha1, true, false),
            (Kind::Md5, "0123456789abcdef0123456789abcdeg", true, false),
            (Kind::IpAddress, "52.184.197.12", true, true),
            (Kind::IpAddress, "2001:db8::1", true, true),
            (Kind::IpAddress, "52.184.197.0/24", true, false),
            (Kind::IpAddress, "52.184.197.300", true, false),
            (Kind::IpAddress, "52.184.", false, true),
            (Kind::DomainName, "www.evil.example", true, true),
            (Kind::DomainName, "http://evil.example/", true, false),
            (Kind::DomainName, "evil..example", true, false),
            (Kind::DomainName, ".example", false, true),
        ] {
            assert_eq!(is_good(kind, value, whole), good, "{kind} {value}");
        }
    }
}

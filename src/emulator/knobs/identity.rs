//! The knobs of the emulated identity platform.

use std::time::Duration;

use serde_json::{Value, json};

use crate::emulator::knobs::{
    Knob,
    read::{count, seconds, seconds_json, switch},
};

/// The knobs. [`super::Knobs::documentation`] says what each means.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[expect(missing_docs, reason = "each field is documented, with its source, in the table below")]
pub struct Identity {
    pub role_lag: Duration,
    pub error_on_lines: bool,
    pub error_uri: bool,
    pub scope_error: u32,
    pub shared_tenant_error: Option<u32>,
    pub one_federated_error: bool,
    pub repeated_assertions: bool,
    pub repeats: usize,
}

impl Default for Identity {
    fn default() -> Self {
        Self {
            role_lag: Duration::ZERO,
            error_on_lines: false,
            error_uri: true,
            scope_error: 1_002_012,
            shared_tenant_error: None,
            one_federated_error: false,
            repeated_assertions: true,
            repeats: 0,
        }
    }
}

pub(super) const KNOBS: [Knob; 8] = [
    Knob {
        name: "roleLagSeconds",
        meaning: "from a change of the application's roles until new tokens carry it",
        sureness: "C: that there is a delay is known, how long it is is not",
        get: |knobs| seconds_json(knobs.identity.role_lag),
        set: |knobs, value| seconds(value).map(|span| knobs.identity.role_lag = span),
    },
    Knob {
        name: "tokenErrorOnLines",
        meaning: "whether the parts of a token error's text stand on lines of their own, and not in one line",
        sureness: "B: both are recorded, from 2019 to 2026; one line is the newer",
        get: |knobs| json!(knobs.identity.error_on_lines),
        set: |knobs, value| switch(value).map(|on| knobs.identity.error_on_lines = on),
    },
    Knob {
        name: "tokenErrorUri",
        meaning: "whether a token error has an `error_uri`",
        sureness: "A: present where the lookup page knows more of the error; absent in recordings of 2018",
        get: |knobs| json!(knobs.identity.error_uri),
        set: |knobs, value| switch(value).map(|on| knobs.identity.error_uri = on),
    },
    Knob {
        name: "scopeErrorCode",
        meaning: "how a scope that does not end with /.default is refused: 1002012, 70011 or 28002",
        sureness: "B: all three are recorded",
        get: |knobs| json!(knobs.identity.scope_error),
        set: |knobs, value| code(value, &[1_002_012, 70_011, 28_002]).map(|code| knobs.identity.scope_error = code),
    },
    Knob {
        name: "sharedTenantErrorCode",
        meaning: "how a tenant of common, consumers or organizations is refused: 9001023, 90130 or 50194; null for \
                  9001023 to the first two and 50194 to the last",
        sureness: "B that it is refused, C for which code answers which",
        get: |knobs| json!(knobs.identity.shared_tenant_error),
        set: |knobs, value| {
            let read = if value.is_null() { Ok(None) } else { code(value, &[9_001_023, 90_130, 50_194]).map(Some) };
            read.map(|code| knobs.identity.shared_tenant_error = code)
        },
    },
    Knob {
        name: "oneFederatedError",
        meaning: "whether an assertion that no federated credential matches is refused with 70021, whatever differs, \
                  and not with 700211 (issuer), 700212 (audience) or 700213 (subject)",
        sureness: "A: 70021 is recorded until 2023, the others since 2024",
        get: |knobs| json!(knobs.identity.one_federated_error),
        set: |knobs, value| switch(value).map(|on| knobs.identity.one_federated_error = on),
    },
    Knob {
        name: "repeatedAssertions",
        meaning: "whether an assertion that was taken once is taken again, or one without a `jti` at all",
        sureness: "C: a unique `jti` is documented, what becomes of another is not",
        get: |knobs| json!(knobs.identity.repeated_assertions),
        set: |knobs, value| switch(value).map(|on| knobs.identity.repeated_assertions = on),
    },
    Knob {
        name: "identicalTokenRequests",
        meaning: "how many requests for the same token are answered within five minutes; more are refused with 429 and \
                  50196. 0 for any number",
        sureness: "B that there is a bound and how it is answered, C for the number: none is published",
        get: |knobs| json!(knobs.identity.repeats),
        set: |knobs, value| {
            let most = count(value).and_then(|count| match count {
                0..=1_000 => Ok(count),
                _ => Err("expected a whole number from 0 to 1000".to_owned()),
            });
            most.map(|count| knobs.identity.repeats = count)
        },
    },
];

fn code(value: &Value, known: &[u32]) -> Result<u32, String> {
    let code = value.as_u64().and_then(|code| u32::try_from(code).ok()).filter(|code| known.contains(code));
    code.ok_or_else(|| {
        let known: Vec<_> = known.iter().map(u32::to_string).collect();
        format!("expected one of {}", known.join(", "))
    })
}

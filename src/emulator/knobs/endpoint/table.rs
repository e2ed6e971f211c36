//! What each knob of the Defender for Endpoint API means.

use serde_json::{Value, json};

use crate::emulator::knobs::{
    Knob,
    endpoint::choice::{
        AUDIENCES, FILE_BLOCK_ALERT, LEGACY_ACTIONS, NETWORK_AUDIT_TITLE, NETWORK_PROTECTION, RETRY_AFTER, choice, word,
    },
    read::{count, range, range_json, seconds, seconds_json, switch},
};

pub(in crate::emulator::knobs) const KNOBS: &[Knob] = &[
    Knob {
        name: "networkEnforcementSeconds",
        meaning: "from acceptance of an indicator of an address, domain or URL, or a change of one, until \
                  devices enforce it",
        sureness: "A: usually under 2 hours, up to 48 (indicator-ip-domain); C for the shortest",
        get: |knobs| range_json(knobs.endpoint.network_enforcement),
        set: |knobs, value| range(value).map(|range| knobs.endpoint.network_enforcement = range),
    },
    Knob {
        name: "fileEnforcementSeconds",
        meaning: "from acceptance of an indicator of a file, or a change of one, until devices enforce it",
        sureness: "A: 15 minutes, 30 on average, up to 2 hours (indicator-file)",
        get: |knobs| range_json(knobs.endpoint.file_enforcement),
        set: |knobs, value| range(value).map(|range| knobs.endpoint.file_enforcement = range),
    },
    Knob {
        name: "enforcementRemovalSeconds",
        meaning: "from a deletion or expiry of an indicator until devices no longer enforce it",
        sureness: "A for files: as long as its coming (indicator-file); B for the others",
        get: |knobs| range_json(knobs.endpoint.enforcement_removal),
        set: |knobs, value| range(value).map(|range| knobs.endpoint.enforcement_removal = range),
    },
    Knob {
        name: "networkAlertSeconds",
        meaning: "from a connection until the alert of a custom indicator can be read",
        sureness: "B: 194 and 249 seconds in a tenant of 2023",
        get: |knobs| range_json(knobs.endpoint.network_alert),
        set: |knobs, value| range(value).map(|range| knobs.endpoint.network_alert = range),
    },
    Knob {
        name: "fileAlertSeconds",
        meaning: "from a file until the alert of a custom indicator can be read",
        sureness: "B: 166 and 168 seconds in a tenant of 2023",
        get: |knobs| range_json(knobs.endpoint.file_alert),
        set: |knobs, value| range(value).map(|range| knobs.endpoint.file_alert = range),
    },
    Knob {
        name: "customIndicatorQuota",
        meaning: "how many custom indicators the tenant may hold",
        sureness: "A: 15000 (post-ti-indicator); C for the words of the refusal",
        get: |knobs| json!(knobs.endpoint.custom_quota),
        set: |knobs, value| count(value).map(|count| knobs.endpoint.custom_quota = count),
    },
    Knob {
        name: "networkProtection",
        meaning: "what network protection of every device is set to: off, audit or block; only block lets \
                  custom indicators of networks work for other programs than Edge",
        sureness: "A: audit is not enough, and off is what devices come with (indicator-ip-domain); block is \
                  a device that is set up",
        get: |knobs| word(NETWORK_PROTECTION, knobs.endpoint.network_protection),
        set: |knobs, value| choice(NETWORK_PROTECTION, value).map(|chosen| knobs.endpoint.network_protection = chosen),
    },
    Knob {
        name: "customNetworkIndicators",
        meaning: "whether the tenant has custom network indicators switched on",
        sureness: "A that there is the switch (advanced-features)",
        get: |knobs| json!(knobs.endpoint.network_feature),
        set: |knobs, value| switch(value).map(|on| knobs.endpoint.network_feature = on),
    },
    Knob {
        name: "allowOrBlockFile",
        meaning: "whether the tenant has allowing and blocking of files switched on",
        sureness: "A that there is the switch (advanced-features)",
        get: |knobs| json!(knobs.endpoint.file_feature),
        set: |knobs, value| switch(value).map(|on| knobs.endpoint.file_feature = on),
    },
    Knob {
        name: "networkAuditTitle",
        meaning: "the title of the alert of an audited address, domain or URL: fixed, the one that blocked \
                  ones were seen to have, or own, the indicator's",
        sureness: "B for blocked ones (a tenant of 2023), C for audited ones",
        get: |knobs| word(NETWORK_AUDIT_TITLE, knobs.endpoint.network_audit_title),
        set: |knobs, value| {
            choice(NETWORK_AUDIT_TITLE, value).map(|chosen| knobs.endpoint.network_audit_title = chosen)
        },
    },
    Knob {
        name: "fileBlockAlert",
        meaning: "what the alert of a file that is blocked or warned of says: engine, what the antivirus \
                  engine says, or own, what the indicator says",
        sureness: "A that it is generic and informational (indicators-overview), B for the words (users of 2023)",
        get: |knobs| word(FILE_BLOCK_ALERT, knobs.endpoint.file_block_alert),
        set: |knobs, value| choice(FILE_BLOCK_ALERT, value).map(|chosen| knobs.endpoint.file_block_alert = chosen),
    },
    Knob {
        name: "allowSilencesFileAudit",
        meaning: "whether an indicator that allows a file silences one that audits it",
        sureness: "B that it does not: an audited file was alerted although an allowing twin existed (a \
                  tenant of 2023)",
        get: |knobs| json!(knobs.endpoint.allow_silences_file_audit),
        set: |knobs, value| switch(value).map(|on| knobs.endpoint.allow_silences_file_audit = on),
    },
    Knob {
        name: "legacyActions",
        meaning: "what becomes of the actions Alert and AlertAndBlock: accept keeps them, rewrite makes \
                  Audit and BlockAndRemediate of them, refuse is 400",
        sureness: "C: supported until January 2022 only, but still in the list of values (ti-indicator)",
        get: |knobs| word(LEGACY_ACTIONS, knobs.endpoint.legacy_actions),
        set: |knobs, value| choice(LEGACY_ACTIONS, value).map(|chosen| knobs.endpoint.legacy_actions = chosen),
    },
    Knob {
        name: "acceptFileMd5",
        meaning: "whether indicators of the type FileMd5 are accepted",
        sureness: "B: documented, but one client says that they are refused",
        get: |knobs| json!(knobs.endpoint.file_md5),
        set: |knobs, value| switch(value).map(|on| knobs.endpoint.file_md5 = on),
    },
    Knob {
        name: "acceptNetworkRemediation",
        meaning: "whether the action BlockAndRemediate is accepted for addresses, domains and URLs",
        sureness: "B: the API did in 2023; the portal does not",
        get: |knobs| json!(knobs.endpoint.remediate_network),
        set: |knobs, value| switch(value).map(|on| knobs.endpoint.remediate_network = on),
    },
    Knob {
        name: "acceptPrivateAddresses",
        meaning: "whether indicators of private addresses are accepted",
        sureness: "A that they are not supported (indicator-ip-domain), C that they are refused",
        get: |knobs| json!(knobs.endpoint.private_addresses),
        set: |knobs, value| switch(value).map(|on| knobs.endpoint.private_addresses = on),
    },
    Knob {
        name: "acceptPastExpiry",
        meaning: "whether indicators whose time is over are accepted; they are gone at once",
        sureness: "C: nothing is published",
        get: |knobs| json!(knobs.endpoint.past_expiry),
        set: |knobs, value| switch(value).map(|on| knobs.endpoint.past_expiry = on),
    },
    Knob {
        name: "generateAlertDefault",
        meaning: "whether an indicator raises alerts when its maker does not say so",
        sureness: "C: one client's help says that it does",
        get: |knobs| json!(knobs.endpoint.generate_alert_default),
        set: |knobs, value| switch(value).map(|on| knobs.endpoint.generate_alert_default = on),
    },
    Knob {
        name: "acceptUnknownGroups",
        meaning: "whether indicators for device groups that the tenant does not have are accepted",
        sureness: "C: nothing is published",
        get: |knobs| json!(knobs.endpoint.unknown_groups),
        set: |knobs, value| switch(value).map(|on| knobs.endpoint.unknown_groups = on),
    },
    Knob {
        name: "indicatorDeleteStatus",
        meaning: "how the deletion of an indicator is answered: 204 or 200, both without a body",
        sureness: "A for 204 (delete-ti-indicator-by-id), B for 200 (recorded in 2024)",
        get: |knobs| json!(knobs.endpoint.delete_status),
        set: |knobs, value| delete_status(value).map(|status| knobs.endpoint.delete_status = status),
    },
    Knob {
        name: "indicatorById",
        meaning: "whether an indicator can be asked for by its id; 405 otherwise",
        sureness: "C: no page documents it",
        get: |knobs| json!(knobs.endpoint.indicator_by_id),
        set: |knobs, value| switch(value).map(|on| knobs.endpoint.indicator_by_id = on),
    },
    Knob {
        name: "endpointAudiences",
        meaning: "whose tokens the API takes: defender, for any of its names; former, for \
                  api.securitycenter.microsoft.com alone; any",
        sureness: "A that some calls insist on the former name (exposed-apis-create-app-webapp), C for which",
        get: |knobs| word(AUDIENCES, knobs.endpoint.audiences),
        set: |knobs, value| choice(AUDIENCES, value).map(|chosen| knobs.endpoint.audiences = chosen),
    },
    Knob {
        name: "endpointQuotas",
        meaning: "how often the API may be called: false for no limit, true for the documented ones, or an \
                  object of [calls a minute, calls an hour] by family",
        sureness: "A for the numbers, B that they count by application",
        get: |knobs| knobs.endpoint.quotas.to_json(),
        set: |knobs, value| knobs.endpoint.quotas.changed(value).map(|quotas| knobs.endpoint.quotas = quotas),
    },
    Knob {
        name: "endpointRetryAfter",
        meaning: "how a refusal for too many calls says when to come back: whole or fractional seconds, or absent",
        sureness: "A for whole seconds (common-errors); C for the others",
        get: |knobs| word(RETRY_AFTER, knobs.endpoint.retry_after),
        set: |knobs, value| choice(RETRY_AFTER, value).map(|chosen| knobs.endpoint.retry_after = chosen),
    },
    Knob {
        name: "endpointPageSize",
        meaning: "how many entities a page of a list holds",
        sureness: "B: ten thousand is the largest $top; the standard is not published",
        get: |knobs| json!(knobs.endpoint.page_size),
        set: |knobs, value| page(value).map(|size| knobs.endpoint.page_size = size),
    },
    Knob {
        name: "documentedFiltersOnly",
        meaning: "whether $filter takes only the properties that are documented for it",
        sureness: "A for which they are (get-alerts and others), C that others are refused",
        get: |knobs| json!(knobs.endpoint.documented_filters_only),
        set: |knobs, value| switch(value).map(|on| knobs.endpoint.documented_filters_only = on),
    },
    Knob {
        name: "liveResponse",
        meaning: "whether the tenant has live response switched on",
        sureness: "A that there is the switch (advanced-features)",
        get: |knobs| json!(knobs.endpoint.live_response),
        set: |knobs, value| switch(value).map(|on| knobs.endpoint.live_response = on),
    },
    Knob {
        name: "automationLevel",
        meaning: "whether the devices' group has an automation level, which live response demands",
        sureness: "B: users of 2021",
        get: |knobs| json!(knobs.endpoint.automation_level),
        set: |knobs, value| switch(value).map(|on| knobs.endpoint.automation_level = on),
    },
    Knob {
        name: "liveResponseSeconds",
        meaning: "from the request for live response or another action until the device has done a command",
        sureness: "C: nothing is published",
        get: |knobs| range_json(knobs.endpoint.live_response_time),
        set: |knobs, value| range(value).map(|range| knobs.endpoint.live_response_time = range),
    },
    Knob {
        name: "liveResponseQueueSeconds",
        meaning: "how long live response waits for a device that does not report",
        sureness: "A: 2 hours (run-live-response, 2025); it was 3 days before",
        get: |knobs| seconds_json(knobs.endpoint.live_response_queue),
        set: |knobs, value| seconds(value).map(|span| knobs.endpoint.live_response_queue = span),
    },
    Knob {
        name: "liveResponseSessions",
        meaning: "how many live response sessions the tenant may have at once",
        sureness: "A: 50 (run-live-response, 2025); it was 25 before",
        get: |knobs| json!(knobs.endpoint.live_response_sessions),
        set: |knobs, value| count(value).map(|count| knobs.endpoint.live_response_sessions = count),
    },
];

fn delete_status(value: &Value) -> Result<u16, String> {
    match value.as_u64() {
        Some(200) => Ok(200),
        Some(204) => Ok(204),
        _ => Err("expected 204 or 200".to_owned()),
    }
}

fn page(value: &Value) -> Result<usize, String> {
    count(value).ok().filter(|size| (1..=10_000).contains(size)).ok_or_else(|| "expected 1 to 10000".to_owned())
}

//! Knobs of the Defender for Endpoint API, and of what its indicators do on a device.
//!
//! In reading order: this file (the values), `table` (what each means, and how sure its default is), `choice` (those
//! that are one of a few words), `quotas` (how often the API may be called).

mod choice;
mod quotas;
mod table;

use std::time::Duration;

use crate::emulator::knobs::Range;
pub(super) use crate::emulator::knobs::endpoint::table::KNOBS;
pub use crate::emulator::knobs::endpoint::{
    choice::{Audiences, FileBlockAlert, LegacyActions, NetworkAuditTitle, NetworkProtection, RetryAfter},
    quotas::{Family, Quota, Quotas},
};

/// The knobs of this part. Each field is documented in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is documented, with its source, in the table")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Knobs {
    pub network_enforcement: Range,
    pub file_enforcement: Range,
    pub enforcement_removal: Range,
    pub network_alert: Range,
    pub file_alert: Range,
    pub custom_quota: usize,
    pub network_protection: NetworkProtection,
    pub network_feature: bool,
    pub file_feature: bool,
    pub network_audit_title: NetworkAuditTitle,
    pub file_block_alert: FileBlockAlert,
    pub allow_silences_file_audit: bool,
    pub legacy_actions: LegacyActions,
    pub file_md5: bool,
    pub remediate_network: bool,
    pub private_addresses: bool,
    pub past_expiry: bool,
    pub generate_alert_default: bool,
    pub unknown_groups: bool,
    pub delete_status: u16,
    pub indicator_by_id: bool,
    pub audiences: Audiences,
    pub quotas: Quotas,
    pub retry_after: RetryAfter,
    pub page_size: usize,
    pub documented_filters_only: bool,
    pub live_response: bool,
    pub automation_level: bool,
    pub live_response_time: Range,
    pub live_response_queue: Duration,
    pub live_response_sessions: usize,
}

impl Default for Knobs {
    fn default() -> Self {
        let between = |min, max| Range { min: Duration::from_secs(min), max: Duration::from_secs(max) };
        Self {
            network_enforcement: between(900, 7200),
            file_enforcement: between(900, 7200),
            enforcement_removal: between(900, 7200),
            network_alert: between(190, 250),
            file_alert: between(165, 170),
            custom_quota: 15_000,
            network_protection: NetworkProtection::Block,
            network_feature: true,
            file_feature: true,
            network_audit_title: NetworkAuditTitle::Fixed,
            file_block_alert: FileBlockAlert::Engine,
            allow_silences_file_audit: false,
            legacy_actions: LegacyActions::Accept,
            file_md5: true,
            remediate_network: true,
            private_addresses: false,
            past_expiry: false,
            generate_alert_default: true,
            unknown_groups: true,
            delete_status: 204,
            indicator_by_id: false,
            audiences: Audiences::Defender,
            quotas: Quotas::default(),
            retry_after: RetryAfter::Whole,
            page_size: 10_000,
            documented_filters_only: true,
            live_response: true,
            automation_level: true,
            live_response_time: between(20, 90),
            live_response_queue: Duration::from_hours(2),
            live_response_sessions: 50,
        }
    }
}

/// Adds a value other than the standard one for every knob of this part.
#[cfg(test)]
pub(super) fn every_other_value(change: &mut serde_json::Value) {
    let span = serde_json::json!({"min": 1, "max": 2});
    let mut quotas = Quotas::default().to_json();
    quotas["hunting"] = serde_json::json!([null, 7]);
    let others = serde_json::json!({
        "networkEnforcementSeconds": span, "fileEnforcementSeconds": span, "enforcementRemovalSeconds": span,
        "networkAlertSeconds": span, "fileAlertSeconds": span, "customIndicatorQuota": 3, "networkProtection": "audit",
        "customNetworkIndicators": false, "allowOrBlockFile": false, "networkAuditTitle": "own",
        "fileBlockAlert": "own", "allowSilencesFileAudit": true, "legacyActions": "refuse", "acceptFileMd5": false,
        "acceptNetworkRemediation": false, "acceptPrivateAddresses": true, "acceptPastExpiry": true,
        "generateAlertDefault": false, "acceptUnknownGroups": false, "indicatorDeleteStatus": 200, "indicatorById": true,
        "endpointAudiences": "former", "endpointQuotas": quotas, "endpointRetryAfter": "absent",
        "endpointPageSize": 5, "documentedFiltersOnly": false, "liveResponse": false, "automationLevel": false,
        "liveResponseSeconds": span, "liveResponseQueueSeconds": 6, "liveResponseSessions": 2
    });
    if let (Some(change), serde_json::Value::Object(others)) = (change.as_object_mut(), others) {
        change.extend(others);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::emulator::knobs::Knobs;

    #[test]
    fn quotas_are_switched_off_changed_one_by_one_and_restored() {
        let knobs = Knobs::default().with(&json!({"endpointQuotas": false})).expect("no limits");
        assert_eq!(knobs.endpoint.quotas.of(Family::Hunting), Quota { minute: None, hour: None });
        let knobs = knobs.with(&json!({"endpointQuotas": {"alerts": [5, null]}})).expect("one limit");
        assert_eq!(knobs.endpoint.quotas.of(Family::Alerts), Quota { minute: Some(5), hour: None });
        assert_eq!(knobs.endpoint.quotas.of(Family::Hunting).minute, None);
        let knobs = knobs.with(&json!({"endpointQuotas": true})).expect("the documented ones");
        assert_eq!(knobs.endpoint.quotas, Quotas::default());
        for bad in [json!(1), json!({"nobody": [1, 1]}), json!({"alerts": [1]}), json!({"alerts": [-1, 1]})] {
            assert!(knobs.with(&json!({"endpointQuotas": bad})).is_err(), "{bad}");
        }
    }
}

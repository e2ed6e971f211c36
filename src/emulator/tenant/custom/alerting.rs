//! From an event to the alerts of the custom indicators that it touches.
//!
//! What such an alert says depends on the action and on what the indicator looks for. Documented: `Audit` raises one
//! with the indicator's severity, `Block` and `Warn` a generic and informational one, `Allowed` none. Recorded in 2023:
//! the fixed title of networks' alerts, and the own title of a file's that was blocked and remediated.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    domain::alert_definition::Severity,
    emulator::{
        detection::Activity,
        knobs::{
            Range,
            endpoint::{FileBlockAlert, NetworkAuditTitle, NetworkProtection},
        },
        noise, propagation,
        tenant::{
            Tenant,
            alerts::{Alert, Origin},
            custom::{
                Action, Custom,
                verdict::{Decision, Verdict, judge},
            },
            devices::Device,
            evidence::Entity,
            observing::{Merging, Seen, raise_or_join, readable_at, ticks},
        },
    },
};

/// The detectors of 2023.
const NETWORK_DETECTOR: &str = "08dfd06f-d2e2-4049-899f-67b406311d84";
const FILE_DETECTOR: &str = "360fdb3b-18a9-471b-9ad0-ad80a4cbcb00";

/// What the alert of a network's indicator says, whatever the indicator says.
const NETWORK_TITLE: &str = "Connection to a custom network indicator";
const NETWORK_DESCRIPTION: &str = "An endpoint has connected to a URL or domain in your list of custom indicators.";
const NETWORK_CATEGORY: &str = "CommandAndControl";

/// What the antivirus engine says of a file that an indicator has it block. The title was reported by users in 2023;
/// the description is a convention of the emulator.
const ENGINE_TITLE: &str = "'CustomEnterpriseBlockOnly' malware was prevented";
const ENGINE_DESCRIPTION: &str = "A file that a custom indicator blocks was prevented from running.";
/// What raises the engine's alerts.
pub(in crate::emulator) const ENGINE: &str = "WindowsDefenderAv";

/// The one category whose number is known is 1; every other number is taken for it, too.
const CATEGORY: &str = "SuspiciousActivity";

/// Whether this program reads the web with protection of its own.
pub(in crate::emulator) fn is_edge(process: &str) -> bool {
    process.eq_ignore_ascii_case("msedge.exe")
}

/// An alert that nobody touched was last written one to three seconds after it was made.
const WRITING: Range = Range { min: Duration::from_secs(1), max: Duration::from_secs(3) };

/// An event raises no more alerts: one host may be looked for by thousands of indicators.
const ALERTS_AN_EVENT: usize = 64;

/// How an alert reads.
struct Look {
    title: String,
    description: String,
    severity: Severity,
    category: &'static str,
    source: &'static str,
    detector: String,
    /// Whether the alert's id is a GUID, as that of the cloud's and the engine's are, or the moment of its making.
    by_guid: bool,
}

/// Raises what `seen` calls for. Returns the ids of what was raised or joined.
pub(in crate::emulator::tenant) fn raise(tenant: &mut Tenant, seen: &Seen<'_>) -> Vec<String> {
    let verdict = verdict(tenant, &seen.device, &seen.event.activity, seen.now);
    let handling = &tenant.knobs.handling;
    let merging = Merging { window: handling.grouping, shown_after: handling.extension };
    let mut raised = Vec::new();
    for (id, custom) in verdict.alerting.into_iter().take(ALERTS_AN_EVENT) {
        let alert = alert(tenant, seen, id, &custom);
        raised.extend(raise_or_join(tenant, alert, merging));
    }
    raised
}

impl Tenant {
    /// Whether the device of this name is kept from what it is about to do at `now`: what is warned of is, until a
    /// person says otherwise, and nobody does.
    pub fn blocks(&self, device: &str, activity: &Activity, now: Timestamp) -> bool {
        let Some(device) = self.device(device).filter(|device| device.onboarded) else { return false };
        let decision = verdict(self, device, activity, now).decision;
        matches!(decision, Some(Decision::Blocked | Decision::Warned))
    }
}

fn verdict(tenant: &Tenant, device: &Device, activity: &Activity, now: Timestamp) -> Verdict {
    if !is_watched(tenant, activity) {
        return Verdict { decision: None, alerting: Vec::new() };
    }
    let mut touched = tenant.customs.enforced(activity, now);
    touched.retain(|(_, custom)| !custom.is_scoped() || device.group.as_ref().is_some_and(|group| group.is_of(custom)));
    let network = matches!(activity, Activity::Connection { .. });
    judge(&touched, network || tenant.knobs.endpoint.allow_silences_file_audit)
}

/// Whether custom indicators work at all for what the device does.
fn is_watched(tenant: &Tenant, activity: &Activity) -> bool {
    let knobs = &tenant.knobs.endpoint;
    match activity {
        Activity::Connection { process, .. } => {
            let protected = knobs.network_protection == NetworkProtection::Block || is_edge(process);
            knobs.network_feature && protected
        }
        Activity::File { .. } => knobs.file_feature,
    }
}

fn alert(tenant: &Tenant, seen: &Seen<'_>, id: i64, custom: &Custom) -> Alert {
    let network = custom.kind.is_network();
    let range = if network { tenant.knobs.endpoint.network_alert } else { tenant.knobs.endpoint.file_alert };
    let visible_at = readable_at(tenant, seen, range);
    let activity = seen.event.activity.clone();
    let alert = Alert::new(Origin::Indicator(id), seen.device.clone(), activity, seen.now, visible_at);
    let look = look(tenant, custom);
    let handling = &tenant.knobs.handling;
    let parts = ["writing", &id.to_string(), &visible_at.to_string()];
    let resolves = !network && look.source != ENGINE && !handling.resolution.is_zero();
    Alert {
        group: format!("custom indicator {id}"),
        detector: look.detector,
        title: look.title,
        description: look.description,
        severity: look.severity.as_str().to_owned(),
        category: look.category.to_owned(),
        source: look.source.to_owned(),
        recommended_action: custom.recommended_actions.clone(),
        techniques: if network { Vec::new() } else { custom.techniques.clone() },
        evidence_at: propagation::after(visible_at, handling.evidence),
        written_at: propagation::after(visible_at, propagation::draw(WRITING, tenant.seed, &parts)),
        resolves_at: resolves.then(|| propagation::after(visible_at, handling.resolution)),
        entities: entities(&alert, &seen.device),
        id: new_id(tenant, seen, (id, visible_at), look.by_guid),
        ..alert
    }
}

fn new_id(tenant: &Tenant, seen: &Seen<'_>, (id, made_at): (i64, Timestamp), by_guid: bool) -> String {
    let parts = ["custom alert", &id.to_string(), &seen.device.id, &seen.event.activity.key(), &seen.now.to_string()];
    if by_guid {
        return format!("{}_1", noise::guid(tenant.seed, &parts));
    }
    let number = noise::number(tenant.seed, &parts).to_le_bytes();
    format!("{}_{}", ticks(made_at), i32::from_le_bytes([number[0], number[1], number[2], number[3]]))
}

/// What is named by itself, and who was at the device.
fn entities(alert: &Alert, device: &Device) -> Vec<Entity> {
    let (account, domain) = device.user();
    let mut entities = alert.entities.clone();
    entities.push(Entity::User { account, domain });
    entities
}

fn look(tenant: &Tenant, custom: &Custom) -> Look {
    let action = custom.action.of_today();
    let own = Look {
        title: custom.title.clone(),
        description: custom.description.clone(),
        severity: custom.severity,
        category: CATEGORY,
        source: "CustomerTI",
        detector: FILE_DETECTOR.to_owned(),
        by_guid: false,
    };
    if custom.kind.is_network() {
        let audit = action == Action::Audit;
        let own_text = audit && tenant.knobs.endpoint.network_audit_title == NetworkAuditTitle::Own;
        return Look {
            title: if own_text { own.title } else { NETWORK_TITLE.to_owned() },
            description: if own_text { own.description } else { NETWORK_DESCRIPTION.to_owned() },
            severity: if audit { custom.severity } else { Severity::Informational },
            category: NETWORK_CATEGORY,
            detector: NETWORK_DETECTOR.to_owned(),
            by_guid: true,
            ..own
        };
    }
    let generic = matches!(action, Action::Block | Action::Warn);
    if generic && tenant.knobs.endpoint.file_block_alert == FileBlockAlert::Engine {
        return Look {
            title: ENGINE_TITLE.to_owned(),
            description: ENGINE_DESCRIPTION.to_owned(),
            severity: Severity::Informational,
            category: "Malware",
            source: ENGINE,
            detector: noise::guid(tenant.seed, &["engine"]),
            by_guid: true,
        };
    }
    own
}

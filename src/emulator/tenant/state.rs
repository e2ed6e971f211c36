//! The whole tenant in JSON, for whoever tests against it; never a secret.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    domain::{alert_definition::AlertDefinition, indicator::Indicator},
    emulator::{
        detection::Activity,
        tenant::{
            Tenant,
            alerts::{Alert, Origin},
            custom::Custom,
            devices::{Device, Telemetry},
            handling::Handling,
            publishing::Placed,
            rules::rule::{Status, StoredRule},
            shelf::Stored,
        },
    },
};

impl Tenant {
    /// Everything that the tenant holds at `now`, alerts that cannot be read yet among it.
    pub fn state(&self, now: Timestamp) -> Value {
        let application = &self.application;
        let (certificates, federated) = application.credentials.to_json();
        json!({
            "now": now.to_string(),
            "tenantId": self.id,
            "licensed": self.is_licensed(),
            "application": {
                "clientId": application.client_id(),
                "enabled": application.enabled(),
                "secretExpiredAt": application.expired_at().map(|at| at.to_string()),
                "signIn": application.sign_in().as_str(),
                "certificates": certificates,
                "federatedCredentials": federated,
            },
            "services": self.directory.to_json(now),
            "knobs": self.knobs.to_json(),
            "faults": self.faults.to_json(),
            "devices": self.devices().map(Device::to_json).collect::<Vec<_>>(),
            "definitions": self.definitions().map(|stored| self.definition_json(stored, now)).collect::<Vec<_>>(),
            "indicators": self.indicators().map(|stored| self.indicator_json(stored, now)).collect::<Vec<_>>(),
            "customIndicators": self.customs().map(|stored| self.custom_json(stored, now)).collect::<Vec<_>>(),
            "rules": self.rules(now).map(rule_json).collect::<Vec<_>>(),
            "telemetry": self.telemetry().map(telemetry_json).collect::<Vec<_>>(),
            "alerts": self.alerts.iter().rev().map(|alert| alert_json(alert, now)).collect::<Vec<_>>(),
        })
    }

    fn custom_json(&self, stored: &Stored<Custom>, now: Timestamp) -> Value {
        let custom = &stored.content;
        json!({
            "id": stored.id, "type": custom.kind.as_str(), "value": custom.value, "action": custom.action.as_str(),
            "title": custom.title, "severity": custom.severity.as_str(), "generateAlert": custom.generate_alert,
            "groups": custom.groups, "expiresAt": custom.expires_at.map(|at| at.to_string()),
            "createdBy": stored.created_by, "createdAt": stored.created_at.to_string(),
            "inEffect": self.custom_is_enforced(stored.id, now),
        })
    }

    fn definition_json(&self, stored: &Stored<AlertDefinition>, now: Timestamp) -> Value {
        let definition = &stored.content;
        let in_effect = self.definition_in_effect(stored.id, now) == Some(definition);
        json!({
            "id": stored.id, "name": definition.name, "title": definition.title,
            "severity": definition.severity.as_str(), "category": definition.category,
            "description": definition.ux_description, "enabled": definition.enabled,
            "createdAt": stored.created_at.to_string(), "inEffect": in_effect,
        })
    }

    fn indicator_json(&self, stored: &Stored<Placed>, now: Timestamp) -> Value {
        let placed = &stored.content;
        let in_effect = self.indicators.in_effect(stored.id, now).map(|(_, placed)| placed) == Some(placed);
        let mut json = observable_json(&placed.indicator);
        json["id"] = json!(stored.id);
        json["definition"] = json!(placed.definition);
        json["enabled"] = json!(placed.indicator.enabled);
        json["expiresAt"] = json!(placed.indicator.expires_at.map(|at| at.to_string()));
        json["createdAt"] = json!(stored.created_at.to_string());
        json["inEffect"] = json!(in_effect);
        json
    }
}

impl Device {
    /// The device in JSON.
    pub fn to_json(&self) -> Value {
        json!({"id": self.id, "name": self.name, "onboarded": self.onboarded, "address": self.address.to_string()})
    }
}

fn observable_json(indicator: &Indicator) -> Value {
    json!({"type": indicator.kind.as_str(), "function": indicator.function.as_str(), "value": indicator.value})
}

fn telemetry_json(telemetry: &Telemetry) -> Value {
    let mut json = activity_json(&telemetry.event.activity);
    json["at"] = json!(telemetry.at.to_string());
    json["device"] = json!(telemetry.event.device);
    json
}

fn activity_json(activity: &Activity) -> Value {
    match activity {
        Activity::Connection { host, address, port, url, process } => json!({
            "event": "connection", "host": host, "address": address.map(|address| address.to_string()),
            "port": port, "url": url, "process": process,
        }),
        Activity::File { name, sha1, sha256, md5 } => {
            json!({"event": "file", "name": name, "sha1": sha1, "sha256": sha256, "md5": md5})
        }
    }
}

fn rule_json(stored: &StoredRule) -> Value {
    let rule = &stored.rule;
    json!({
        "id": rule.id, "name": rule.name, "enabled": rule.status == Status::Enabled, "query": rule.query,
        "frequencySeconds": rule.frequency.as_secs(), "createdAt": stored.created_at.to_string(),
        "deletedAt": stored.deleted_at.map(|at| at.to_string()),
        "lastRunAt": stored.last_run.map(|(at, _)| at.to_string()),
        "nextRunAt": stored.next_run.map(|at| at.to_string()),
    })
}

fn origin_json(origin: &Origin) -> Value {
    match origin {
        Origin::Definition(id) => json!({"definition": id}),
        Origin::Indicator(id) => json!({"indicator": id}),
        Origin::Rule(id) => json!({"rule": id}),
        Origin::Caller => json!("caller"),
        Origin::Investigator => json!("investigator"),
    }
}

/// In the emulator's own words, which are neither API's.
fn handling_json(handling: &Handling) -> Value {
    let word = |word: Option<&dyn std::fmt::Debug>| word.map(|word| format!("{word:?}"));
    json!({
        "status": word(Some(&handling.status)),
        "classification": word(handling.classification.as_ref().map(|word| word as _)),
        "determination": word(handling.determination.as_ref().map(|word| word as _)),
        "comments": handling.comments.iter().map(|comment| comment.text.as_str()).collect::<Vec<_>>(),
    })
}

fn alert_json(alert: &Alert, now: Timestamp) -> Value {
    json!({
        "id": alert.id, "origin": origin_json(&alert.origin), "title": alert.title, "severity": alert.severity,
        "category": alert.category, "description": alert.description, "source": alert.source,
        "device": alert.device.name, "event": activity_json(&alert.activity),
        "happenedAt": alert.first_event_at.to_string(), "lastEventAt": alert.last_event_at(now).to_string(),
        "visibleAt": alert.visible_at.to_string(), "visible": alert.visible_at <= now,
        "handling": handling_json(&alert.handling),
        "indicators": alert.parts.iter().map(|part| {
            let mut json = observable_json(&part.indicator);
            json["id"] = json!(part.indicator_id);
            json
        }).collect::<Vec<_>>(),
    })
}

//! What an alert names, each thing with its type.
//!
//! Of an alert that an indicator raised, that is the device and what happened there; of one that a rule raised, what
//! the rule maps and nothing else; of one that somebody asked for, what they named. Members and their order follow the
//! published schema and samples; what the emulated tenant does not know is null.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::emulator::{
    faces::{
        graph::vocabulary::{REMEDIATION, shown},
        written_time,
    },
    tenant::{alerts::Alert, devices::Device, evidence::Entity, rules::entities::Named},
};

/// The things that `alert` names, as they are read at `now`: none before evidence has come in.
pub(super) fn of(alert: &Alert, bears_all: bool, now: Timestamp) -> Vec<Value> {
    let (device, things) = (alert.evidence_has_device(now), alert.evidence_has_things(now));
    let writer = Writer { alert, bears_all };
    if let Some(named) = &alert.named {
        let told = named.iter().filter(|named| if named.is_device() { device } else { things });
        return told.map(|named| writer.named(named)).collect();
    }
    let device = device.then(|| writer.device(&alert.device));
    let entities = alert.entities.iter().filter(|_| things).map(|entity| writer.entity(entity));
    device.into_iter().chain(entities).collect()
}

struct Writer<'a> {
    alert: &'a Alert,
    bears_all: bool,
}

impl Writer<'_> {
    /// A thing of this type, with the members that every one has and its own.
    fn item(&self, name: &str, own: Value) -> Value {
        let mut item = Map::new();
        item.insert("@odata.type".into(), json!(format!("#microsoft.graph.security.{name}")));
        item.insert("createdDateTime".into(), json!(written_time(self.alert.evidence_at)));
        item.insert("verdict".into(), json!("suspicious"));
        item.insert("remediationStatus".into(), json!(shown(&REMEDIATION, "none", self.bears_all)));
        item.insert("remediationStatusDetails".into(), Value::Null);
        for list in ["roles", "detailedRoles", "tags"] {
            item.insert(list.into(), json!([]));
        }
        if let Value::Object(own) = own {
            item.extend(own);
        }
        Value::Object(item)
    }

    fn device(&self, device: &Device) -> Value {
        let (host, domain) = device.name.split_once('.').unwrap_or((&device.name, ""));
        self.item(
            "deviceEvidence",
            json!({
                "firstSeenDateTime": written_time(self.alert.first_event_at), "mdeDeviceId": device.id,
                "azureAdDeviceId": null, "deviceDnsName": device.name, "hostName": host, "ntDomain": null,
                "dnsDomain": text(domain), "osPlatform": "Windows11", "osBuild": 26200, "version": "25H2",
                "healthStatus": if device.onboarded { "active" } else { "inactive" }, "riskScore": "medium",
                "rbacGroupId": device.group.as_ref().map_or(0, |group| group.id),
                "rbacGroupName": device.group.as_ref().map(|group| &group.name),
                "onboardingStatus": if device.onboarded { "onboarded" } else { "canBeOnboarded" },
                "defenderAvStatus": "unknown", "lastIpAddress": device.address.to_string(),
                "lastExternalIpAddress": null, "ipInterfaces": [device.address.to_string()], "vmMetadata": null,
                "loggedOnUsers": [], "resourceAccessEvents": [],
            }),
        )
    }

    fn entity(&self, entity: &Entity) -> Value {
        let device = self.alert.device.id.as_str();
        match entity {
            Entity::File { name, sha1, sha256, md5 } => self.file(Some(device), &File { name, sha1, sha256, md5 }),
            Entity::Process { name } => self.process(Some(device), &File { name, ..File::default() }),
            Entity::Url(url) => self.item("urlEvidence", json!({"url": url})),
            Entity::Ip(address) => self.ip(&address.to_string()),
            Entity::Dns(name) => self.dns(name, None, None),
            Entity::User { account, domain } => self.user(&Account { name: account, domain, ..Account::default() }),
        }
    }

    fn file(&self, device: Option<&str>, file: &File<'_>) -> Value {
        let own = json!({"detectionStatus": "detected", "mdeDeviceId": device, "fileDetails": file.details()});
        self.item("fileEvidence", own)
    }

    fn process(&self, device: Option<&str>, image: &File<'_>) -> Value {
        self.item(
            "processEvidence",
            json!({
                "processId": null, "parentProcessId": null, "processCommandLine": null,
                "processCreationDateTime": null, "parentProcessCreationDateTime": null, "detectionStatus": "detected",
                "mdeDeviceId": device, "imageFile": image.details(), "parentProcessImageFile": null,
                "userAccount": null,
            }),
        )
    }

    fn ip(&self, address: &str) -> Value {
        let own = json!({"ipAddress": address, "countryLetterCode": null, "location": null, "stream": null});
        self.item("ipEvidence", own)
    }

    /// Servers and answers are things of their own here.
    fn dns(&self, name: &str, server: Option<&str>, host: Option<&str>) -> Value {
        let address = |address: Option<&str>| address.map(|address| self.ip(address));
        let own = json!({
            "domainName": name, "dnsServerIp": address(server), "hostIpAddress": address(host), "ipAddresses": [],
        });
        self.item("dnsEvidence", own)
    }

    fn user(&self, account: &Account<'_>) -> Value {
        self.item("userEvidence", json!({"userAccount": account.to_json(), "stream": null}))
    }

    /// A thing that a rule or a caller named.
    fn named(&self, named: &Named) -> Value {
        let get = |identifier: &str| named.get(identifier);
        let or_empty = |identifier: &str| named.get(identifier).unwrap_or_default();
        match named.kind.collection {
            "hosts" => self.host(named),
            "accounts" => self.user(&Account {
                name: or_empty("name"),
                domain: get("ntDomain").or(get("dnsDomain")).unwrap_or_default(),
                sid: get("sid"),
                id: get("aadUserId"),
                upn: get("upn"),
            }),
            "ips" => self.ip(or_empty("address")),
            "urls" => self.item("urlEvidence", json!({"url": or_empty("address")})),
            "files" => {
                let device = Some(self.alert.device.id.as_str()).filter(|id| !id.is_empty());
                self.file(device, &File::of(named))
            }
            "processes" => {
                let device = Some(self.alert.device.id.as_str()).filter(|id| !id.is_empty());
                self.process(device, &File::of(named))
            }
            "dns" => self.dns(or_empty("domainName"), get("serverIp"), get("hostIpAddress")),
            _ => self.rarer(named),
        }
    }

    /// The device that a rule or a caller named: all that is known of it if it is the alert's own, or else what was said.
    fn host(&self, named: &Named) -> Value {
        let device = &self.alert.device;
        let by_id = named.get("deviceId").is_some_and(|id| id.eq_ignore_ascii_case(&device.id));
        let by_name = named.get("name").is_some_and(|name| name.eq_ignore_ascii_case(&device.name));
        if !device.id.is_empty() && (by_id || by_name) {
            return self.device(device);
        }
        let mut item = self.device(&Device { id: String::new(), name: String::new(), ..device.clone() });
        for known in [
            "firstSeenDateTime",
            "deviceDnsName",
            "osPlatform",
            "osBuild",
            "version",
            "rbacGroupId",
            "lastIpAddress",
            "dnsDomain",
        ] {
            item[known] = Value::Null;
        }
        item["mdeDeviceId"] = json!(named.get("deviceId"));
        item["hostName"] = json!(named.get("name").or(named.get("netBiosName")));
        item["ntDomain"] = json!(named.get("ntDomain"));
        item["dnsDomain"] = json!(named.get("dnsDomain"));
        item["ipInterfaces"] = json!([]);
        for unknown in ["healthStatus", "defenderAvStatus"] {
            item[unknown] = json!("unknown");
        }
        item["riskScore"] = json!("none");
        item["onboardingStatus"] = json!("insufficientInfo");
        item
    }

    /// Things that no sensor here reports: their members follow the pages of each type.
    fn rarer(&self, named: &Named) -> Value {
        let get = |identifier: &str| named.get(identifier);
        let (name, own) = match named.kind.collection {
            "mailboxes" => (
                "mailboxEvidence",
                json!({"displayName": null, "primaryAddress": get("primaryAddress"), "upn": null, "userAccount": null}),
            ),
            "mailMessages" => ("analyzedMessageEvidence", message(named)),
            "mailClusters" => (
                "mailClusterEvidence",
                json!({
                    "clusterBy": null, "clusterByValue": null, "emailCount": null, "networkMessageIds": [],
                    "query": get("query"), "urn": null,
                }),
            ),
            "registryKeys" => ("registryKeyEvidence", json!({"registryKey": get("key"), "registryHive": null})),
            "registryValues" => (
                "registryValueEvidence",
                json!({
                    "mdeDeviceId": null, "registryKey": get("key"), "registryHive": null, "registryValue": null,
                    "registryValueName": get("valueName"), "registryValueType": null,
                }),
            ),
            "securityGroups" => (
                "securityGroupEvidence",
                json!({
                    "activeDirectoryObjectGuid": null, "displayName": null,
                    "distinguishedName": get("distinguishedName"), "friendlyName": null,
                    "securityGroupId": get("objectId"), "sid": get("sid"),
                }),
            ),
            collection => resource(collection, named),
        };
        self.item(name, own)
    }
}

fn message(named: &Named) -> Value {
    let get = |identifier: &str| named.get(identifier);
    json!({
        "networkMessageId": get("networkMessageId"), "internetMessageId": null, "subject": get("subject"),
        "language": null, "senderIp": null, "recipientEmailAddress": get("recipient"), "antiSpamDirection": null,
        "deliveryAction": null, "deliveryLocation": null, "urn": null, "threats": [], "threatDetectionMethods": [],
        "urls": [], "urlCount": null, "attachmentsCount": null, "receivedDateTime": null,
        "p1Sender": mail_sender(get("sender")), "p2Sender": null,
    })
}

/// Applications and resources of clouds.
fn resource(collection: &str, named: &Named) -> (&'static str, Value) {
    let get = |identifier: &str| named.get(identifier);
    match collection {
        "cloudApplications" => (
            "cloudApplicationEvidence",
            json!({
                "appId": get("appId").and_then(|id| id.parse::<i64>().ok()), "displayName": get("name"),
                "instanceId": null, "instanceName": null, "saasAppId": null, "stream": null,
            }),
        ),
        "oAuthApplications" => (
            "oauthApplicationEvidence",
            json!({"appId": get("oAuthAppId"), "displayName": null, "objectId": null, "publisher": null}),
        ),
        "azureResources" => (
            "azureResourceEvidence",
            json!({"resourceId": get("resourceId"), "resourceName": null, "resourceType": null}),
        ),
        "amazonResources" => (
            "amazonResourceEvidence",
            json!({
                "amazonAccountId": null, "amazonResourceId": get("amazonResourceId"), "resourceName": null,
                "resourceType": null,
            }),
        ),
        _ => (
            "googleCloudResourceEvidence",
            json!({
                "fullResourceName": get("fullResourceName"), "location": null, "locationType": null,
                "projectId": null, "projectNumber": null, "resourceName": null, "resourceType": null,
            }),
        ),
    }
}

fn mail_sender(address: Option<&str>) -> Value {
    address.map_or(Value::Null, |address| json!({"emailAddress": address, "displayName": null, "domainName": null}))
}

/// What is known of a file.
#[derive(Default)]
struct File<'a> {
    name: &'a str,
    sha1: &'a str,
    sha256: &'a str,
    md5: &'a str,
}

impl<'a> File<'a> {
    fn of(named: &'a Named) -> Self {
        let get = |identifier| named.get(identifier).unwrap_or_default();
        Self { name: get("name"), sha1: get("sha1"), sha256: get("sha256"), md5: "" }
    }

    fn details(&self) -> Value {
        json!({
            "sha1": text(self.sha1), "sha256": text(self.sha256), "md5": text(self.md5), "sha256Ac": null,
            "fileName": text(self.name), "filePath": null, "fileSize": null, "filePublisher": null, "signer": null,
            "issuer": null,
        })
    }
}

/// What is known of an account.
#[derive(Default)]
struct Account<'a> {
    name: &'a str,
    domain: &'a str,
    sid: Option<&'a str>,
    id: Option<&'a str>,
    upn: Option<&'a str>,
}

impl Account<'_> {
    fn to_json(&self) -> Value {
        json!({
            "accountName": text(self.name), "domainName": text(self.domain), "userSid": self.sid,
            "azureAdUserId": self.id, "userPrincipalName": self.upn, "displayName": null,
            "activeDirectoryObjectGuid": null, "tenantId": null, "resourceAccessEvents": [],
        })
    }
}

/// A text, or null where there is none.
fn text(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { json!(text) }
}

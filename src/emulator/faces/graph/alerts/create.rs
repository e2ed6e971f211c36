//! An alert that somebody asks for: by posting one to the collection (May 2026), or by the action that followed it
//! (August 2026). Both are documented for beta only; what they refuse is not documented beyond the limits.

use serde_json::{Map, Value};

use crate::emulator::{
    answer::Answer,
    detection::Activity,
    faces::graph::{
        Visit,
        alerts::{change::no_alert, shape::Writer},
        body,
        refusal::Refusal,
        reply,
        vocabulary::{self, SEVERITY},
    },
    noise,
    tenant::{
        NoIncident,
        alerts::{Alert, Origin},
        devices::Device,
        rules::entities::{EntityKind, Named},
    },
};

const TYPE: &str = "#microsoft.graph.security.manualAlert";

/// An alert posted to the collection.
pub(in crate::emulator::faces::graph) fn manual(visit: &mut Visit<'_>) -> Result<Answer, Refusal> {
    let members = body::object(visit.call.request)?;
    let given = body::text(&members, "@odata.type").unwrap_or_default();
    if given.trim_start_matches('#') != TYPE.trim_start_matches('#') {
        return Err(Refusal::bad(format!("The @odata.type of the alert must be '{TYPE}'.")));
    }
    create(visit, &members, String::new())
}

/// An alert as the parameter of the action.
pub(in crate::emulator::faces::graph) fn by_action(visit: &mut Visit<'_>) -> Result<Answer, Refusal> {
    let members = body::object(visit.call.request)?;
    let Some(Value::Object(input)) = members.get("createAlertInput") else {
        return Err(Refusal::bad("The parameter createAlertInput is required."));
    };
    let number = visit.tenant.calls.next_answer();
    let id = format!("{}_aml", noise::guid(visit.tenant.seed(), &["created alert", &number.to_string()]));
    create(visit, input, id)
}

fn create(visit: &mut Visit<'_>, members: &Map<String, Value>, id: String) -> Result<Answer, Refusal> {
    let named = definitions(members)?;
    let device = device_of(visit, &named);
    let nothing = Activity::Connection { host: None, address: None, port: 0, url: None, process: String::new() };
    let severity = required(members, "severity", 50)?;
    let severity = vocabulary::read(&SEVERITY, severity)
        .filter(|word| *word != "unknownFutureValue")
        .ok_or_else(|| Refusal::bad(format!("Requested value '{severity}' was not found.")))?;
    let alert = Alert::new(Origin::Caller, device, nothing, visit.now, visit.now);
    let alert = Alert {
        detector: noise::guid(visit.tenant.seed(), &["manual alerts"]),
        title: required(members, "title", 1_000)?.to_owned(),
        description: required(members, "description", 5_000)?.to_owned(),
        category: required(members, "category", 200)?.to_owned(),
        severity: severity.to_owned(),
        source: "Manual".to_owned(),
        recommended_action: optional_text(members, "recommendedActions")?,
        techniques: techniques(members)?,
        entities: Vec::new(),
        named: Some(named),
        id,
        ..alert
    };
    let incident = incident(members)?;
    let raised = visit.tenant.raise_for_caller(alert, incident);
    let id = raised.map_err(|NoIncident| Refusal::bad("The incident of linkToIncident does not exist."))?;
    let alert = visit.tenant.alert(&id, visit.now).ok_or_else(|| no_alert(&id))?;
    let mut written = Map::new();
    written.insert("@odata.context".into(), visit.context("security/alerts_v2/$entity").into());
    written.insert("@odata.type".into(), "#microsoft.graph.security.alert".into());
    written.extend(Writer::new(visit).alert(alert));
    let place = format!("{}/security/alerts_v2/{}", visit.root(), alert.full_id());
    Ok(reply::json(201, &Value::Object(written)).with("location", place))
}

fn required<'a>(members: &'a Map<String, Value>, name: &str, most: usize) -> Result<&'a str, Refusal> {
    let text = body::text(members, name).filter(|text| !text.trim().is_empty());
    let text = text.ok_or_else(|| Refusal::bad(format!("The {name} field is required.")))?;
    if text.chars().count() > most {
        return Err(Refusal::bad(format!(
            "The field {name} must be a string or array type with a maximum length of '{most}'."
        )));
    }
    Ok(text)
}

fn optional_text(members: &Map<String, Value>, name: &str) -> Result<Option<String>, Refusal> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= 5_000 => Ok(Some(text.clone())),
        Some(_) => Err(Refusal::bad(format!("The field {name} is invalid."))),
    }
}

fn techniques(members: &Map<String, Value>) -> Result<Vec<String>, Refusal> {
    let refused = || Refusal::bad("The field mitreTechniques is invalid.");
    match members.get("mitreTechniques") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) if list.len() <= 100 => {
            list.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(refused)).collect()
        }
        Some(_) => Err(refused()),
    }
}

/// The incident to link to; zero, or none, is a new one.
fn incident(members: &Map<String, Value>) -> Result<Option<u64>, Refusal> {
    let refused = || Refusal::bad("The field linkToIncident is invalid.");
    match members.get("linkToIncident") {
        None | Some(Value::Null) => Ok(None),
        // Numbers of 64 bits come as texts from clients that fear for their precision.
        Some(Value::String(text)) => text.parse().map(Some).map_err(|_| refused()),
        Some(number) => number.as_u64().map(Some).ok_or_else(refused),
    }
    .map(|id| id.filter(|id| *id != 0))
}

/// An entity type, its collection in a rule, and its identifiers here and there.
type EntityType = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// Which collection of a rule, and which identifier there, an entity type's identifiers are.
const TYPES: [EntityType; 17] = [
    ("user", "accounts", &[("userPrincipalName", "upn"), ("aadUserId", "aadUserId"), ("sid", "sid")]),
    ("device", "hosts", &[("deviceId", "deviceId"), ("deviceName", "name")]),
    ("file", "files", &[("sha256", "sha256"), ("sha1", "sha1")]),
    ("ip", "ips", &[("address", "address")]),
    ("url", "urls", &[("url", "address")]),
    ("cloudApplication", "cloudApplications", &[("appId", "appId"), ("name", "name")]),
    ("mailbox", "mailboxes", &[("mailboxPrimaryAddress", "primaryAddress")]),
    ("securityGroup", "securityGroups", &[("objectId", "objectId"), ("sid", "sid")]),
    ("azureResource", "azureResources", &[("resourceId", "resourceId")]),
    ("amazonResource", "amazonResources", &[("amazonResourceId", "amazonResourceId")]),
    ("googleCloudResource", "googleCloudResources", &[("fullResourceName", "fullResourceName")]),
    ("oAuthApplication", "oAuthApplications", &[("oAuthAppId", "oAuthAppId")]),
    ("emailMessage", "mailMessages", &[("networkMessageId", "networkMessageId")]),
    ("emailCluster", "mailClusters", &[("query", "query")]),
    ("process", "processes", &[("sha1", "sha1"), ("sha256", "sha256")]),
    ("registryKey", "registryKeys", &[("key", "key")]),
    ("registryValue", "registryValues", &[("key", "key"), ("valueName", "valueName")]),
];

/// From one to a hundred things.
fn definitions(members: &Map<String, Value>) -> Result<Vec<Named>, Refusal> {
    let list = members.get("entityDefinitions").and_then(Value::as_array);
    let list = list.filter(|list| (1..=100).contains(&list.len()));
    let list = list.ok_or_else(|| Refusal::bad("The field entityDefinitions must contain 1 to 100 items."))?;
    list.iter().map(definition).collect()
}

fn definition(item: &Value) -> Result<Named, Refusal> {
    let invalid = |name: &str| Refusal::bad(format!("The field {name} of an entity definition is invalid."));
    let text = |name: &str| item.get(name).and_then(Value::as_str).ok_or_else(|| invalid(name));
    let (kind, identifier, value) = (text("entityType")?, text("entityIdentifier")?, text("identifierValue")?);
    let of_type = TYPES.iter().find(|(name, _, _)| *name == kind);
    let (_, collection, identifiers) = of_type.ok_or_else(|| invalid("entityType"))?;
    let known = identifiers.iter().find(|(name, _)| *name == identifier);
    let (_, identifier) = known.ok_or_else(|| invalid("entityIdentifier"))?;
    if value.is_empty() || value.chars().count() > 1_000 {
        return Err(invalid("identifierValue"));
    }
    let impacted = match text("role")? {
        "impacted" => true,
        "related" => false,
        _ => return Err(invalid("role")),
    };
    let kind = EntityKind::of(collection).ok_or_else(|| invalid("entityType"))?;
    Ok(Named { kind, values: vec![(*identifier, value.to_owned())], impacted: Some(impacted) })
}

/// The first of the tenant's devices that is named, or a nameless one.
fn device_of(visit: &Visit<'_>, named: &[Named]) -> Device {
    let tenant = &visit.tenant;
    let known = |host: &Named| {
        let by_name = host.get("name").and_then(|name| tenant.device(name));
        let id = host.get("deviceId");
        let by_id = || id.and_then(|id| tenant.devices().find(|device| device.id.eq_ignore_ascii_case(id)));
        by_name.or_else(by_id).cloned()
    };
    let mut hosts = named.iter().filter(|named| named.kind.collection == "hosts");
    hosts.find_map(known).unwrap_or_else(Device::nameless)
}

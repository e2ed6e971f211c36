//! The service document, and the description of the service's types. The real description was never published: names
//! that the documentation uses are its own, the rest is a convention of the emulator.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::emulator::{
    answer::Answer,
    faces::legacy::{
        Visit,
        address::Set,
        entity::NULLABLE,
        representation::{self, Metadata},
        vocabulary::{CATEGORY, FUNCTION, NAMESPACE, SEVERITY, TYPE},
    },
    odata::value::Enumeration,
};

/// Which sets there are.
pub(super) fn service(visit: &Visit<'_>) -> Answer {
    let metadata = Metadata::asked(visit, None);
    let mut body = Map::new();
    if metadata != Metadata::None {
        body.insert("@odata.context".into(), json!(format!("{}/$metadata", visit.call.base)));
    }
    let sets = Set::ALL.map(|set| json!({"name": set.name(), "kind": "EntitySet", "url": set.name()}));
    body.insert("value".into(), Value::from(sets.to_vec()));
    representation::answer(200, metadata, &body)
}

/// The description, in XML.
pub(super) fn document() -> Answer {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <edmx:Edmx Version=\"4.0\" xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\">\n  <edmx:DataServices>\n",
    );
    let _ = writeln!(xml, "    <Schema Namespace=\"{NAMESPACE}\" xmlns=\"{EDM}\">");
    for set in Set::ALL {
        entity_type(&mut xml, set);
    }
    for enumeration in [&SEVERITY, &CATEGORY, &TYPE, &FUNCTION] {
        enum_type(&mut xml, enumeration);
    }
    let _ = writeln!(xml, "    </Schema>\n    <Schema Namespace=\"Actions\" xmlns=\"{EDM}\">");
    xml.push_str(ACTIONS);
    xml.push_str("      <EntityContainer Name=\"Container\">\n");
    for set in Set::ALL {
        let (name, of, navigation, target) =
            (set.name(), set.schema().name, set.schema().navigation, other(set).name());
        let _ = writeln!(
            xml,
            "        <EntitySet Name=\"{name}\" EntityType=\"{of}\">\n          <NavigationPropertyBinding \
             Path=\"{navigation}\" Target=\"{target}\" />\n        </EntitySet>"
        );
    }
    xml.push_str("      </EntityContainer>\n    </Schema>\n  </edmx:DataServices>\n</edmx:Edmx>\n");
    Answer::of(200, "application/xml", xml.into_bytes()).with("odata-version", "4.0")
}

const EDM: &str = "http://docs.oasis-open.org/odata/ns/edm";

const ACTIONS: &str = r#"      <Action Name="DeleteIOCs" IsBound="true">
        <Parameter Name="bindingParameter" Type="ThreatIntelligence.AlertDefinition" />
      </Action>
      <Action Name="BulkUpload" IsBound="true">
        <Parameter Name="bindingParameter" Type="Collection(ThreatIntelligence.AlertDefinition)" />
        <Parameter Name="alertDefinitions" Type="Collection(ThreatIntelligence.AlertDefinition)" />
      </Action>
      <Action Name="BulkUpload" IsBound="true">
        <Parameter Name="bindingParameter" Type="Collection(ThreatIntelligence.IndicatorOfCompromise)" />
        <Parameter Name="iocs" Type="Collection(ThreatIntelligence.IndicatorOfCompromise)" />
      </Action>
"#;

fn other(set: Set) -> Set {
    match set {
        Set::AlertDefinitions => Set::IndicatorsOfCompromise,
        Set::IndicatorsOfCompromise => Set::AlertDefinitions,
    }
}

fn entity_type(xml: &mut String, set: Set) {
    let schema = set.schema();
    let name = schema.name.rsplit('.').next().unwrap_or(schema.name);
    let _ = writeln!(
        xml,
        "      <EntityType Name=\"{name}\">\n        <Key>\n          <PropertyRef Name=\"Id\" />\n        </Key>"
    );
    for (property, of) in schema.properties {
        let of = of.name();
        let nullable = if NULLABLE.contains(property) { "" } else { " Nullable=\"false\"" };
        let length = lengths(property).map(|most| format!(" MaxLength=\"{most}\"")).unwrap_or_default();
        let _ = writeln!(xml, "        <Property Name=\"{property}\" Type=\"{of}\"{nullable}{length} />");
    }
    let target = set.target().name;
    let of = if schema.single.is_some() { target.to_owned() } else { format!("Collection({target})") };
    let navigation = schema.navigation;
    let _ = writeln!(xml, "        <NavigationProperty Name=\"{navigation}\" Type=\"{of}\" />\n      </EntityType>");
}

/// The documented lengths.
fn lengths(property: &str) -> Option<u32> {
    match property {
        "Name" => Some(100),
        "InternalDescription" => Some(350),
        "Title" => Some(120),
        "UxDescription" => Some(500),
        "RecommendedAction" => Some(2000),
        _ => None,
    }
}

fn enum_type(xml: &mut String, enumeration: &Enumeration) {
    let name = enumeration.name.rsplit('.').next().unwrap_or(enumeration.name);
    let _ = writeln!(xml, "      <EnumType Name=\"{name}\">");
    for (number, member) in enumeration.members.iter().enumerate() {
        let _ = writeln!(xml, "        <Member Name=\"{member}\" Value=\"{number}\" />");
    }
    xml.push_str("      </EnumType>\n");
}

//! A set of schemas as the description that `$metadata` gives, in XML.

use std::fmt::Write as _;

use crate::emulator::odata::{
    schema::Schema,
    value::{Enumeration, Type},
};

/// A set of entities.
#[derive(Debug, Clone, Copy)]
pub(in crate::emulator) struct Set {
    /// The set's name in addresses.
    pub(in crate::emulator) name: &'static str,
    /// Its entities.
    pub(in crate::emulator) schema: &'static Schema,
    /// The property that tells them apart.
    pub(in crate::emulator) key: &'static str,
}

/// The description of `sets`, of their entities, and of every type that these are made of.
pub(in crate::emulator) fn document(sets: &[Set]) -> String {
    let mut types = Types::default();
    for set in sets {
        types.entity(set);
    }
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <edmx:Edmx Version=\"4.0\" xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\">\n  <edmx:DataServices>\n",
    );
    let home = sets.first().map(|set| split(set.schema.name).0).unwrap_or_default();
    let mut namespaces = vec![home];
    for (name, _) in &types.found {
        let (namespace, _) = split(name);
        if !namespaces.contains(&namespace) {
            namespaces.push(namespace);
        }
    }
    for namespace in namespaces {
        let _ = writeln!(xml, "    <Schema Namespace=\"{}\" xmlns=\"{EDM}\">", escaped(namespace));
        for (_, text) in types.found.iter().filter(|(name, _)| split(name).0 == namespace) {
            xml.push_str(text);
        }
        if namespace == home {
            container(&mut xml, sets);
        }
        xml.push_str("    </Schema>\n");
    }
    xml.push_str("  </edmx:DataServices>\n</edmx:Edmx>\n");
    xml
}

const EDM: &str = "http://docs.oasis-open.org/odata/ns/edm";

fn container(xml: &mut String, sets: &[Set]) {
    xml.push_str("      <EntityContainer Name=\"Container\">\n");
    for set in sets {
        let (name, of) = (escaped(set.name), escaped(set.schema.name));
        let _ = writeln!(xml, "        <EntitySet Name=\"{name}\" EntityType=\"{of}\" />");
    }
    xml.push_str("      </EntityContainer>\n");
}

/// Types by their full names, in the order in which they were found, each once.
#[derive(Default)]
struct Types {
    found: Vec<(&'static str, String)>,
}

impl Types {
    fn entity(&mut self, set: &Set) {
        let key = escaped(set.key);
        let head = format!("        <Key>\n          <PropertyRef Name=\"{key}\" />\n        </Key>\n");
        self.structure("EntityType", set.schema, &head, set.key);
    }

    fn structure(&mut self, kind: &str, schema: &'static Schema, head: &str, key: &str) {
        let Some(place) = self.enter(schema.name) else { return };
        let mut text = format!("      <{kind} Name=\"{}\">\n{head}", escaped(split(schema.name).1));
        for (name, of) in schema.properties {
            let nullable = if *name == key { " Nullable=\"false\"" } else { "" };
            let (name, type_name) = (escaped(name), escaped(&of.name()));
            let _ = writeln!(text, "        <Property Name=\"{name}\" Type=\"{type_name}\"{nullable} />");
            self.of(*of);
        }
        let _ = writeln!(text, "      </{kind}>");
        self.found[place].1 = text;
    }

    /// Adds what a property's type is made of.
    fn of(&mut self, of: Type) {
        match of {
            Type::Many(of) => self.of(*of),
            Type::Complex(schema) => self.structure("ComplexType", schema, "", ""),
            Type::Enum(enumeration) => self.enumeration(enumeration),
            _ => {}
        }
    }

    fn enumeration(&mut self, enumeration: &'static Enumeration) {
        let Some(place) = self.enter(enumeration.name) else { return };
        let mut text = format!("      <EnumType Name=\"{}\">\n", escaped(split(enumeration.name).1));
        for (number, member) in enumeration.members.iter().enumerate() {
            let _ = writeln!(text, "        <Member Name=\"{}\" Value=\"{number}\" />", escaped(member));
        }
        text.push_str("      </EnumType>\n");
        self.found[place].1 = text;
    }

    /// Makes a place for a type of this name; none if it has one.
    fn enter(&mut self, name: &'static str) -> Option<usize> {
        let new = self.found.iter().all(|(known, _)| *known != name);
        new.then(|| {
            self.found.push((name, String::new()));
            self.found.len() - 1
        })
    }
}

/// The namespace and the last part of a full name.
fn split(name: &str) -> (&str, &str) {
    name.rsplit_once('.').unwrap_or(("", name))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::odata::schema::{Dialect, Rules};

    static RULES: Rules = Rules::of(Dialect::Graph);
    static LEVEL: Enumeration = Enumeration { name: "test.security.level", members: &["low", "high"] };
    static PART: Schema =
        Schema::of("test.part", &[("level", Type::Enum(&LEVEL)), ("parts", Type::Many(&Type::Complex(&PART)))], &RULES);
    static ROW: Schema = Schema::of(
        "test.security.row",
        &[("id", Type::Text), ("part", Type::Complex(&PART)), ("level", Type::Enum(&LEVEL))],
        &RULES,
    );

    #[test]
    fn every_type_is_described_once_in_its_namespace_also_one_that_holds_itself() {
        let xml =
            document(&[Set { name: "rows", schema: &ROW, key: "id" }, Set { name: "old", schema: &ROW, key: "id" }]);
        for (text, times) in [
            ("<EntityType Name=\"row\">", 1),
            ("<ComplexType Name=\"part\">", 1),
            ("<EnumType Name=\"level\">", 1),
            ("<Property Name=\"id\" Type=\"Edm.String\" Nullable=\"false\" />", 1),
            ("<Property Name=\"parts\" Type=\"Collection(test.part)\" />", 1),
            ("<Member Name=\"high\" Value=\"1\" />", 1),
            ("EntityType=\"test.security.row\"", 2),
            ("<Schema Namespace=\"test.security\"", 1),
            ("<Schema Namespace=\"test\"", 1),
        ] {
            assert_eq!(xml.matches(text).count(), times, "{text} in {xml}");
        }
        let mut reader = quick_xml::Reader::from_str(&xml);
        while reader.read_event().expect("well-formed") != quick_xml::events::Event::Eof {}
    }
}

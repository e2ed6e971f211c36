//! The alert template of a rule in the making.

use serde_json::{Map, Value};

use crate::emulator::{
    faces::graph::{
        refusal::Refusal,
        rules::{
            draft::Generation,
            members::{self, Word, no_such_word, object, required, text, unknown, wrong},
            old,
        },
    },
    tenant::rules::{
        entities::EntityKind,
        rule::{Mapping, Template},
    },
};

/// The fourteen tactics, as they are written.
const TACTICS: [&str; 14] = [
    "Collection",
    "CommandAndControl",
    "CredentialAccess",
    "DefenseEvasion",
    "Discovery",
    "Execution",
    "Exfiltration",
    "Impact",
    "InitialAccess",
    "LateralMovement",
    "Persistence",
    "PrivilegeEscalation",
    "Reconnaissance",
    "ResourceDevelopment",
];

/// A tactic with its techniques, and their sub-techniques.
type Tactic = (String, Vec<(String, Vec<String>)>);

/// What is there of a template.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    title: Option<String>,
    description: Option<String>,
    severity: Option<Word<String>>,
    recommended_actions: Option<String>,
    tactics: Vec<Tactic>,
    mappings: Vec<Mapping>,
    impacted_assets: Vec<(String, String)>,
    custom_details: Vec<(String, String)>,
}

impl Draft {
    /// What a template says.
    pub(super) fn of(template: &Template) -> Self {
        let category = template.category.clone();
        let mapped = template.mappings != old::mappings(&template.impacted_assets);
        Self {
            title: Some(template.title.clone()),
            description: Some(template.description.clone()),
            severity: Some(Ok(template.severity.clone())),
            recommended_actions: template.recommended_actions.clone(),
            tactics: if category.is_empty() { Vec::new() } else { vec![(category, template.techniques.clone())] },
            mappings: if mapped { template.mappings.clone() } else { Vec::new() },
            impacted_assets: template.impacted_assets.clone(),
            custom_details: template.custom_details.clone(),
        }
    }

    /// Lays what a body says over it.
    pub(super) fn lay(&mut self, body: &Map<String, Value>, generation: Generation) -> Result<(), Refusal> {
        for (name, value) in body {
            match name.as_str() {
                name if name.contains('@') => {}
                "title" => self.title = text(value, "Title", members::NAME)?,
                "description" => self.description = text(value, "Description", members::TEXT)?,
                "severity" => self.severity = Some(severity(value)?),
                "recommendedActions" => {
                    self.recommended_actions = text(value, "RecommendedActions", members::TEXT)?;
                }
                "tactics" if generation.has_b() => self.tactics = tactics(value)?,
                "entityMappings" if generation.has_b() => self.mappings = mappings(value)?,
                "customDetails" if generation.has_b() => self.custom_details = custom_details(value)?,
                "category" if generation.has_a() => self.category(value)?,
                "mitreTechniques" if generation.has_a() => self.techniques(value)?,
                "impactedAssets" if generation.has_a() => self.impacted_assets = old::impacted_assets(value)?,
                _ => return Err(unknown(name, "alertTemplate")),
            }
        }
        Ok(())
    }

    fn category(&mut self, value: &Value) -> Result<(), Refusal> {
        let known = value.as_str().filter(|word| TACTICS.contains(word) || old::CATEGORIES.contains(word));
        let category = known.ok_or_else(|| Refusal::input("Invalid alert category."))?.to_owned();
        let techniques = self.tactics.first().map(|(_, techniques)| techniques.clone()).unwrap_or_default();
        self.tactics = vec![(category, techniques)];
        Ok(())
    }

    fn techniques(&mut self, value: &Value) -> Result<(), Refusal> {
        let list = match value {
            Value::Null => &[][..],
            Value::Array(list) if list.len() <= 100 => list,
            _ => return Err(wrong("MitreTechniques")),
        };
        let mut techniques = Vec::new();
        for item in list {
            let (technique, below) = split(item.as_str().ok_or_else(|| wrong("MitreTechniques"))?)?;
            add(&mut techniques, technique, below);
        }
        match self.tactics.first_mut() {
            Some((_, known)) => *known = techniques,
            None => self.tactics = vec![(String::new(), techniques)],
        }
        Ok(())
    }

    /// Whether everything that is required is there.
    pub(super) fn complete(&self, generation: Generation) -> Result<(), Refusal> {
        let old = !generation.has_b();
        let titled = self.title.as_ref().is_some_and(|title| !title.trim().is_empty());
        let categorised = self.tactics.first().is_some_and(|(category, _)| !category.is_empty());
        let missing = [
            (!titled, "Title"),
            (self.severity.is_none(), "Severity"),
            (old && self.description.is_none(), "Description"),
            (old && !categorised, "Category"),
        ];
        match missing.iter().find(|(missing, _)| *missing) {
            Some((_, name)) => Err(required(name)),
            None => Ok(()),
        }
    }

    /// The template, as far as it can be judged by itself.
    pub(super) fn template(self, generation: Generation) -> Result<Template, Refusal> {
        self.complete(generation)?;
        let (Some(title), Some(severity)) = (self.title, self.severity) else { return Err(required("AlertTemplate")) };
        let severity = severity?;
        let mappings = if self.mappings.is_empty() { old::mappings(&self.impacted_assets) } else { self.mappings };
        let (more, mut tactics) = (self.tactics.len() > 1, self.tactics.into_iter());
        let (category, techniques) = tactics.next().unwrap_or_default();
        Ok(Template {
            title,
            description: self.description.unwrap_or_default(),
            severity,
            recommended_actions: self.recommended_actions,
            // More than one is refused later, after what the query says was checked.
            category: if more { MANY.to_owned() } else { category },
            techniques,
            mappings,
            impacted_assets: self.impacted_assets,
            custom_details: self.custom_details,
        })
    }
}

/// What stands for more than one tactic until that is refused; no tactic is spelt so.
pub(super) const MANY: &str = "(more than one)";

fn severity(value: &Value) -> Result<Word<String>, Refusal> {
    let word = value.as_str().ok_or_else(|| wrong("Severity"))?;
    let known = ["informational", "low", "medium", "high"].contains(&word);
    Ok(if known { Ok(word.to_owned()) } else { Err(no_such_word(word)) })
}

/// `T1059` or `T1059.001`, as technique and sub-technique.
fn split(technique: &str) -> Result<(String, Option<String>), Refusal> {
    let digits = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let (parent, below) = technique.split_once('.').map_or((technique, None), |(parent, below)| (parent, Some(below)));
    let good = parent.strip_prefix('T').is_some_and(|number| digits(number, 4));
    if good && below.is_none_or(|below| digits(below, 3)) {
        return Ok((parent.to_owned(), below.map(|_| technique.to_owned())));
    }
    let shown: String = technique.chars().take(100).collect();
    Err(Refusal::input(format!("Mitre techniques ({shown}) are invalid.")))
}

fn add(techniques: &mut Vec<(String, Vec<String>)>, technique: String, below: Option<String>) {
    match techniques.iter_mut().find(|(known, _)| *known == technique) {
        Some((_, known)) => known.extend(below.filter(|below| !known.contains(below))),
        None => techniques.push((technique, below.into_iter().collect())),
    }
}

/// Tactics with their techniques; a sub-technique in a technique's place is put where it belongs.
fn tactics(value: &Value) -> Result<Vec<Tactic>, Refusal> {
    let list = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(list) if list.len() <= 100 => list,
        _ => return Err(wrong("Tactics")),
    };
    list.iter().map(tactic).collect()
}

fn tactic(item: &Value) -> Result<Tactic, Refusal> {
    let item = object(item, "Tactics")?;
    let name = item.get("tactic").and_then(Value::as_str).ok_or_else(|| required("Tactic"))?;
    if !TACTICS.contains(&name) {
        return Err(Refusal::input("Invalid alert category."));
    }
    let mut techniques = Vec::new();
    for technique in array(item.get("techniques"), "Techniques")? {
        let technique = object(technique, "Techniques")?;
        let name = technique.get("technique").and_then(Value::as_str).ok_or_else(|| required("Technique"))?;
        let (parent, below) = split(name)?;
        add(&mut techniques, parent.clone(), below);
        for below in array(technique.get("subTechniques"), "SubTechniques")? {
            let (_, below) = split(below.as_str().ok_or_else(|| wrong("SubTechniques"))?)?;
            add(&mut techniques, parent.clone(), below);
        }
    }
    Ok((name.to_owned(), techniques))
}

fn array<'a>(value: Option<&'a Value>, name: &str) -> Result<&'a [Value], Refusal> {
    match value {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(list)) if list.len() <= 100 => Ok(list),
        Some(_) => Err(wrong(name)),
    }
}

fn mappings(value: &Value) -> Result<Vec<Mapping>, Refusal> {
    let mut mappings = Vec::new();
    if value.is_null() {
        return Ok(mappings);
    }
    for (collection, items) in object(value, "EntityMappings")? {
        if collection.contains('@') {
            continue;
        }
        let kind = EntityKind::of(collection).filter(|kind| kind.collection != "registryKeys");
        let kind = kind.ok_or_else(|| unknown(collection, "entityMappings"))?;
        for item in array(Some(items), collection)? {
            mappings.push(Mapping { kind, columns: columns(kind, object(item, collection)?)? });
        }
    }
    Ok(mappings)
}

/// The columns of one thing; an empty one tells nothing.
fn columns(kind: &'static EntityKind, item: &Map<String, Value>) -> Result<Vec<(&'static str, String)>, Refusal> {
    let mut columns = Vec::new();
    for (name, value) in item {
        let known = name.strip_suffix("Column").and_then(|name| kind.identifiers.iter().find(|known| **known == name));
        match (known, value) {
            _ if name.contains('@') => {}
            (None, _) => return Err(unknown(name, "entityMapping")),
            (Some(_), Value::Null) => {}
            (Some(identifier), Value::String(column)) if column.len() <= members::NAME => {
                columns.extend((!column.is_empty()).then(|| (*identifier, column.clone())));
            }
            _ => return Err(wrong(name)),
        }
    }
    Ok(columns)
}

/// At most twenty pairs and 4 KB (a field report).
fn custom_details(value: &Value) -> Result<Vec<(String, String)>, Refusal> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    let pairs = object(value, "CustomDetails")?.iter().filter(|(name, _)| !name.contains('@'));
    let pairs: Vec<_> = pairs
        .map(|(name, column)| column.as_str().map(|column| (name.clone(), column.to_owned())))
        .collect::<Option<_>>()
        .ok_or_else(|| wrong("CustomDetails"))?;
    let size: usize = pairs.iter().map(|(name, column)| name.len() + column.len()).sum();
    if pairs.len() > 20 || size > 4_096 {
        return Err(Refusal::input("Custom details must not exceed 20 key-value pairs and 4 KB."));
    }
    Ok(pairs)
}

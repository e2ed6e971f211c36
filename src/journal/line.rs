//! How a line of a journal is written.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    domain::service::Service,
    journal::{FORMAT, Head, thing::Thing},
};

/// The first line.
#[derive(Serialize, Deserialize)]
struct HeadLine {
    /// The version of the format, under a name that no other kind of file has.
    alertdrill_journal: u32,
    run: String,
    tenant: String,
    service: String,
    client_id: String,
    started: Timestamp,
}

/// What tells one format from another, whatever else it holds.
#[derive(Deserialize)]
struct Version {
    alertdrill_journal: u32,
}

/// Any other line.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) entry: u64,
    pub(super) at: Timestamp,
    #[serde(flatten)]
    pub(super) said: Said,
}

/// What is said of an entry.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub(super) enum Said {
    AboutTo {
        marker: String,
        #[serde(flatten)]
        thing: Written,
    },
    #[serde(rename = "made")]
    Is {
        #[serde(flatten)]
        thing: Written,
    },
    Undone,
    Kept,
}

/// A thing, as it is written.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub(super) enum Written {
    DefinitionsNamed { name: String },
    Definition { key: String },
    Indicator { key: String },
    IndicatorWithDefinition { value: String },
    DeviceOffboarded { name: String },
    ApiSwitchedOff,
}

impl From<&Thing> for Written {
    fn from(thing: &Thing) -> Self {
        match thing.clone() {
            Thing::DefinitionsNamed(name) => Self::DefinitionsNamed { name },
            Thing::Definition(key) => Self::Definition { key },
            Thing::Indicator(key) => Self::Indicator { key },
            Thing::Together(value) => Self::IndicatorWithDefinition { value },
            Thing::Offboarded(name) => Self::DeviceOffboarded { name },
            Thing::ApiSwitchedOff => Self::ApiSwitchedOff,
        }
    }
}

impl From<Written> for Thing {
    fn from(written: Written) -> Self {
        match written {
            Written::DefinitionsNamed { name } => Self::DefinitionsNamed(name),
            Written::Definition { key } => Self::Definition(key),
            Written::Indicator { key } => Self::Indicator(key),
            Written::IndicatorWithDefinition { value } => Self::Together(value),
            Written::DeviceOffboarded { name } => Self::Offboarded(name),
            Written::ApiSwitchedOff => Self::ApiSwitchedOff,
        }
    }
}

/// The first line of a journal.
pub(super) fn head(head: &Head) -> Vec<u8> {
    let Head { run, tenant, service, client_id, started } = head.clone();
    let service = service.to_string();
    written(&HeadLine { alertdrill_journal: FORMAT, run, tenant, service, client_id, started })
}

/// A line about an entry.
pub(super) fn entry(line: &Line) -> Vec<u8> {
    written(line)
}

fn written(line: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(line).expect("texts, numbers and times can be written");
    bytes.push(b'\n');
    bytes
}

/// The head of a journal, from its first line; or what is wrong with it.
pub(super) fn read_head(bytes: &[u8]) -> Result<Head, String> {
    let Ok(version) = serde_json::from_slice::<Version>(bytes) else {
        return Err("it is no journal of alertdrill".into());
    };
    if version.alertdrill_journal != FORMAT {
        return Err(format!(
            "it is a journal of the format {}, and this alertdrill reads {FORMAT}",
            version.alertdrill_journal
        ));
    }
    let HeadLine { run, tenant, service, client_id, started, .. } =
        serde_json::from_slice(bytes).map_err(|error| format!("its first line: {error}"))?;
    let service: Service = service.parse().map_err(|_| format!("its first line: no service `{service}` is known"))?;
    Ok(Head { run, tenant, service, client_id, started })
}

/// A line about an entry; or what is wrong with it.
pub(super) fn read_entry(bytes: &[u8]) -> Result<Line, String> {
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

//! How an answer is written: with as much metadata as the client asks for.

use serde_json::{Map, Value, json};

use crate::emulator::{
    answer::Answer,
    faces::legacy::{
        Visit,
        address::Set,
        entity::{self, DefinitionRow, IndicatorRow},
    },
    odata::schema::Row,
    tenant::{publishing::Placed, shelf::Stored},
};

/// How much metadata an answer carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Metadata {
    None,
    Minimal,
    Full,
}

impl Metadata {
    /// What the client asks for, by `$format` or else by `Accept`; minimal where it says nothing.
    pub(super) fn asked(visit: &Visit<'_>, format: Option<&str>) -> Self {
        let accept = visit.call.request.header("accept").unwrap_or_default();
        let asked: String = format.unwrap_or(accept).to_ascii_lowercase().split_whitespace().collect();
        if asked.contains("odata.metadata=none") {
            Self::None
        } else if asked.contains("odata.metadata=full") {
            Self::Full
        } else {
            Self::Minimal
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Full => "full",
        }
    }
}

/// A body in JSON, with this much metadata.
pub(super) fn answer(status: u16, metadata: Metadata, body: &Map<String, Value>) -> Answer {
    let media_type = format!("application/json; odata.metadata={}", metadata.word());
    let body = serde_json::to_vec(body).unwrap_or_default();
    Answer::of(status, &media_type, body).with("odata-version", "4.0")
}

/// The address of an entity.
pub(super) fn address(visit: &Visit<'_>, set: Set, id: i64) -> String {
    format!("{}/{}({id})", visit.call.base, set.name())
}

/// An entity alone, as the answer of its making or change; without a body where the client would rather have none.
pub(super) fn entity(visit: &Visit<'_>, set: Set, row: &Entity<'_>, status: u16) -> Answer {
    let address = address(visit, set, row.id());
    if visit.prefers_minimal() {
        return Answer::empty(204)
            .with("odata-version", "4.0")
            .with("odata-entityid", address)
            .with("preference-applied", "return=minimal");
    }
    let metadata = Metadata::asked(visit, None);
    let mut body = Map::new();
    if metadata != Metadata::None {
        body.insert("@odata.context".into(), json!(format!("{}/$metadata#{}/$entity", visit.call.base, set.name())));
    }
    annotate(&mut body, metadata, visit, set, row.id());
    body.extend(entity::members(row.row(), set.schema(), None));
    answer(status, metadata, &body)
}

/// What full metadata says of every entity.
pub(super) fn annotate(body: &mut Map<String, Value>, metadata: Metadata, visit: &Visit<'_>, set: Set, id: i64) {
    if metadata == Metadata::Full {
        body.insert("@odata.type".into(), json!(format!("#{}", set.schema().name)));
        body.insert("@odata.id".into(), json!(address(visit, set, id)));
        body.insert("@odata.editLink".into(), json!(format!("{}({id})", set.name())));
    }
}

/// An entity of either set.
#[derive(Debug)]
pub(super) enum Entity<'a> {
    Definition(DefinitionRow<'a>),
    Indicator(IndicatorRow<'a>),
}

impl<'a> Entity<'a> {
    pub(super) fn indicator(stored: &'a Stored<Placed>) -> Self {
        Self::Indicator(IndicatorRow { stored, definition: None })
    }

    pub(super) fn id(&self) -> i64 {
        match self {
            Self::Definition(row) => row.0.id,
            Self::Indicator(row) => row.stored.id,
        }
    }

    pub(super) fn row(&self) -> &dyn Row {
        match self {
            Self::Definition(row) => row,
            Self::Indicator(row) => row,
        }
    }
}

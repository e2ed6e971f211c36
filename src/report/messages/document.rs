//! What was to be done: the scenario of a drill in a Gherkin document, and its pickle.
//!
//! The record holds no source, so a document is put together from it: each drill is a scenario of its own, a row of a table
//! of examples too, and its steps begin with those of the background. What it cannot hold is told in README, "Reports".

use std::io::{self, Write};

use crate::{
    record::drill::Drill,
    report::{
        escaped,
        messages::envelope::{Child, Envelope, Location, Pickle, PickleStep, PickleTag, Scenario, Step, Tag},
        wording,
    },
};

/// The language of the keywords that are put in; the record does not say which it was.
const LANGUAGE: &str = "en";

/// The document of a feature's file, as far as drills have come in.
pub(super) struct Document {
    uri: String,
    feature: String,
    children: Vec<u8>,
}

impl Document {
    /// The document of the feature that `drill` is of, without a scenario yet.
    pub(super) fn of(drill: &Drill) -> Self {
        Self { uri: wording::brief(&drill.file), feature: wording::brief(&drill.feature), children: Vec::new() }
    }

    /// Adds the scenario of a drill, and writes its pickle.
    pub(super) fn push(&mut self, drill: &Drill, id: &str, pickles: &mut dyn Write) -> io::Result<()> {
        let name = wording::brief(&drill.name);
        let tags: Vec<String> = drill.tags.iter().map(|tag| format!("@{}", wording::brief(tag))).collect();
        let texts: Vec<String> = drill.steps.iter().map(|step| wording::brief(&step.text)).collect();
        let told = Told { id, name: &name, tags: &tags, texts: &texts };
        if !self.children.is_empty() {
            self.children.push(b',');
        }
        let parts = [("service", &drill.service), ("marker", &drill.marker)];
        let parts = parts.into_iter().filter(|(_, text)| !text.is_empty());
        let parts: Vec<_> = parts.map(|(what, text)| format!("{what} {}", wording::brief(text))).collect();
        let description = parts.join(", ");
        escaped::write(&mut self.children, &Child { scenario: told.scenario(drill, &description) })?;
        escaped::write(pickles, &Envelope::Pickle(told.pickle(drill, &self.uri)))?;
        pickles.write_all(b"\n")
    }

    /// Writes the document.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"{\"gherkinDocument\":{\"uri\":")?;
        escaped::write(out, &self.uri)?;
        out.write_all(b",\"comments\":[],\"feature\":{\"location\":{\"line\":1},\"tags\":[],\"keyword\":\"Feature\",")?;
        write!(out, "\"language\":\"{LANGUAGE}\",\"description\":\"\",\"name\":")?;
        escaped::write(out, &self.feature)?;
        out.write_all(b",\"children\":[")?;
        out.write_all(&self.children)?;
        out.write_all(b"]}}}\n")
    }
}

/// What scenario and pickle have in common.
struct Told<'a> {
    id: &'a str,
    name: &'a str,
    tags: &'a [String],
    texts: &'a [String],
}

impl<'a> Told<'a> {
    fn scenario(&self, drill: &Drill, description: &'a str) -> Scenario<'a> {
        let location = Location { line: drill.line };
        let tag = |(index, name): (usize, &'a String)| Tag { id: tag_id(self.id, index), name, location };
        let step = |(index, text): (usize, &'a String)| Step {
            id: step_id(self.id, index),
            location: Location { line: drill.steps[index].line },
            keyword: format!("{} ", wording::brief(&drill.steps[index].keyword)),
            keyword_type: keyword_type(&drill.steps[index].keyword),
            text,
        };
        Scenario {
            id: self.id,
            location,
            tags: self.tags.iter().enumerate().map(tag).collect(),
            keyword: "Scenario",
            name: self.name,
            description,
            steps: self.texts.iter().enumerate().map(step).collect(),
            examples: [],
        }
    }

    fn pickle(&self, drill: &Drill, uri: &'a str) -> Pickle<'a> {
        let mut kind = "Unknown";
        let step = |(index, text): (usize, &'a String)| {
            // `And` and `But` are what the step before them is.
            kind = match keyword_type(&drill.steps[index].keyword) {
                "Conjunction" => kind,
                own => own,
            };
            PickleStep { id: pickle_step_id(self.id, index), kind, text, ast_node_ids: [step_id(self.id, index)] }
        };
        let tag = |(index, name): (usize, &'a String)| PickleTag { name, ast_node_id: tag_id(self.id, index) };
        Pickle {
            id: pickle_id(self.id),
            uri,
            location: Location { line: drill.line },
            name: self.name,
            language: LANGUAGE,
            steps: self.texts.iter().enumerate().map(step).collect(),
            tags: self.tags.iter().enumerate().map(tag).collect(),
            ast_node_ids: [self.id],
        }
    }
}

fn keyword_type(keyword: &str) -> &'static str {
    match keyword {
        "Given" => "Context",
        "When" => "Action",
        "Then" => "Outcome",
        "And" | "But" => "Conjunction",
        _ => "Unknown",
    }
}

/// The id of a drill's pickle.
pub(super) fn pickle_id(drill: &str) -> String {
    format!("{drill}.pickle")
}

/// The id of a step of a drill's pickle.
pub(super) fn pickle_step_id(drill: &str, step: usize) -> String {
    format!("{drill}.pickle.{step}")
}

fn step_id(drill: &str, step: usize) -> String {
    format!("{drill}.{step}")
}

fn tag_id(drill: &str, tag: usize) -> String {
    format!("{drill}.tag.{tag}")
}

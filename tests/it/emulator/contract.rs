//! What each face answers, member for member, against what is published. The lists are `fixtures/contract/*/shapes.txt`;
//! each line of one says what it was checked against.
//!
//! In reading order: this file (a list, and an answer held against it), [`endpoint`], [`graph`],
//! [`token`].

mod endpoint;
mod graph;
mod token;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::emulator::Seen;

/// How sure a line of a list is.
const SURENESS: [&str; 3] = ["sure", "likely", "ours"];

/// One member of a type.
struct Property {
    name: String,
    of: String,
    presence: String,
}

/// The list of a face, and what of it has been seen.
#[derive(Default)]
struct Contract {
    types: BTreeMap<String, Vec<Property>>,
    /// What is asked and the status: the media type and the type of the answer.
    answers: BTreeMap<String, (String, String)>,
    sources: BTreeSet<String>,
    seen: BTreeSet<String>,
    problems: Vec<String>,
}

impl Contract {
    fn read(text: &str) -> Self {
        let mut contract = Self::default();
        let mut of = String::new();
        for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            let cells: Vec<_> = line.split('|').map(str::trim).collect();
            match (cells[0].split_once(' '), cells.as_slice()) {
                (Some(("source", name)), [_, what]) => {
                    assert!(!what.is_empty(), "{line}");
                    contract.sources.insert(name.trim().to_owned());
                }
                (Some(("type", name)), [_]) => {
                    name.trim().clone_into(&mut of);
                    assert!(contract.types.insert(of.clone(), Vec::new()).is_none(), "twice: {line}");
                }
                (Some(("answer", call)), [_, media, of, source, sureness]) => {
                    contract.vouched(line, source, sureness);
                    let answer = ((*media).to_owned(), (*of).to_owned());
                    assert!(contract.answers.insert(call.trim().to_owned(), answer).is_none(), "twice: {line}");
                }
                (_, [name, kind, presence, source, sureness]) => {
                    contract.vouched(line, source, sureness);
                    assert!(["always", "null", "none", "some"].contains(presence), "{line}");
                    let [name, kind, presence] = [name, kind, presence].map(|cell| (*cell).to_owned());
                    contract.types.get_mut(&of).expect("a type").push(Property { name, of: kind, presence });
                }
                _ => panic!("no line of a list: {line}"),
            }
        }
        contract
    }

    /// What is ours says so, and whatever else has a source that the list tells of.
    fn vouched(&self, line: &str, source: &str, sureness: &str) {
        assert!(SURENESS.contains(&sureness), "{line}");
        assert!(self.sources.contains(source) || source == "ours", "no such source: {line}");
        assert_eq!(source == "ours", sureness == "ours", "{line}");
    }

    /// Holds an answer to `call` against the list.
    fn hold(&mut self, call: &str, seen: &Seen) {
        let call = format!("{call} {}", seen.status);
        let Some((media, of)) = self.answers.get(&call).cloned() else {
            return self.problems.push(format!("{call} is not listed: {}", seen.text));
        };
        self.seen.insert(call.clone());
        let written = if seen.text.is_empty() { "none" } else { seen.header("content-type") };
        if written != media {
            self.problems.push(format!("{call} is {written}"));
        }
        match of.as_str() {
            "none" | "document" => {}
            "count" if seen.text.parse::<u64>().is_ok() => {}
            of => {
                let value = serde_json::from_str(&seen.text).unwrap_or(Value::Null);
                self.value(&call, &value, of);
            }
        }
    }

    fn value(&mut self, at: &str, value: &Value, of: &str) {
        if let Some(item) = of.strip_prefix("list:") {
            let Some(items) = value.as_array() else { return self.problems.push(format!("{at} is no list: {value}")) };
            for (place, value) in items.iter().enumerate() {
                self.value(&format!("{at}[{place}]"), value, item);
            }
        } else if self.types.contains_key(of) {
            self.members(at, value, of);
        } else if !fits(value, of) {
            self.problems.push(format!("{at} is no {of}: {value}"));
        }
    }

    fn members(&mut self, at: &str, value: &Value, of: &str) {
        let Some(members) = value.as_object() else { return self.problems.push(format!("{at} is no {of}: {value}")) };
        let listed = &self.types[of];
        let known: Vec<_> = listed.iter().map(|property| property.name.as_str()).collect();
        let there: Vec<_> = members.keys().map(String::as_str).collect();
        let strangers = there.iter().filter(|name| !known.contains(name));
        self.problems.extend(strangers.map(|name| format!("{at}.{name} is not listed for {of}")));
        let order: Vec<_> = known.iter().copied().filter(|name| members.contains_key(*name)).collect();
        if order != there.iter().copied().filter(|name| known.contains(name)).collect::<Vec<_>>() {
            self.problems.push(format!("{at} is in another order: {there:?}"));
        }
        let listed: Vec<_> =
            listed.iter().map(|known| (known.name.clone(), known.of.clone(), known.presence.clone())).collect();
        for (name, kind, presence) in listed {
            let key = format!("{of}.{name}");
            let path = format!("{at}.{name}");
            match (members.get(&name), presence.as_str()) {
                (None, "some") | (Some(Value::Null), "null") => {}
                (None, _) => self.problems.push(format!("{path} is missing")),
                (Some(value), "none") if *value == Value::Null || *value == json!([]) => drop(self.seen.insert(key)),
                (Some(value), "none") => self.problems.push(format!("{path} has a value after all: {value}")),
                (Some(value), _) => {
                    if *value != json!([]) {
                        self.seen.insert(key);
                    }
                    self.value(&path, value, &kind);
                }
            }
        }
    }

    /// What is listed and was never seen with a value.
    fn unseen(&self) -> Vec<String> {
        let members = self.types.iter().flat_map(|(of, all)| all.iter().map(move |one| format!("{of}.{}", one.name)));
        let listed = members.chain(self.answers.keys().cloned());
        listed.filter(|listed| !self.seen.contains(listed)).collect()
    }

    /// That all was as it is listed, and all that is listed was.
    fn finish(self) {
        assert_eq!(self.problems, Vec::<String>::new());
        assert_eq!(self.unseen(), Vec::<String>::new(), "listed, but never seen with a value");
    }
}

/// Whether a value is of a plain type.
fn fits(value: &Value, of: &str) -> bool {
    let text = value.as_str();
    let hex = |length: usize| {
        text.is_some_and(|text| text.len() == length && text.chars().all(|digit| digit.is_ascii_hexdigit()))
    };
    match of.split_once(':').unwrap_or((of, "")) {
        ("text", _) => text.is_some(),
        ("whole", _) => value.is_i64() || value.is_u64(),
        ("digits", _) => text.is_some_and(|text| text.parse::<u64>().is_ok()),
        ("number", _) => value.is_number(),
        ("truth", _) => value.is_boolean(),
        ("any", _) => true,
        ("word", words) => text.is_some_and(|text| words.split(',').any(|word| word == text)),
        ("starts", start) => text.is_some_and(|text| text.starts_with(start)),
        ("context", end) => text.is_some_and(|text| text.ends_with(&format!("/$metadata#{end}"))),
        ("tracking", _) => text.is_some_and(|text| text.starts_with('|') && text.ends_with('.') && text.contains('-')),
        ("hex", length) => hex(length.parse().expect("a length")),
        ("guid", _) => text.is_some_and(is_guid),
        ("time", _) => text.is_some_and(is_moment),
        ("address", _) => text.is_some_and(|text| text.parse::<std::net::IpAddr>().is_ok()),
        // Without a zone: what an error of Graph has.
        ("local", _) => text.is_some_and(|text| text.parse::<jiff::civil::DateTime>().is_ok()),
        // The form that the token endpoint alone writes: `2026-11-24 12:00:00Z`.
        ("stamp", _) => {
            text.is_some_and(|text| text.len() == 20 && text.replacen(' ', "T", 1).parse::<jiff::Timestamp>().is_ok())
        }
        ("jwt", _) => text.is_some_and(|text| text.split('.').filter(|part| !part.is_empty()).count() == 3),
        ("link", _) => text.is_some_and(|text| text.parse::<url::Url>().is_ok()),
        _ => panic!("no type {of}"),
    }
}

fn is_guid(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && text.chars().all(|letter| letter == '-' || letter.is_ascii_hexdigit())
}

/// In UTC, with at most seven digits.
fn is_moment(text: &str) -> bool {
    let fraction = text.strip_suffix('Z').and_then(|text| text.split_once('.')).map_or(0, |(_, digits)| digits.len());
    text.ends_with('Z') && fraction <= 7 && text.parse::<jiff::Timestamp>().is_ok()
}

const SMALL: &str = "source page | a page of 2026\n\
    answer GET /a 200 | json | thing | page | sure\n\
    type thing\n\
    id | digits | always | page | sure\n\
    at | time | null | ours | ours\n\
    parts | list:part | always | page | sure\n\
    extra | text | some | page | likely\n\
    void | text | none | page | sure\n\
    type part\n\
    kind | word:A,B | always | page | sure\n";

/// What a small list says of an answer.
fn found(value: &Value) -> (Vec<String>, Vec<String>) {
    let mut contract = Contract::read(SMALL);
    let headers = [(reqwest::header::CONTENT_TYPE, "json".parse().expect("a header"))].into_iter().collect();
    contract.hold("GET /a", &Seen { status: 200, headers, text: value.to_string() });
    (contract.problems.clone(), contract.unseen())
}

#[test]
fn a_list_finds_what_is_wrong_and_what_was_never_seen() {
    let good =
        json!({"id": "1", "at": "2026-01-01T00:00:00.1234567Z", "parts": [{"kind": "A"}], "extra": "", "void": null});
    assert_eq!(found(&good), (vec![], vec![]));
    for (name, value, problem) in [
        ("id", json!(1), "GET /a 200.id is no digits: 1"),
        ("at", json!("2026-01-01T00:00:00.12345678Z"), "GET /a 200.at is no time: \"2026-01-01T00:00:00.12345678Z\""),
        ("parts", json!([{"kind": "C"}]), "GET /a 200.parts[0].kind is no word:A,B: \"C\""),
        ("parts", json!([{}]), "GET /a 200.parts[0].kind is missing"),
        ("void", json!("x"), "GET /a 200.void has a value after all: \"x\""),
        ("strange", json!(1), "GET /a 200.strange is not listed for thing"),
    ] {
        let mut bad = good.clone();
        bad[name] = value;
        assert_eq!(found(&bad).0, [problem]);
    }
    let scarce = json!({"id": "1", "at": null, "parts": [], "void": null});
    assert_eq!(
        found(&scarce),
        (vec![], ["part.kind", "thing.at", "thing.parts", "thing.extra"].map(str::to_owned).to_vec())
    );
    let turned = json!({"at": null, "id": "1", "parts": [], "void": null});
    assert_eq!(found(&turned).0, ["GET /a 200 is in another order: [\"at\", \"id\", \"parts\", \"void\"]"]);
    let mut contract = Contract::read(SMALL);
    contract.hold("GET /b", &Seen { status: 404, headers: reqwest::header::HeaderMap::new(), text: String::new() });
    assert_eq!(contract.problems, ["GET /b 404 is not listed: "]);
}

//! `exchanges.har`, against the public schemas of HAR 1.2 and against the record.

use std::collections::HashSet;

use jsonschema::Registry;
use serde_json::{Value, json};

use super::samples::{problems, samples, schema};

/// The schemas, a file each.
const PARTS: [&str; 17] = [
    "afterRequest",
    "beforeRequest",
    "browser",
    "cache",
    "content",
    "cookie",
    "creator",
    "entry",
    "header",
    "log",
    "page",
    "pageTimings",
    "postData",
    "query",
    "request",
    "response",
    "timings",
];

#[test]
fn every_archive_is_as_the_public_schemas_say() {
    let mut registry = Registry::new();
    for part in PARTS {
        let mut part_schema = schema(&format!("har/{part}.json"));
        // A name without a place: what it names would not be found.
        part_schema.as_object_mut().expect("a schema").remove("$id");
        registry = registry.add(format!("json-schema:///{part}.json"), part_schema).expect("a part");
    }
    let registry = registry.prepare().expect("whole");
    let whole = json!({ "$schema": "http://json-schema.org/draft-06/schema#", "$ref": "json-schema:///log.json" });
    let validator =
        jsonschema::options().with_registry(&registry).should_validate_formats(true).build(&whole).expect("a schema");
    assert!(!validator.is_valid(&json!({ "version": "1.2" })), "it judges");
    for sample in samples() {
        let found = problems(&validator, &sample.json("exchanges.har")["log"]);
        assert!(found.is_empty(), "{}: {found:#?}", sample.name);
    }
}

/// Every attempt of a run, as `run.json` holds it, with its exchange and drill.
fn attempts(drills: &[Value]) -> Vec<(&Value, &Value, &Value)> {
    let mut all = Vec::new();
    for drill in drills {
        for exchange in drill["exchanges"].as_array().expect("exchanges") {
            for attempt in exchange["attempts"].as_array().expect("attempts") {
                all.push((drill, exchange, attempt));
            }
        }
    }
    all
}

#[test]
fn an_archive_holds_every_attempt_of_every_exchange_and_a_page_for_each_drill() {
    for sample in samples() {
        let (drills, har) = (sample.drills(), sample.json("exchanges.har"));
        let list = |name: &str| har["log"][name].as_array().expect(name).clone();
        let (pages, entries) = (list("pages"), list("entries"));
        assert_eq!(pages.len(), drills.len(), "{}", sample.name);
        let known: HashSet<_> = pages.iter().map(|page| page["id"].as_str().expect("an id")).collect();
        assert_eq!(known.len(), pages.len(), "{}", sample.name);
        let attempts = attempts(&drills);
        assert_eq!(entries.len(), attempts.len(), "{}", sample.name);
        for (entry, (drill, exchange, attempt)) in entries.iter().zip(attempts) {
            assert!(known.contains(entry["pageref"].as_str().expect("a page")));
            assert_eq!(entry["startedDateTime"], attempt["at"], "{}", sample.name);
            assert_eq!((&entry["_drill"], &entry["request"]["method"]), (&drill["id"], &exchange["method"]));
            let status = attempt["status"].as_u64().unwrap_or(0);
            assert_eq!(entry["response"]["status"], status);
            assert_eq!(entry["response"]["_error"].is_string(), attempt["failed"].is_string());
            let parts: f64 = entry["timings"]
                .as_object()
                .expect("timings")
                .values()
                .filter_map(Value::as_f64)
                .filter(|ms| *ms >= 0.0)
                .sum();
            assert!((parts - entry["time"].as_f64().expect("a time")).abs() < 1e-9, "{entry:#}");
        }
    }
}

//! `ctrf.json`, against the public schema of the Common Test Report Format and against the record.

use serde_json::json;

use super::samples::{problems, samples, schema};

#[test]
fn every_report_is_as_the_public_schema_says() {
    let validator =
        jsonschema::options().should_validate_formats(true).build(&schema("ctrf.schema.json")).expect("a schema");
    assert!(!validator.is_valid(&json!({ "reportFormat": "CTRF" })), "it judges");
    for sample in samples() {
        let found = problems(&validator, &sample.json("ctrf.json"));
        assert!(found.is_empty(), "{}: {found:#?}", sample.name);
    }
}

#[test]
fn a_report_tells_each_drill_once_with_its_verdict_and_counts_what_it_tells() {
    for sample in samples() {
        let (drills, report) = (sample.drills(), sample.json("ctrf.json"));
        let (tests, summary) = (report["results"]["tests"].as_array().expect("tests"), &report["results"]["summary"]);
        assert_eq!((tests.len(), &summary["tests"]), (drills.len(), &json!(drills.len())), "{}", sample.name);
        for status in ["passed", "failed", "skipped", "pending", "other"] {
            let told = tests.iter().filter(|test| test["status"] == status).count();
            assert_eq!(summary[status], json!(told), "{}: {status}", sample.name);
        }
        for (test, drill) in tests.iter().zip(&drills) {
            let status =
                if drill["verdict"] == "errored" { "other" } else { drill["verdict"].as_str().expect("a word") };
            assert_eq!(test["status"], status);
            assert_eq!((&test["rawStatus"], &test["line"]), (&drill["verdict"], &drill["line"]));
            assert_eq!(test["labels"]["code"], drill["code"], "{}", sample.name);
            assert_eq!(test["message"].is_string(), status != "passed", "{}", sample.name);
            assert_eq!(test["trace"].is_string(), drill["code"].is_string(), "{}", sample.name);
        }
    }
}

#[test]
fn a_drill_that_broke_off_says_what_broke_and_what_to_do() {
    let sample = samples().iter().find(|sample| sample.name == "access-denied").expect("a fixture");
    let test = &sample.json("ctrf.json")["results"]["tests"][0];
    assert_eq!((&test["status"], &test["labels"]["brokenLink"]), (&json!("other"), &json!("access")));
    let message = test["message"].as_str().expect("a message");
    assert!(message.starts_with("errored: access-denied: access broke: "), "{message}");
    let trace = test["trace"].as_str().expect("a trace");
    for told in ["  hint: ", "\nchain: access broke", "\nagain: alertdrill run features/guide/"] {
        assert!(trace.contains(told), "{told}: {trace}");
    }
}

#[test]
fn the_moments_of_a_clock_that_jumps_are_not_taken_for_the_world_s() {
    for (name, told) in [("access-denied", true), ("passed", false)] {
        let sample = samples().iter().find(|sample| sample.name == name).expect("a fixture");
        let test = &sample.json("ctrf.json")["results"]["tests"][0];
        assert_eq!((test["start"].is_i64(), test["stop"].is_i64()), (told, told), "{name}");
        assert!(test["duration"].is_u64() && test["extra"]["started"].is_string());
    }
}

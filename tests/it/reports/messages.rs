//! `messages.ndjson`, against the public schema of Cucumber Messages, against what its formatters rely on, and against the
//! record.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::samples::{Sample, problems, samples, schema};

/// The messages of a run, each with its one member's name.
fn messages(sample: &Sample) -> Vec<(String, Value)> {
    let text = sample.text("messages.ndjson");
    let read = |line: &str| -> (String, Value) {
        let message: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
        let member = message.as_object().expect("an object").iter().next().expect("a member");
        (member.0.clone(), member.1.clone())
    };
    text.lines().map(read).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

#[test]
fn every_message_is_as_the_public_schema_says() {
    let validator =
        jsonschema::options().should_validate_formats(true).build(&schema("messages.schema.json")).expect("a schema");
    assert!(!validator.is_valid(&json!({ "pickle": { "id": "1" } })), "it judges");
    for sample in samples() {
        for line in sample.text("messages.ndjson").lines() {
            let message = serde_json::from_str(line).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
            let found = problems(&validator, &message);
            assert!(found.is_empty(), "{}: {found:#?} in {line:.300}", sample.name);
        }
    }
}

#[test]
fn messages_come_in_the_order_that_formatters_know() {
    let order = ["meta", "gherkinDocument", "pickle", "hook", "testRunStarted", "the cases", "testRunFinished"];
    for sample in samples() {
        let places = messages(sample).into_iter().map(|(kind, _)| {
            let place = order.iter().position(|known| **known == kind).unwrap_or(5);
            assert!(place != 5 || kind.starts_with("test") || kind == "attachment", "{kind}");
            place
        });
        assert!(places.is_sorted(), "{}", sample.name);
    }
}

#[test]
fn whatever_a_message_names_came_before_it_and_no_id_is_given_twice() {
    for sample in samples() {
        let mut known = HashSet::new();
        let mut uris = HashSet::new();
        for (kind, message) in messages(sample) {
            if kind == "gherkinDocument" {
                assert!(uris.insert(text(&message["uri"])), "{}: two documents of a file", sample.name);
            }
            if kind == "pickle" {
                assert!(uris.contains(&text(&message["uri"])), "{}", sample.name);
            }
            visit(&message, &mut |name, value| match name {
                "id" => assert!(known.insert(text(value)), "{}: {value} twice", sample.name),
                name if name.ends_with("Id") => {
                    assert!(known.contains(&text(value)), "{}: {name} {value}", sample.name);
                }
                "astNodeIds" => {
                    let ids = value.as_array().expect("ids");
                    assert!(ids.iter().all(|id| known.contains(&text(id))), "{}: {value}", sample.name);
                }
                _ => {}
            });
        }
    }
}

/// Shows every member below `value`, the outer ones first.
fn visit(value: &Value, see: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(members) => {
            // What an object is called comes before what it names.
            members.get("id").iter().for_each(|id| see("id", id));
            for (name, member) in members.iter().filter(|(name, _)| *name != "id") {
                see(name, member);
                visit(member, see);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| visit(item, see)),
        _ => {}
    }
}

/// How bad a word of the messages is; the worst of a case is the case's, as `@cucumber/query` counts it.
fn weight(status: &str) -> usize {
    let known = ["UNKNOWN", "PASSED", "SKIPPED", "PENDING", "UNDEFINED", "AMBIGUOUS", "FAILED"];
    known.iter().position(|word| *word == status).unwrap_or_else(|| panic!("{status}"))
}

#[test]
fn the_worst_step_of_a_case_is_the_verdict_of_its_drill() {
    for sample in samples() {
        let mut worst: Vec<String> = Vec::new();
        let mut cases = HashMap::new();
        for (kind, message) in messages(sample) {
            match kind.as_str() {
                "testCaseStarted" => {
                    cases.insert(text(&message["id"]), worst.len());
                    worst.push("UNKNOWN".into());
                }
                "testStepFinished" => {
                    let status = text(&message["testStepResult"]["status"]);
                    let of_case = &mut worst[cases[&text(&message["testCaseStartedId"])]];
                    if weight(&status) > weight(of_case) {
                        *of_case = status;
                    }
                }
                _ => {}
            }
        }
        let verdicts = sample.drills().into_iter().map(|drill| match drill["verdict"].as_str().expect("a word") {
            "passed" => "PASSED",
            "skipped" => "SKIPPED",
            _ => "FAILED",
        });
        assert_eq!(worst, verdicts.collect::<Vec<_>>(), "{}", sample.name);
    }
}

#[test]
fn every_step_of_a_case_is_begun_and_ended_once_in_order_and_none_twice() {
    for sample in samples() {
        let mut planned: Vec<String> = Vec::new();
        let mut open: Option<String> = None;
        for (kind, message) in messages(sample) {
            match kind.as_str() {
                "testCase" => {
                    assert!(planned.is_empty(), "{}", sample.name);
                    let steps = message["testSteps"].as_array().expect("steps");
                    planned = steps.iter().rev().map(|step| text(&step["id"])).collect();
                }
                "testStepStarted" => {
                    assert!(open.is_none(), "{}", sample.name);
                    open = planned.pop();
                    assert_eq!(open, Some(text(&message["testStepId"])), "{}", sample.name);
                }
                "attachment" => {
                    assert_eq!(open, Some(text(&message["testStepId"])), "{}", sample.name);
                    assert!(text(&message["body"]).len() <= 64 * 1024, "{}: {}", sample.name, message["fileName"]);
                }
                "testStepFinished" => assert_eq!(open.take(), Some(text(&message["testStepId"])), "{}", sample.name),
                "testCaseFinished" => assert!(open.is_none() && planned.is_empty(), "{}", sample.name),
                _ => {}
            }
        }
    }
}

/// The one message of `kind` for which `is` holds.
fn the(sample: &str, kind: &str, is: impl Fn(&Value) -> bool) -> Value {
    let sample = samples().iter().find(|one| one.name == sample).expect("a sample");
    let mut all = messages(sample).into_iter().filter(|(one, message)| one == kind && is(message));
    let (Some((_, message)), None) = (all.next(), all.next()) else { panic!("{kind} is not there once") };
    message
}

#[test]
fn a_gap_and_what_cannot_be_told_are_told_apart() {
    for (sample, kind, success) in
        [("no-alert", "failed: no-alert", false), ("access-denied", "errored: access-denied", false)]
    {
        let finished = the(sample, "testStepFinished", |message| message["testStepResult"]["status"] == "FAILED");
        let result = &finished["testStepResult"];
        assert_eq!(result["exception"]["type"], kind);
        let message = text(&result["message"]);
        assert!(message.starts_with(&format!("{kind}: ")) && message.contains("  hint: "), "{message}");
        assert_eq!(the(sample, "testRunFinished", |_| true)["success"], success);
    }
    assert_eq!(the("passed", "testRunFinished", |_| true)["success"], true);
    let nothing = the("nothing-judged", "testRunFinished", |_| true);
    assert_eq!(
        (&nothing["success"], nothing["message"].as_str().map(|told| told.contains("Nothing was judged"))),
        (&json!(false), Some(true))
    );
}

#[test]
fn the_step_that_decided_bears_the_chain_the_alerts_and_the_exchanges() {
    let failed = the("no-alert", "testStepFinished", |message| message["testStepResult"]["status"] == "FAILED");
    let of_it = |name: &'static str| {
        let step = failed["testStepId"].clone();
        the("no-alert", "attachment", move |message| message["testStepId"] == step && message["fileName"] == name)
    };
    let chain = text(&of_it("chain.txt")["body"]);
    assert!(chain.contains("✘ detection broke: ") && chain.contains("✔ access held: HTTP 200"), "{chain}");
    let alert = of_it("alert-1.json");
    assert_eq!(alert["mediaType"], "application/json");
    let alert: Value = serde_json::from_str(&text(&alert["body"])).expect("JSON");
    assert!(alert["expected"]["title"].is_string() && !alert["near_misses"].as_array().expect("a list").is_empty());
    let exchanges = text(&of_it("exchanges.txt")["body"]);
    assert!(
        exchanges.contains("# obtain an access token\nPOST http://127.0.0.1:")
            && exchanges.contains("→ HTTP 200 after"),
        "{exchanges}"
    );
}

#[test]
fn what_is_too_long_to_attach_is_cut_and_says_so() {
    let cut =
        the("hostile all over", "attachment", |message| text(&message["body"]).ends_with("run.json has all of it"));
    assert_eq!((&cut["mediaType"], &cut["fileName"]), (&json!("text/plain"), &json!("alert-1.txt")));
}

#[test]
fn steps_are_told_with_their_keywords_and_an_and_is_what_the_step_before_it_is() {
    let document = the("passed", "gherkinDocument", |message| message["uri"] == "features/guide/2_create.feature");
    let scenario = &document["feature"]["children"][0]["scenario"];
    let keywords: Vec<_> = scenario["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .map(|step| (step["keyword"].clone(), step["keywordType"].clone()))
        .collect();
    let known = [("Given ", "Context"), ("When ", "Action"), ("And ", "Conjunction"), ("Then ", "Outcome")];
    assert_eq!(keywords, known.map(|(keyword, kind)| (json!(keyword), json!(kind))));
    let pickle = the("passed", "pickle", |message| message["uri"] == "features/guide/2_create.feature");
    let kinds: Vec<_> = pickle["steps"].as_array().expect("steps").iter().map(|step| text(&step["type"])).collect();
    assert_eq!(kinds, ["Context", "Action", "Action", "Outcome"]);
}

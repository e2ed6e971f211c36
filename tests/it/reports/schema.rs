//! The documented schema of `run.json`, against what is written and what the code knows.

use std::{collections::BTreeSet, fs, path::Path};

use alertdrill::{
    domain::entity::EntityKind,
    record::{
        chain::{Link, Standing},
        failure::Code,
        file::RunWriter,
        reader::RunReader,
    },
};
use serde_json::Value;

use super::{FIXTURES, drills, fixture};

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/schema/run.schema.json");
    serde_json::from_str(&fs::read_to_string(path).expect("readable")).expect("JSON")
}

/// A fixture, read and written again by alertdrill itself.
fn written(name: &str) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let reader = RunReader::open(&fixture(name)).expect("readable");
    let mut writer = RunWriter::create(folder.path(), reader.head()).expect("created");
    for drill in drills(&fixture(name)) {
        writer.drill(&drill).expect("written");
    }
    let path = writer.finish(reader.foot().expect("a foot")).expect("finished");
    serde_json::from_str(&fs::read_to_string(path).expect("readable")).expect("JSON")
}

#[test]
fn whatever_is_written_is_as_the_schema_says() {
    let validator = jsonschema::draft202012::new(&schema()).expect("a schema");
    for name in FIXTURES {
        let by_hand = serde_json::from_str(&fs::read_to_string(fixture(name)).expect("readable")).expect("JSON");
        for run in [by_hand, written(name)] {
            let problems: Vec<String> =
                validator.iter_errors(&run).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert!(problems.is_empty(), "{name}: {problems:#?}");
        }
    }
}

#[test]
fn the_schema_knows_no_member_that_is_never_written() {
    let mut unseen = BTreeSet::new();
    let schema = schema();
    members_of("run", &schema, &mut unseen);
    for (name, part) in schema["$defs"].as_object().expect("parts") {
        members_of(name, part, &mut unseen);
    }
    for name in FIXTURES {
        strike_out("run", &schema, &written(name), &schema, &mut unseen);
    }
    // A panic has a place, and no fixture panics.
    assert_eq!(unseen.into_iter().collect::<Vec<_>>(), ["failure.place"]);
}

fn members_of(name: &str, part: &Value, members: &mut BTreeSet<String>) {
    let properties = part["properties"].as_object();
    members.extend(properties.iter().flat_map(|properties| properties.keys()).map(|key| format!("{name}.{key}")));
}

/// Walks schema and value together, and strikes out every member that is there.
fn strike_out(name: &str, part: &Value, value: &Value, schema: &Value, unseen: &mut BTreeSet<String>) {
    if let Some(target) = part["$ref"].as_str() {
        let target = target.trim_start_matches("#/$defs/");
        return strike_out(target, &schema["$defs"][target], value, schema, unseen);
    }
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                unseen.remove(&format!("{name}.{key}"));
                strike_out(name, &part["properties"][key], member, schema, unseen);
            }
        }
        Value::Array(items) => {
            for item in items {
                strike_out(name, &part["items"], item, schema, unseen);
            }
        }
        _ => {}
    }
}

#[test]
fn the_schema_s_words_are_the_code_s() {
    let schema = schema();
    let words = |pointer: &str| -> Vec<String> {
        let list = schema.pointer(pointer).and_then(Value::as_array).expect(pointer);
        list.iter().map(|word| word.as_str().expect("a word").to_owned()).collect()
    };
    let codes: Vec<_> = Code::ALL.map(|code| code.as_str().to_owned()).into();
    assert_eq!(words("/$defs/code/enum"), codes);
    let gaps: Vec<_> = Code::ALL.into_iter().filter(|code| code.is_gap()).map(|code| code.to_string()).collect();
    assert_eq!(words("/$defs/drill/oneOf/1/properties/code/enum"), gaps);
    let others: Vec<_> =
        Code::ALL.into_iter().filter(|code| !code.is_gap() && !code.is_skip()).map(|code| code.to_string()).collect();
    assert_eq!(words("/$defs/drill/oneOf/2/properties/code/enum"), others);

    let kinds: Vec<_> = EntityKind::ALL.map(|kind| kind.word().to_owned()).into();
    assert_eq!(words("/$defs/entity/properties/kind/enum"), kinds);

    let link = |link: Link| serde_json::to_value(link).expect("plain data").as_str().expect("a word").to_owned();
    assert_eq!(words("/$defs/link/enum"), Link::ALL.map(link));
}

#[test]
fn the_standings_of_a_link_are_those_of_the_schema() {
    let schema = schema();
    let words = schema.pointer("/$defs/standing/enum").and_then(Value::as_array).expect("a list");
    let known = |standing: Standing| match standing {
        Standing::Held | Standing::Broke | Standing::Unwitnessable => serde_json::to_value(standing).expect("a word"),
    };
    let read = words.iter().map(|word| known(serde_json::from_value(word.clone()).expect("known")));
    assert_eq!(&read.collect::<Vec<_>>(), words);
    assert_eq!(words.len(), 3);
}

/// Every word of these lists can be read, and none besides: the types have no list of their own.
#[test]
fn verdicts_and_outcomes_are_those_of_the_schema() {
    use alertdrill::record::{drill::Outcome, verdict::RunVerdict};

    let schema = schema();
    let words = |pointer: &str| schema.pointer(pointer).and_then(Value::as_array).expect(pointer).clone();
    for word in words("/properties/verdict/enum") {
        let verdict: RunVerdict = serde_json::from_value(word.clone()).expect("known");
        assert_eq!(verdict.word(), word);
    }
    let known = |outcome: Outcome| match outcome {
        Outcome::Passed | Outcome::Failed | Outcome::Skipped | Outcome::NotRun => {
            serde_json::to_value(outcome).expect("plain data")
        }
    };
    let outcomes = [Outcome::Passed, Outcome::Failed, Outcome::Skipped, Outcome::NotRun].map(known);
    assert_eq!(words("/$defs/step/properties/outcome/enum"), outcomes);
}

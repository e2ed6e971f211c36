//! Runs of every kind, for what must hold in every report of any of them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use alertdrill::report::{Format, render};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{FIXTURES, fixture};

/// A secret that stands in the hostile run wherever an exchange can hold one.
pub(super) const CANARY: &str = "c4n4ry~S3cr3t~0f~n0b0dy";

/// A text with everything in it that a format may trip over.
const HOSTILE: &str = "\0\u{1}\u{7}\u{1b}[31m\u{9b}31m\u{7f} \u{202e}gnp.exe\u{2066} \u{feff}\u{fffe}\u{ffff}\u{2028} \
    </script></pre><img src=x onerror=alert(1)> ]]><![CDATA[ &amp; &#0; \\ud800 %zz %00 \\\" ' ` | \r\n# {0}\t\u{1f600}";

/// How long a text of more than a mebibyte is.
const LONG: usize = 1_200_000;

/// Members whose values are words, and not free text; the link of an alert is an address.
const WORDS: [&str; 6] = ["verdict", "code", "outcome", "link", "standing", "level"];

/// A rendered run, in a folder of its own.
pub(super) struct Sample {
    pub(super) name: String,
    folder: TempDir,
}

impl Sample {
    /// The reports of the run at `run`.
    fn of(name: &str, run: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::copy(run, folder.path().join("run.json")).expect("copied");
        render(run, folder.path(), &Format::ALL).unwrap_or_else(|error| panic!("{name}: {error}"));
        Self { name: name.into(), folder }
    }

    pub(super) fn text(&self, file: &str) -> String {
        fs::read_to_string(self.folder.path().join(file)).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    pub(super) fn json(&self, file: &str) -> Value {
        serde_json::from_str(&self.text(file)).unwrap_or_else(|error| panic!("{}, {file}: {error}", self.name))
    }

    /// Every drill of the run, in the order of the reports, as `run.json` holds it.
    pub(super) fn drills(&self) -> Vec<Value> {
        let mut drills = self.json("run.json")["drills"].as_array().expect("drills").clone();
        if self.name == "the built-in suite" {
            drills.sort_by_key(|drill| (drill["file"].as_str().map(str::to_owned), drill["line"].as_u64()));
        }
        drills
    }
}

/// Every fixture, a run of the whole built-in suite, and a run in which every text is hostile; each is rendered once.
pub(super) fn samples() -> &'static [Sample] {
    static SAMPLES: OnceLock<Vec<Sample>> = OnceLock::new();
    SAMPLES.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let mut samples: Vec<Sample> = FIXTURES.iter().map(|name| Sample::of(name, &fixture(name))).collect();
        samples.push(Sample::of("the built-in suite", &built_in_suite(folder.path())));
        let hostile = folder.path().join("hostile.json");
        fs::write(&hostile, hostile_run().to_string()).expect("written");
        samples.push(Sample::of("hostile all over", &hostile));
        samples
    })
}

/// What stands against a value of a report, by a schema of somebody else.
pub(super) fn problems(validator: &jsonschema::Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).take(5).collect()
}

/// A schema of `fixtures/contract/reports`.
pub(super) fn schema(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/contract/reports").join(file);
    serde_json::from_str(&fs::read_to_string(&path).expect("readable")).expect("JSON")
}

fn built_in_suite(folder: &Path) -> PathBuf {
    let out = folder.join("suite");
    let mut command = Command::new(env!("CARGO_BIN_EXE_alertdrill"));
    command.args(["run", "--quiet", "--seed", "7", "--format", "markdown", "--out"]).arg(&out).current_dir(folder);
    let output = command.output().expect("the binary starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    out.join("run.json")
}

/// A run that says something of everything, with the hostile text in every text of it, long ones, and secrets in every
/// place of an exchange.
fn hostile_run() -> Value {
    let mut run: Value =
        serde_json::from_str(&fs::read_to_string(fixture("no-alert")).expect("readable")).expect("JSON");
    let other: Value = serde_json::from_str(&fs::read_to_string(fixture("late")).expect("readable")).expect("JSON");
    let drills = run["drills"].as_array_mut().expect("drills");
    drills.extend(other["drills"].as_array().expect("drills").iter().cloned());
    // No step says that it broke off.
    drills[1]["verdict"] = json!("errored");
    drills[1]["code"] = json!("inconclusive");
    drills[1]["reason"] = json!("nothing is known");
    let mut counts = json!({ "passed": 0, "failed": 0, "errored": 0, "skipped": 0 });
    for drill in drills.iter_mut() {
        plant_secrets(drill);
        let word = drill["verdict"].as_str().expect("a word").to_owned();
        counts[&word] = json!(counts[&word].as_u64().expect("a number") + 1);
    }
    make_hostile("", &mut run);
    run["counts"] = counts;
    let drill = &mut run["drills"][0];
    let long = "long ".repeat(LONG / 5);
    for text in ["/name", "/feature", "/steps/0/text", "/chain/0/by", "/exchanges/0/purpose"] {
        *drill.pointer_mut(text).unwrap_or_else(|| panic!("{text} is there")) = json!(long);
    }
    let mut drills = run["drills"].as_array_mut().expect("drills").iter_mut();
    let seeing = drills.find(|drill| drill["sightings"][0].is_object()).expect("an alert was looked for");
    seeing["sightings"][0]["expected"]["description"] = json!(long);
    run
}

fn plant_secrets(drill: &mut Value) {
    let Some(exchanges) = drill["exchanges"].as_array_mut() else { return };
    for exchange in exchanges {
        exchange["url"] = json!(format!("https://me:{CANARY}@h.example/a?sig={CANARY}&$filter=a [b]"));
        exchange["request_headers"] = json!([["Authorization", format!("Bearer {CANARY}")], ["Cookie", CANARY]]);
        exchange["request_body"] = json!(format!("{{\"client_secret\":\"{CANARY}\",\"a\":\"\\ud800 {HOSTILE}\"}}"));
        for attempt in exchange["attempts"].as_array_mut().expect("attempts") {
            attempt["response_headers"] = json!([["Set-Cookie", CANARY], ["Location", format!("/?code={CANARY}")]]);
            attempt["response_body"] =
                json!(format!("{{\"access_token\":\"{CANARY}\",\"b\":[{{\"password\":\"{CANARY}\"}}]}}"));
            attempt["failed"] = json!(format!("could not reach https://h/?client_secret={CANARY}"));
        }
    }
    drill["logs"] = json!([{ "level": "warn", "text": format!("refused: client_secret={CANARY}"), "after": 0 }]);
    drill["held"] = json!([{ "what": "indicator 1", "original": format!("{{\"secret\":\"{CANARY}\"}}") }]);
}

/// Puts the hostile text at the end of every text below `value`.
fn make_hostile(member: &str, value: &mut Value) {
    match value {
        Value::String(text) => {
            let word = WORDS.contains(&member) && !text.contains(':');
            if !word && text.parse::<jiff::Timestamp>().is_err() {
                text.push_str(HOSTILE);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| make_hostile("", item)),
        Value::Object(members) => {
            members.iter_mut().for_each(|(name, value)| make_hostile(name, value));
        }
        _ => {}
    }
}

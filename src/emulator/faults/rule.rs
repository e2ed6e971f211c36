//! A fault, where it applies and how often: from JSON, and to JSON again.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::emulator::knobs::{seconds, seconds_json};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::emulator) enum Fault {
    DropAlert,
    DelayAlert(Duration),
    MislabelAlert { field: String, value: String },
    DuplicateAlert,
    MoveAlert { device: String },
    Status { status: u16, retry_after: Option<u64>, body: Option<String> },
    CutBody(usize),
    Close { applied: bool },
    Html,
    Delay(Duration),
    Garbage,
    WrongTypes,
    DropTelemetry,
    Forget,
}

/// What a fault may apply to.
#[derive(Debug)]
pub(in crate::emulator) enum Subject<'a> {
    /// A request to a face.
    Exchange { face: &'a str, method: &'a str, path: &'a str },
    /// An alert that is about to be raised.
    Alert { device: &'a str, text: &'a str },
    /// An event that a sensor reports.
    Telemetry { device: &'a str, text: &'a str },
    /// A definition or indicator that is about to be kept.
    Publishing { text: &'a str },
}

/// Where a fault applies: everywhere that each given part says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Match {
    face: Option<String>,
    method: Option<String>,
    path: Option<String>,
    device: Option<String>,
    text: Option<String>,
}

/// A fault that is switched on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule {
    pub(super) id: u64,
    pub(super) fault: Fault,
    pub(super) matching: Match,
    /// How many times more; `None` is without end.
    pub(super) times: Option<u64>,
}

/// One kind of fault: its name, its settings and what it does.
struct Kind {
    name: &'static str,
    meaning: &'static str,
    settings: &'static [&'static str],
    read: fn(&Settings<'_>) -> Result<Fault, String>,
}

const KINDS: [Kind; 14] = [
    Kind { name: "drop-alert", meaning: "an alert is not raised", settings: &[], read: |_| Ok(Fault::DropAlert) },
    Kind {
        name: "delay-alert",
        meaning: "an alert can be read {seconds} later",
        settings: &["seconds"],
        read: |s| s.seconds("seconds").map(Fault::DelayAlert),
    },
    Kind {
        name: "mislabel-alert",
        meaning: "an alert says {value} in {field}: title, severity, category, description or source",
        settings: &["field", "value"],
        read: |s| Ok(Fault::MislabelAlert { field: s.word("field", &LABELS)?, value: s.text("value")? }),
    },
    Kind {
        name: "duplicate-alert",
        meaning: "an alert is raised twice",
        settings: &[],
        read: |_| Ok(Fault::DuplicateAlert),
    },
    Kind {
        name: "move-alert",
        meaning: "an alert names the device {device} instead of its own",
        settings: &["device"],
        read: |s| Ok(Fault::MoveAlert { device: s.text("device")? }),
    },
    Kind {
        name: "status",
        meaning: "a request is not served but answered with {status} (200 to 599), a Retry-After of {retryAfter} \
                  seconds and the text {body}; the last two may be left out",
        settings: &["status", "retryAfter", "body"],
        read: |s| {
            let (retry_after, body) = (s.optional_whole("retryAfter")?, s.optional_text("body")?);
            Ok(Fault::Status { status: s.status("status")?, retry_after, body })
        },
    },
    Kind {
        name: "cut-body",
        meaning: "a request is served, and its answer cut off after {bytes} of the body",
        settings: &["bytes"],
        read: |s| s.whole("bytes").map(|bytes| Fault::CutBody(usize::try_from(bytes).unwrap_or(usize::MAX))),
    },
    Kind {
        name: "close",
        meaning: "the connection is closed without an answer; nothing is done, unless {applied} is true",
        settings: &["applied"],
        read: |s| s.optional_switch("applied").map(|applied| Fault::Close { applied }),
    },
    Kind {
        name: "html",
        meaning: "a request is not served but answered 200 with a page in HTML, as a proxy's sign-in page does",
        settings: &[],
        read: |_| Ok(Fault::Html),
    },
    Kind {
        name: "delay",
        meaning: "a request is served {milliseconds} of real time later",
        settings: &["milliseconds"],
        read: |s| s.whole("milliseconds").map(|span| Fault::Delay(Duration::from_millis(span.min(600_000)))),
    },
    Kind {
        name: "garbage",
        meaning: "a request is not served but answered 200 with JSON that breaks off",
        settings: &[],
        read: |_| Ok(Fault::Garbage),
    },
    Kind {
        name: "wrong-types",
        meaning: "a request is served, and in its answer every text is a number and every number a text",
        settings: &[],
        read: |_| Ok(Fault::WrongTypes),
    },
    Kind {
        name: "drop-telemetry",
        meaning: "what a sensor reports is lost",
        settings: &[],
        read: |_| Ok(Fault::DropTelemetry),
    },
    Kind {
        name: "forget",
        meaning: "a definition or indicator is accepted and not kept",
        settings: &[],
        read: |_| Ok(Fault::Forget),
    },
];

/// The fields of an alert that can be mislabelled.
const LABELS: [&str; 5] = ["title", "severity", "category", "description", "source"];

/// The parts of a match that may also stand beside the settings.
const FLAT: [&str; 4] = ["face", "method", "path", "text"];

/// Every kind of fault, for whoever asks what there is.
pub fn documentation() -> Value {
    let kinds = KINDS.iter().map(|kind| json!({"kind": kind.name, "meaning": kind.meaning, "settings": kind.settings}));
    json!({
        "kinds": kinds.collect::<Vec<_>>(),
        "times": "how often the fault applies before it is switched off; without it, until it is taken away",
        "match": {
            "face": "token, legacy, export, endpoint, graph, portal, sensor or control; \
                     the control face is spared unless it is named",
            "method": "the request's method",
            "path": "a part of the request's path, in any letter case",
            "device": "the device's name, for alerts and telemetry",
            "text": "a part of the alert's title or description, of the event, or of the definition's title, \
                     description or the indicator's value",
        },
    })
}

impl Fault {
    /// Whether this fault is of the sort that applies to `subject` at all.
    pub(super) fn concerns(&self, subject: &Subject<'_>) -> bool {
        match self {
            Self::DropAlert
            | Self::DelayAlert(_)
            | Self::MislabelAlert { .. }
            | Self::DuplicateAlert
            | Self::MoveAlert { .. } => matches!(subject, Subject::Alert { .. }),
            Self::DropTelemetry => matches!(subject, Subject::Telemetry { .. }),
            Self::Forget => matches!(subject, Subject::Publishing { .. }),
            _ => matches!(subject, Subject::Exchange { .. }),
        }
    }

    fn name_and_settings(&self) -> (&'static str, Vec<(&'static str, Value)>) {
        match self {
            Self::DropAlert => ("drop-alert", vec![]),
            Self::DelayAlert(span) => ("delay-alert", vec![("seconds", seconds_json(*span))]),
            Self::MislabelAlert { field, value } => {
                ("mislabel-alert", vec![("field", json!(field)), ("value", json!(value))])
            }
            Self::DuplicateAlert => ("duplicate-alert", vec![]),
            Self::MoveAlert { device } => ("move-alert", vec![("device", json!(device))]),
            Self::Status { status, retry_after, body } => {
                let mut settings = vec![("status", json!(status))];
                settings.extend(retry_after.map(|seconds| ("retryAfter", json!(seconds))));
                settings.extend(body.as_ref().map(|body| ("body", json!(body))));
                ("status", settings)
            }
            Self::CutBody(bytes) => ("cut-body", vec![("bytes", json!(bytes))]),
            Self::Close { applied } => ("close", vec![("applied", json!(applied))]),
            Self::Html => ("html", vec![]),
            Self::Delay(span) => {
                ("delay", vec![("milliseconds", json!(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)))])
            }
            Self::Garbage => ("garbage", vec![]),
            Self::WrongTypes => ("wrong-types", vec![]),
            Self::DropTelemetry => ("drop-telemetry", vec![]),
            Self::Forget => ("forget", vec![]),
        }
    }
}

impl Match {
    /// Whether every given part is true of `subject`.
    pub(super) fn holds(&self, subject: &Subject<'_>) -> bool {
        let is = |part: &Option<String>, value: Option<&str>| match (part, value) {
            (None, _) => true,
            (Some(part), Some(value)) => part.eq_ignore_ascii_case(value),
            (Some(_), None) => false,
        };
        let stands_in = |part: &Option<String>, value: Option<&str>| match (part, value) {
            (None, _) => true,
            (Some(part), Some(value)) => value.to_ascii_lowercase().contains(&part.to_ascii_lowercase()),
            (Some(_), None) => false,
        };
        let (face, method, path, device, text) = match *subject {
            Subject::Exchange { face, method, path } => (Some(face), Some(method), Some(path), None, None),
            Subject::Alert { device, text } | Subject::Telemetry { device, text } => {
                (None, None, None, Some(device), Some(text))
            }
            Subject::Publishing { text } => (None, None, None, None, Some(text)),
        };
        if face == Some("control") && self.face.is_none() {
            return false;
        }
        is(&self.face, face)
            && is(&self.method, method)
            && stands_in(&self.path, path)
            && is(&self.device, device)
            && stands_in(&self.text, text)
    }

    fn from_json(value: &Value) -> Result<Self, String> {
        let Value::Object(parts) = value else { return Err("`match` must be an object".to_owned()) };
        let mut matching = Self::default();
        for (name, value) in parts {
            matching.set(name, value)?;
        }
        Ok(matching)
    }

    fn set(&mut self, name: &str, value: &Value) -> Result<(), String> {
        let part = match name {
            "face" => &mut self.face,
            "method" => &mut self.method,
            "path" => &mut self.path,
            "device" => &mut self.device,
            "text" => &mut self.text,
            _ => return Err(format!("`match` has no `{name}` (known: face, method, path, device, text)")),
        };
        *part = Some(value.as_str().ok_or_else(|| format!("`{name}` must be a text"))?.to_owned());
        Ok(())
    }

    fn to_json(&self) -> Value {
        let parts = [
            ("face", &self.face),
            ("method", &self.method),
            ("path", &self.path),
            ("device", &self.device),
            ("text", &self.text),
        ];
        let given = parts.into_iter().filter_map(|(name, part)| Some((name.to_owned(), json!(part.as_ref()?))));
        Value::Object(given.collect())
    }
}

impl Rule {
    /// Reads `{"kind": …, "times": …, "match": {…}, …settings}`; settings may also stand under `settings`.
    pub(super) fn from_json(value: &Value) -> Result<Self, String> {
        let Value::Object(members) = value else { return Err("a fault is an object with a `kind`".to_owned()) };
        let kind = members.get("kind").and_then(Value::as_str).unwrap_or_default();
        let Some(kind) = KINDS.iter().find(|known| known.name == kind) else {
            let known: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
            return Err(format!("there is no fault of kind `{kind}` (known: {})", known.join(", ")));
        };
        let mut matching = members.get("match").map_or_else(|| Ok(Match::default()), Match::from_json)?;
        let mut settings = Map::new();
        if let Some(Value::Object(given)) = members.get("settings") {
            settings.extend(given.clone());
        }
        for (name, value) in members.iter().filter(|(name, _)| !RESERVED.contains(&name.as_str())) {
            if FLAT.contains(&name.as_str()) {
                matching.set(name, value)?;
            } else {
                settings.insert(name.clone(), value.clone());
            }
        }
        if let Some(stranger) = settings.keys().find(|name| !kind.settings.contains(&name.as_str())) {
            return Err(format!("`{}` has no setting `{stranger}` ({})", kind.name, kind.meaning));
        }
        let fault = (kind.read)(&Settings(&settings))?;
        Ok(Self { id: 0, fault, matching, times: times(members.get("times"))? })
    }

    pub(super) fn to_json(&self) -> Value {
        let (kind, settings) = self.fault.name_and_settings();
        let mut json = Map::new();
        json.insert("id".into(), json!(self.id));
        json.insert("kind".into(), json!(kind));
        json.extend(settings.into_iter().map(|(name, value)| (name.to_owned(), value)));
        if self.matching != Match::default() {
            json.insert("match".into(), self.matching.to_json());
        }
        json.insert("times".into(), json!(self.times));
        Value::Object(json)
    }
}

/// Members of a fault in JSON that are no settings.
const RESERVED: [&str; 5] = ["id", "kind", "match", "times", "settings"];

fn times(value: Option<&Value>) -> Result<Option<u64>, String> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64() {
            Some(times) if times > 0 => Ok(Some(times)),
            _ => Err("`times` must be a whole number from 1 on".to_owned()),
        },
    }
}

/// The settings of a fault, read with an error for a person.
struct Settings<'a>(&'a Map<String, Value>);

impl Settings<'_> {
    fn get<T>(&self, name: &str, what: &str, read: impl FnOnce(&Value) -> Option<T>) -> Result<T, String> {
        self.0.get(name).and_then(read).ok_or_else(|| format!("`{name}` must be {what}"))
    }

    fn optional<T>(&self, name: &str, what: &str, read: impl FnOnce(&Value) -> Option<T>) -> Result<Option<T>, String> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.get(name, what, read).map(Some),
        }
    }

    fn text(&self, name: &str) -> Result<String, String> {
        self.get(name, "a text", |value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    }

    fn optional_text(&self, name: &str) -> Result<Option<String>, String> {
        self.optional(name, "a text", |value| value.as_str().map(str::to_owned))
    }

    fn word(&self, name: &str, known: &[&str]) -> Result<String, String> {
        let what = format!("one of {}", known.join(", "));
        let is_known = |word: &&str| known.contains(word);
        self.get(name, &what, |value| value.as_str().filter(is_known).map(str::to_owned))
    }

    fn whole(&self, name: &str) -> Result<u64, String> {
        self.get(name, "a whole number", Value::as_u64)
    }

    fn optional_whole(&self, name: &str) -> Result<Option<u64>, String> {
        self.optional(name, "a whole number", Value::as_u64)
    }

    fn optional_switch(&self, name: &str) -> Result<bool, String> {
        self.optional(name, "true or false", Value::as_bool).map(|given| given.unwrap_or(false))
    }

    fn seconds(&self, name: &str) -> Result<Duration, String> {
        self.get(name, "a number of seconds", |value| seconds(value).ok())
    }

    fn status(&self, name: &str) -> Result<u16, String> {
        let status = |value: &Value| value.as_u64().filter(|status| (200..=599).contains(status));
        self.get(name, "a status from 200 to 599", |value| status(value).and_then(|status| u16::try_from(status).ok()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_what_it_was() {
        let rules = [
            json!({"kind": "drop-alert"}),
            json!({"kind": "delay-alert", "seconds": 60}),
            json!({"kind": "mislabel-alert", "field": "title", "value": "Other"}),
            json!({"kind": "duplicate-alert"}),
            json!({"kind": "move-alert", "device": "pc2"}),
            json!({"kind": "status", "status": 429, "retryAfter": 7, "body": "slow down"}),
            json!({"kind": "cut-body", "bytes": 3}),
            json!({"kind": "close", "applied": true}),
            json!({"kind": "html"}),
            json!({"kind": "delay", "milliseconds": 5}),
            json!({"kind": "garbage"}),
            json!({"kind": "wrong-types"}),
            json!({"kind": "drop-telemetry"}),
            json!({"kind": "forget"}),
        ];
        assert_eq!(rules.len(), KINDS.len());
        for rule in rules {
            let json = Rule::from_json(&rule).expect("a good rule").to_json();
            for (name, value) in rule.as_object().expect("an object") {
                assert_eq!(&json[name], value);
            }
            assert_eq!(Rule::from_json(&json).expect("what is written can be read").to_json(), json);
        }
    }

    #[test]
    fn a_bad_fault_is_refused_in_words() {
        let refused = |rule: Value| Rule::from_json(&rule).expect_err("refused");
        assert!(refused(json!({"kind": "explode"})).starts_with("there is no fault of kind `explode` (known: drop-"));
        assert!(refused(json!({"kind": "status"})).contains("`status` must be a status from 200 to 599"));
        assert!(refused(json!({"kind": "html", "bytes": 1})).contains("`html` has no setting `bytes`"));
        assert!(refused(json!({"kind": "html", "times": 0})).contains("`times`"));
        assert!(refused(json!({"kind": "html", "match": {"host": "x"}})).contains("`match` has no `host`"));
        assert!(refused(json!({"kind": "mislabel-alert", "field": "id", "value": "x"})).contains("one of title"));
        assert!(refused(json!("close")).contains("object"));
    }

    #[test]
    fn settings_may_stand_under_their_own_member() {
        let rule = json!({"kind": "delay-alert", "settings": {"seconds": 2}});
        assert_eq!(Rule::from_json(&rule).map(|rule| rule.fault), Ok(Fault::DelayAlert(Duration::from_secs(2))));
    }
}

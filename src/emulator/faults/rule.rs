//! A fault that is switched on, where it applies and how often: from JSON, and to JSON again.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Number, Value, json};

use crate::emulator::{
    faults::kinds::{KINDS, Settings, text},
    knobs::{seconds, seconds_json},
    noise, propagation,
};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::emulator) enum Fault {
    DropAlert,
    DelayAlert(Duration),
    MislabelAlert { field: String, value: String },
    DuplicateAlert,
    MoveAlert { device: String },
    EarlyAlert(Duration),
    ReplayAlert(Duration),
    RewriteAlert { from: String, to: String },
    DropEvidence { device: bool, things: bool },
    HideEvidence(String),
    MergeAlert,
    Status { status: u16, retry_after: Option<Number>, body: Option<String>, applied: bool },
    CutBody(usize),
    Close { applied: bool },
    Html,
    Delay(Duration),
    Garbage,
    WrongTypes,
    DropTelemetry,
    Forget,
    Inert,
    RefusePart { status: u16 },
    AnyFailure,
}

/// What any failure can be.
pub(super) fn failures() -> [Fault; 8] {
    let status = |status, retry_after: Option<u32>| Fault::Status {
        status,
        retry_after: retry_after.map(Number::from),
        body: None,
        applied: false,
    };
    [
        Fault::Close { applied: false },
        Fault::Close { applied: true },
        Fault::CutBody(10),
        status(500, None),
        status(503, None),
        status(429, Some(2)),
        Fault::Delay(Duration::from_millis(5)),
        Fault::Garbage,
    ]
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
    /// A part of a request that carries many: of a batch, or of an import.
    Part { face: &'a str, method: &'a str, path: &'a str, text: &'a str },
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
    /// How long it applies from its first use on; `None` is without end.
    lasting: Option<Duration>,
    /// To which share of what matches it applies; `None` is all.
    share: Option<f64>,
    /// What chance follows from.
    seed: u64,
    first_at: Option<Timestamp>,
    matched: u64,
}

/// The parts of a match may also stand beside the settings, unless the kind has a setting of that name.
const FLAT: [&str; 5] = ["face", "method", "path", "device", "text"];

/// Every kind of fault, for whoever asks what there is.
pub fn documentation() -> Value {
    let kinds = KINDS.iter().map(|kind| json!({"kind": kind.name, "meaning": kind.meaning, "settings": kind.settings}));
    json!({
        "kinds": kinds.collect::<Vec<_>>(),
        "times": "how often the fault applies before it is switched off; without it, until it is taken away",
        "lasting": "for how many seconds of the tenant's time the fault applies, from its first use on",
        "share": "to which share of what matches the fault applies, by chance: from 0 to 1",
        "seed": "a whole number that chance follows from: 0 where it is left out",
        "examples": [
            {"what": "the list of alerts is down for ten minutes",
             "fault": {"kind": "status", "status": 503, "path": "alerts", "lasting": 600}},
            {"what": "a storm of refusals for five minutes",
             "fault": {"kind": "status", "status": 429, "retryAfter": 10, "lasting": 300}},
            {"what": "of all requests a fifth fails, each in some way",
             "fault": {"kind": "any-failure", "share": 0.2, "seed": 7}},
        ],
        "match": {
            "face": "token, legacy, export, endpoint, graph, portal, sensor or control; \
                     the control face is spared unless it is named",
            "method": "the method of the request, or of its part",
            "path": "a part of the path of the request, or of its part, in any letter case",
            "device": "the device's name, for alerts and telemetry",
            "text": "a part of the alert's title or description, of the event, of the definition's title, \
                     description or the indicator's value, or of the body of a request's part",
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
            | Self::MoveAlert { .. }
            | Self::EarlyAlert(_)
            | Self::ReplayAlert(_)
            | Self::RewriteAlert { .. }
            | Self::DropEvidence { .. }
            | Self::HideEvidence(_)
            | Self::MergeAlert => matches!(subject, Subject::Alert { .. }),
            Self::DropTelemetry => matches!(subject, Subject::Telemetry { .. }),
            Self::Forget | Self::Inert => matches!(subject, Subject::Publishing { .. }),
            Self::RefusePart { .. } => matches!(subject, Subject::Part { .. }),
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
            Self::EarlyAlert(span) => ("early-alert", vec![("seconds", seconds_json(*span))]),
            Self::ReplayAlert(span) => ("replay-alert", vec![("seconds", seconds_json(*span))]),
            Self::RewriteAlert { from, to } => ("rewrite-alert", vec![("from", json!(from)), ("to", json!(to))]),
            Self::DropEvidence { device, things } => {
                let of = if *device && *things {
                    "all"
                } else if *device {
                    "device"
                } else {
                    "observable"
                };
                ("drop-evidence", vec![("of", json!(of))])
            }
            Self::HideEvidence(value) => ("hide-evidence", vec![("value", json!(value))]),
            Self::MergeAlert => ("merge-alert", vec![]),
            Self::Status { status, retry_after, body, applied } => {
                let mut settings = vec![("status", json!(status))];
                settings.extend(retry_after.as_ref().map(|seconds| ("retryAfter", json!(seconds))));
                settings.extend(body.as_ref().map(|body| ("body", json!(body))));
                settings.extend(applied.then(|| ("applied", json!(true))));
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
            Self::Inert => ("inert", vec![]),
            Self::AnyFailure => ("any-failure", vec![]),
            Self::RefusePart { status } => ("refuse-part", vec![("status", json!(status))]),
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
            Subject::Part { face, method, path, text } => (Some(face), Some(method), Some(path), None, Some(text)),
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
        *part = Some(text(value).ok_or_else(|| format!("`{name}` must be a text"))?);
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
            let is_match = FLAT.contains(&name.as_str()) && !kind.settings.contains(&name.as_str());
            if is_match {
                matching.set(name, value)?;
            } else {
                settings.insert(name.clone(), value.clone());
            }
        }
        if let Some(stranger) = settings.keys().find(|name| !kind.settings.contains(&name.as_str())) {
            return Err(format!("`{}` has no setting `{stranger}` ({})", kind.name, kind.meaning));
        }
        let fault = (kind.read)(&Settings(&settings))?;
        Ok(Self {
            id: 0,
            fault,
            matching,
            times: times(members.get("times"))?,
            lasting: lasting(members.get("lasting"))?,
            share: share(members.get("share"))?,
            seed: seed(members.get("seed"))?,
            first_at: None,
            matched: 0,
        })
    }

    /// Whether its time was over at `now`.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        let end = self.first_at.zip(self.lasting).map(|(first, lasting)| propagation::after(first, lasting));
        end.is_some_and(|end| end <= now)
    }

    /// What goes wrong with something that matches, unless chance spares it; counted as used.
    pub(super) fn strike(&mut self, now: Timestamp) -> Option<Fault> {
        self.matched += 1;
        let parts = [self.id.to_string(), self.matched.to_string()];
        let chance = |of: &str| noise::number(self.seed, &["fault", of, &parts[0], &parts[1]]);
        // Of 64 bits, 32 are more than chance needs, and a decimal holds them.
        let drawn = f64::from(u32::try_from(chance("strikes") >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX);
        if self.share.is_some_and(|share| drawn >= share) {
            return None;
        }
        self.first_at.get_or_insert(now);
        self.times = self.times.map(|times| times.saturating_sub(1));
        if self.fault != Fault::AnyFailure {
            return Some(self.fault.clone());
        }
        let failures = failures();
        let which = chance("which") % failures.len() as u64;
        failures.into_iter().nth(usize::try_from(which).unwrap_or_default())
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
        json.extend(self.lasting.map(|span| ("lasting".into(), seconds_json(span))));
        json.extend(self.share.map(|share| ("share".into(), json!(share))));
        if self.seed != 0 {
            json.insert("seed".into(), json!(self.seed));
        }
        Value::Object(json)
    }
}

/// Members of a fault in JSON that are no settings.
const RESERVED: [&str; 8] = ["id", "kind", "match", "times", "lasting", "share", "seed", "settings"];

fn lasting(value: Option<&Value>) -> Result<Option<Duration>, String> {
    let given = value.filter(|value| !value.is_null());
    given
        .map(|value| {
            number(value)
                .and_then(|value| seconds(&value).ok())
                .ok_or("`lasting` must be a number of seconds".to_owned())
        })
        .transpose()
}

fn share(value: Option<&Value>) -> Result<Option<f64>, String> {
    let given = value.filter(|value| !value.is_null());
    let share = |value| number(value)?.as_f64().filter(|share| (0.0..=1.0).contains(share));
    given.map(|value| share(value).ok_or("`share` must be a number from 0 to 1".to_owned())).transpose()
}

fn seed(value: Option<&Value>) -> Result<u64, String> {
    let given = value.filter(|value| !value.is_null());
    let seed = |value| number(value)?.as_u64();
    given.map_or(Ok(0), |value| seed(value).ok_or("`seed` must be a whole number".to_owned()))
}

/// A number, or a text that stands for one: not every client tells them apart.
fn number(value: &Value) -> Option<Value> {
    match value {
        Value::Number(_) => Some(value.clone()),
        Value::String(text) => serde_json::from_str(text).ok().filter(Value::is_number),
        _ => None,
    }
}

fn times(value: Option<&Value>) -> Result<Option<u64>, String> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64() {
            Some(times) if times > 0 => Ok(Some(times)),
            _ => Err("`times` must be a whole number from 1 on".to_owned()),
        },
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
            json!({"kind": "hide-evidence", "value": "http://"}),
            json!({"kind": "duplicate-alert"}),
            json!({"kind": "move-alert", "device": "pc2"}),
            json!({"kind": "status", "status": 429, "retryAfter": 7, "body": "slow down"}),
            json!({"kind": "status", "status": 429, "retryAfter": 2.128}),
            json!({"kind": "status", "status": 504, "applied": true}),
            json!({"kind": "cut-body", "bytes": 3}),
            json!({"kind": "close", "applied": true}),
            json!({"kind": "html"}),
            json!({"kind": "delay", "milliseconds": 5}),
            json!({"kind": "garbage"}),
            json!({"kind": "wrong-types"}),
            json!({"kind": "drop-telemetry"}),
            json!({"kind": "forget"}),
            json!({"kind": "early-alert", "seconds": 60}),
            json!({"kind": "replay-alert", "seconds": 86_400}),
            json!({"kind": "rewrite-alert", "from": "a", "to": "b"}),
            json!({"kind": "drop-evidence", "of": "device"}),
            json!({"kind": "drop-evidence", "of": "observable"}),
            json!({"kind": "drop-evidence", "of": "all"}),
            json!({"kind": "merge-alert"}),
            json!({"kind": "inert", "lasting": 60, "share": 0.5, "seed": 7}),
            json!({"kind": "any-failure"}),
            json!({"kind": "refuse-part", "status": 429}),
        ];
        let kinds: std::collections::BTreeSet<_> = rules.iter().map(|rule| rule["kind"].to_string()).collect();
        assert_eq!(kinds.len(), KINDS.len());
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
        assert!(
            refused(json!({"kind": "status", "status": 429, "retryAfter": -1}))
                .contains("`retryAfter` must be a number of seconds")
        );
        assert!(refused(json!({"kind": "html", "bytes": 1})).contains("`html` has no setting `bytes`"));
        assert!(refused(json!({"kind": "html", "times": 0})).contains("`times`"));
        assert!(refused(json!({"kind": "html", "share": 1.5})).contains("`share` must be a number from 0 to 1"));
        assert!(refused(json!({"kind": "html", "lasting": -1})).contains("`lasting` must be a number of seconds"));
        assert!(refused(json!({"kind": "html", "seed": 0.5})).contains("`seed` must be a whole number"));
        assert!(refused(json!({"kind": "drop-evidence", "of": "user"})).contains("one of device, observable, all"));
        assert!(refused(json!({"kind": "html", "match": {"host": "x"}})).contains("`match` has no `host`"));
        assert!(refused(json!({"kind": "mislabel-alert", "field": "id", "value": "x"})).contains("one of title"));
        assert!(refused(json!("close")).contains("object"));
    }

    #[test]
    fn a_match_may_stand_beside_the_settings_unless_the_kind_means_something_else_by_it() {
        let read = |rule: Value| Rule::from_json(&rule).expect("a good rule").to_json();
        assert_eq!(read(json!({"kind": "drop-alert", "device": "pc1"}))["match"], json!({"device": "pc1"}));
        assert_eq!(read(json!({"kind": "move-alert", "device": "pc1"}))["match"], Value::Null);
        assert_eq!(read(json!({"kind": "drop-alert", "text": 77}))["match"], json!({"text": "77"}));
    }

    #[test]
    fn settings_may_stand_under_their_own_member() {
        let rule = json!({"kind": "delay-alert", "settings": {"seconds": 2}});
        assert_eq!(Rule::from_json(&rule).map(|rule| rule.fault), Ok(Fault::DelayAlert(Duration::from_secs(2))));
    }
}

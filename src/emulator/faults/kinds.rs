//! Every kind of fault: its name, what it does, and how its settings are read.

use std::time::Duration;

use serde_json::{Map, Number, Value};

use crate::emulator::{faults::rule::Fault, knobs::seconds};

/// One kind of fault: its name, its settings and what it does.
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) meaning: &'static str,
    pub(super) settings: &'static [&'static str],
    pub(super) read: fn(&Settings<'_>) -> Result<Fault, String>,
}

pub(super) const KINDS: [Kind; 23] = [
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
        name: "early-alert",
        meaning: "an alert says that what it is about happened {seconds} before it did, and can be read as much sooner",
        settings: &["seconds"],
        read: |s| s.seconds("seconds").map(Fault::EarlyAlert),
    },
    Kind {
        name: "replay-alert",
        meaning: "instead of an alert comes one that was made {seconds} before, updated as if it were new",
        settings: &["seconds"],
        read: |s| s.seconds("seconds").map(Fault::ReplayAlert),
    },
    Kind {
        name: "rewrite-alert",
        meaning: "an alert says {to} wherever it would say {from}: in its title, its description and what it names",
        settings: &["from", "to"],
        read: |s| Ok(Fault::RewriteAlert { from: s.text("from")?, to: s.text("to")? }),
    },
    Kind {
        name: "drop-evidence",
        meaning: "an alert never names {of}: its device, its observable (whatever it names besides), or all of it",
        settings: &["of"],
        read: |s| {
            let of = s.word("of", &["device", "observable", "all"])?;
            Ok(Fault::DropEvidence { device: of != "observable", things: of != "device" })
        },
    },
    Kind {
        name: "hide-evidence",
        meaning: "an alert's evidence names nothing with {value} in it",
        settings: &["value"],
        read: |s| s.text("value").map(Fault::HideEvidence),
    },
    Kind {
        name: "merge-alert",
        meaning: "no alert is raised; its event joins an open alert of yesterday on the same device that something else \
                  raised",
        settings: &[],
        read: |_| Ok(Fault::MergeAlert),
    },
    Kind {
        name: "status",
        meaning: "a request is not served but answered with {status} (200 to 599), a Retry-After of {retryAfter} \
                  seconds, whole or not, and the text {body}; the last two may be left out. It is served first, if \
                  {applied} is true",
        settings: &["status", "retryAfter", "body", "applied"],
        read: |s| {
            let (retry_after, body) = (s.optional_seconds("retryAfter")?, s.optional_text("body")?);
            Ok(Fault::Status { status: s.status("status")?, retry_after, body, applied: s.optional_switch("applied")? })
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
    Kind {
        name: "inert",
        meaning: "a definition, indicator or rule is kept and shown, and never takes effect",
        settings: &[],
        read: |_| Ok(Fault::Inert),
    },
    Kind {
        name: "any-failure",
        meaning: "a request fails in one of these ways, by chance: the connection is closed before or after it is served, \
                  the answer is cut off, late or garbage, the status is 500, 503 or 429",
        settings: &[],
        read: |_| Ok(Fault::AnyFailure),
    },
    Kind {
        name: "refuse-part",
        meaning: "of a request that carries many (`$batch` of graph, `import` of endpoint) a part is not served but \
                  answered with {status} (400 to 599); the others are served",
        settings: &["status"],
        read: |s| match s.status("status")? {
            status @ 400.. => Ok(Fault::RefusePart { status }),
            _ => Err("`status` must be a status from 400 to 599".to_owned()),
        },
    },
];

/// The fields of an alert that can be mislabelled.
const LABELS: [&str; 5] = ["title", "severity", "category", "description", "source"];

/// A text, or a number that stands for one: not every client tells them apart.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The settings of a fault, read with an error for a person.
pub(super) struct Settings<'a>(pub(super) &'a Map<String, Value>);

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
        self.get(name, "a text", text)
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

    /// A number of seconds as it was given: whoever is told it sees it with as many digits.
    fn optional_seconds(&self, name: &str) -> Result<Option<Number>, String> {
        let given = |value: &Value| value.as_number().filter(|number| number.as_f64() >= Some(0.0)).cloned();
        self.optional(name, "a number of seconds", given)
    }

    fn optional_switch(&self, name: &str) -> Result<bool, String> {
        let switch = |value: &Value| value.as_bool().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        self.optional(name, "true or false", switch).map(|given| given.unwrap_or(false))
    }

    fn seconds(&self, name: &str) -> Result<Duration, String> {
        self.get(name, "a number of seconds", |value| seconds(value).ok())
    }

    fn status(&self, name: &str) -> Result<u16, String> {
        let status = |value: &Value| value.as_u64().filter(|status| (200..=599).contains(status));
        self.get(name, "a status from 200 to 599", |value| status(value).and_then(|status| u16::try_from(status).ok()))
    }
}

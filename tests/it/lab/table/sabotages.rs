//! What goes wrong, and the verdict that each expectation must give then.

/// Something that goes wrong.
pub(super) struct Sabotage {
    /// As people say it.
    pub(super) name: &'static str,
    /// The faults of the tenant, each with its settings.
    pub(super) faults: &'static [(&'static str, &'static [(&'static str, &'static str)])],
    /// Knobs of the tenant, in JSON.
    pub(super) knobs: &'static str,
    /// By how many seconds the services' clock is ahead.
    pub(super) ahead: i64,
    /// The verdict of every expectation, but those below.
    pub(super) gives: &'static str,
    /// The verdicts that are others: words that the expectation's line begins with, the service or nothing for all of them,
    /// and the verdict. Of two that fit, the first counts.
    pub(super) but: &'static [(&'static str, &'static str, &'static str)],
    /// The beginnings of the expectations that it has nothing to do with.
    pub(super) spares: &'static [&'static str],
    /// Why it cannot be told, where it is not.
    pub(super) note: &'static str,
}

const NOTHING: Sabotage = Sabotage {
    name: "nothing",
    faults: &[],
    knobs: "{}",
    ahead: 0,
    gives: "right",
    but: &[],
    spares: &["the device's telemetry", "the tenant holds"],
    note: "",
};

/// `right` is what the expectation says where nothing goes wrong: then the sabotage is none for it.
pub(super) const SABOTAGES: &[Sabotage] = &[
    NOTHING,
    Sabotage {
        name: "the alert is dropped",
        faults: &[("drop-alert", &[])],
        gives: "failed no-alert",
        but: &[("no alert is raised", "", "errored inconclusive"), ("at most", "", "errored inconclusive")],
        ..NOTHING
    },
    Sabotage {
        name: "the alert comes half an hour late",
        faults: &[("delay-alert", &[("seconds", "1800")])],
        gives: "failed late-alert",
        but: &[
            ("it is the only alert", "", "failed no-alert"),
            ("exactly", "", "failed no-alert"),
            ("at least", "", "failed no-alert"),
            ("no alert is raised", "", "errored inconclusive"),
            ("at most", "", "errored inconclusive"),
        ],
        ..NOTHING
    },
    Sabotage {
        name: "the alert comes hours late",
        faults: &[("delay-alert", &[("seconds", "7200")])],
        gives: "failed no-alert",
        but: &[("no alert is raised", "", "errored inconclusive"), ("at most", "", "errored inconclusive")],
        ..NOTHING
    },
    Sabotage {
        name: "the alert is ten minutes early",
        faults: &[("early-alert", &[("seconds", "600")])],
        gives: "failed no-alert",
        but: &[
            (
                "an alert is raised within 20 minutes, where it was probed",
                "endpoint, endpoint read by graph",
                "failed late-alert",
            ),
            (", where one comes", "legacy, endpoint, endpoint read by graph", "right"),
            ("no alert is raised", "", "errored inconclusive"),
            ("at most", "", "errored inconclusive"),
        ],
        note: "by its own time it is older than what raised it: of an attempt before that, or, on `graph`, of no time of the drill",
        ..NOTHING
    },
    Sabotage {
        name: "the alert comes twice",
        faults: &[("duplicate-alert", &[])],
        but: &[
            ("it is the only alert", "", "failed extra-alert"),
            ("exactly", "", "failed extra-alert"),
            ("at most", "", "failed extra-alert"),
        ],
        ..NOTHING
    },
    Sabotage {
        name: "the alert is on another device",
        faults: &[("move-alert", &[("device", "another-pc")])],
        gives: "failed no-alert",
        but: &[
            (", where one comes", "", "right"),
            ("no alert is raised", "", "errored inconclusive"),
            ("at most", "", "errored inconclusive"),
        ],
        ..NOTHING
    },
    Sabotage {
        name: "the alert is signed by another drill",
        faults: &[("mislabel-alert", &[("field", "description"), ("value", "Another's. [drill aaaaaaaa]")])],
        gives: "failed no-alert",
        but: &[("no alert is raised", "", "errored inconclusive"), ("at most", "", "errored inconclusive")],
        ..NOTHING
    },
    Sabotage {
        name: "the alert has another drill's marker everywhere",
        faults: &[("rewrite-alert", &[("from", "{marker}"), ("to", "aaaaaaaa")])],
        gives: "failed no-alert",
        but: &[
            ("the second", "", "right"),
            ("the control", "", "right"),
            ("no alert is raised", "", "passed"),
            ("at most", "", "passed"),
        ],
        note: "it is word for word what a drill beside this one raises, so it breaks no silence of this one",
        ..NOTHING
    },
    Sabotage {
        name: "another title",
        faults: &[("mislabel-alert", &[("field", "title"), ("value", "Other")])],
        but: &[
            ("the alert shows, where a field is of a form", "", "failed wrong-alert"),
            ("the alert says", "", "failed wrong-alert"),
            ("the alert carries", "", "failed wrong-alert"),
            ("the alert documented", "", "failed wrong-alert"),
        ],
        ..NOTHING
    },
    Sabotage {
        name: "another severity",
        faults: &[("mislabel-alert", &[("field", "severity"), ("value", "High")])],
        but: &[
            ("the alert shows, where a field is one of several", "", "failed wrong-alert"),
            ("the alert says", "", "failed wrong-alert"),
            ("the alert documented", "", "failed wrong-alert"),
        ],
        ..NOTHING
    },
    Sabotage {
        name: "another category",
        faults: &[("mislabel-alert", &[("field", "category"), ("value", "Other")])],
        but: &[("the alert says", "", "failed wrong-alert"), ("the alert documented", "", "failed wrong-alert")],
        ..NOTHING
    },
    Sabotage {
        name: "another source",
        faults: &[("mislabel-alert", &[("field", "source"), ("value", "Antivirus")])],
        but: &[
            ("the alert shows, where a field has a part in it", "", "failed wrong-alert"),
            ("the alert says", "", "failed wrong-alert"),
            ("the alert documented", "", "failed wrong-alert"),
        ],
        ..NOTHING
    },
    Sabotage {
        name: "the device is missing from the evidence",
        faults: &[("drop-evidence", &[("of", "device")])],
        gives: "failed no-alert",
        but: &[
            (", where one comes", "", "right"),
            ("no alert is raised", "", "errored inconclusive"),
            ("at most", "", "errored inconclusive"),
        ],
        ..NOTHING
    },
    Sabotage {
        name: "the observable is missing from the evidence",
        faults: &[("drop-evidence", &[("of", "observable")])],
        gives: "failed no-alert",
        but: &[
            (", where one comes", "legacy, graph", "right"),
            ("no alert is raised", "", "errored inconclusive"),
            ("at most", "", "errored inconclusive"),
        ],
        ..NOTHING
    },
    Sabotage {
        name: "all evidence is missing",
        faults: &[("drop-evidence", &[("of", "all")])],
        gives: "failed no-alert",
        but: &[
            (", where one comes", "legacy, graph", "right"),
            ("no alert is raised", "", "errored inconclusive"),
            ("at most", "", "errored inconclusive"),
        ],
        ..NOTHING
    },
    Sabotage {
        name: "the page is missing from the evidence",
        faults: &[("hide-evidence", &[("value", "http://")])],
        but: &[
            ("the alert's evidence names, where a page", "", "failed wrong-alert"),
            (", where one comes", "", "right"),
            ("no alert is raised", "graph", "errored inconclusive"),
            ("at most", "graph", "errored inconclusive"),
            ("", "graph", "failed no-alert"),
            ("", "", "right"),
        ],
        note: "a rule of `graph` names the observable by nothing else",
        ..NOTHING
    },
    Sabotage {
        name: "the alert is merged into an old one",
        faults: &[("merge-alert", &[])],
        gives: "failed no-alert",
        but: &[
            (", where one comes", "graph, endpoint, endpoint read by graph", "right"),
            ("no alert is raised", "", "errored inconclusive"),
            ("at most", "", "errored inconclusive"),
        ],
        ..NOTHING
    },
    Sabotage {
        name: "yesterday's alert is replayed",
        faults: &[("replay-alert", &[("seconds", "86400")])],
        gives: "failed no-alert",
        but: &[("no alert is raised", "", "errored inconclusive"), ("at most", "", "errored inconclusive")],
        ..NOTHING
    },
    Sabotage {
        name: "what is published is accepted and not kept",
        faults: &[("forget", &[])],
        gives: "errored not-published",
        but: &[
            ("the device's telemetry", "", "right"),
            ("no alert is raised", "endpoint, graph, endpoint read by graph", "errored inconclusive"),
            ("at most", "endpoint, graph, endpoint read by graph", "errored inconclusive"),
        ],
        spares: &[],
        ..NOTHING
    },
    Sabotage {
        name: "what is published is kept and never takes effect",
        faults: &[("inert", &[])],
        gives: "failed no-alert",
        but: &[("no alert is raised", "", "errored inconclusive"), ("at most", "", "errored inconclusive")],
        ..NOTHING
    },
    Sabotage {
        name: "the device's sensor is dead",
        faults: &[("drop-telemetry", &[])],
        gives: "errored no-telemetry",
        but: &[
            ("no alert is raised", "", "errored inconclusive"),
            ("at most", "", "errored inconclusive"),
            ("", "legacy", "failed no-alert"),
        ],
        spares: &["the tenant holds"],
        note: "`legacy` has no way to read telemetry",
        ..NOTHING
    },
    Sabotage {
        name: "the list of alerts is down for ten minutes",
        faults: &[("status", &[("status", "503"), ("path", "alerts"), ("lasting", "600")])],
        ..NOTHING
    },
    Sabotage {
        name: "the list of alerts is down",
        faults: &[("status", &[("status", "503"), ("path", "alerts")])],
        gives: "errored service-error",
        ..NOTHING
    },
    Sabotage {
        name: "a storm of 429 for five minutes",
        faults: &[("status", &[("status", "429"), ("retryAfter", "30"), ("path", "alerts"), ("lasting", "300")])],
        ..NOTHING
    },
    Sabotage {
        name: "a storm of 429 without end",
        faults: &[("status", &[("status", "429"), ("retryAfter", "30"), ("path", "alerts")])],
        gives: "errored throttled",
        ..NOTHING
    },
    Sabotage { name: "the services' clock is ten minutes ahead", ahead: 600, ..NOTHING },
    Sabotage { name: "the services' clock is ten minutes behind", ahead: -600, ..NOTHING },
    Sabotage {
        name: "the alert is listed five minutes after its time",
        knobs: r#"{"alertVisibilitySeconds": 300}"#,
        ..NOTHING
    },
    Sabotage {
        name: "the alert names its device five minutes after its time",
        knobs: r#"{"deviceEvidenceSeconds": 300}"#,
        ..NOTHING
    },
    Sabotage {
        name: "the alert names its observable five minutes after its time",
        knobs: r#"{"observableEvidenceSeconds": 300}"#,
        ..NOTHING
    },
];

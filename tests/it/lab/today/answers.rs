//! A service of today that refuses, breaks off, or answers what cannot be understood, at each family of its calls.

use super::{ALONE, CONTACT, ENDPOINT, GRAPH, MIXED, PUBLISHED, Sabotaged, Tenant, misbehaves};

/// Calls of a drill that belong together.
struct Family {
    name: &'static str,
    tenant: Tenant,
    /// What a fault is limited to.
    place: &'static [(&'static str, &'static str)],
}

const FAMILIES: [Family; 14] = [
    Family { name: "token", tenant: ENDPOINT, place: &[("face", "token")] },
    Family {
        name: "publish",
        tenant: ENDPOINT,
        place: &[("face", "endpoint"), ("method", "POST"), ("path", "/indicators")],
    },
    Family {
        name: "read",
        tenant: ENDPOINT,
        place: &[("face", "endpoint"), ("method", "GET"), ("path", "/indicators")],
    },
    Family { name: "alerts", tenant: ENDPOINT, place: &[("face", "endpoint"), ("path", "/alerts")] },
    Family { name: "devices", tenant: ENDPOINT, place: &[("face", "endpoint"), ("path", "/machines")] },
    Family { name: "hunting", tenant: ENDPOINT, place: &[("face", "endpoint"), ("path", "/advanced")] },
    Family { name: "clean-up", tenant: ENDPOINT, place: &[("face", "endpoint"), ("method", "DELETE")] },
    Family {
        name: "publish",
        tenant: GRAPH,
        place: &[("face", "graph"), ("method", "POST"), ("path", "detectionRules")],
    },
    Family { name: "read", tenant: GRAPH, place: &[("face", "graph"), ("method", "GET"), ("path", "detectionRules")] },
    Family { name: "alerts", tenant: GRAPH, place: &[("face", "graph"), ("path", "alerts_v2")] },
    Family { name: "hunting", tenant: GRAPH, place: &[("face", "graph"), ("path", "runHuntingQuery")] },
    Family { name: "clean-up", tenant: GRAPH, place: &[("face", "graph"), ("method", "DELETE")] },
    Family { name: "alerts", tenant: MIXED, place: &[("face", "graph"), ("path", "alerts_v2")] },
    Family { name: "hunting", tenant: MIXED, place: &[("face", "graph"), ("path", "runHuntingQuery")] },
];

impl Family {
    /// A drill that makes every call there is, against this fault at the family's calls.
    fn against(&self, fault: &str, settings: &[(&str, &str)]) -> Sabotaged {
        let settings: Vec<_> = self.place.iter().chain(settings).copied().collect();
        let step = misbehaves(&[(fault, &settings)]);
        self.tenant.run(&format!(
            "Feature: f\n  @exclusive @controls\n  Scenario: s\n    Given the beginning\n{step}\
             \x20   And an onboarded device\n    And an alert definition and an indicator are published\n\
             \x20   Then the tenant holds the indicator as published\n    When everything published is in effect\n\
             \x20   And the device contacts the indicator's address\n\
             \x20   Then the device's telemetry shows it within 10 minutes\n    And an alert is raised within 30 minutes\n"
        ).replacen("Given the beginning\n    And", "Given", 1))
    }
}

/// What a fault is told as, and with which verdict.
type Told = (&'static str, &'static [(&'static str, &'static str)], &'static str, &'static [&'static str]);

/// What is said at every family, unless the family says otherwise.
const FAULTS: [Told; 13] = [
    ("status", &[("status", "401")], "errored access-denied", &["HTTP 401", "hint"]),
    ("status", &[("status", "403")], "errored access-denied", &["HTTP 403", "hint"]),
    ("status", &[("status", "404")], "errored service-error", &["HTTP 404", "hint"]),
    ("status", &[("status", "429"), ("retryAfter", "30")], "errored throttled", &["HTTP 429", "5 attempts"]),
    ("status", &[("status", "429"), ("retryAfter", "2.128")], "errored throttled", &["HTTP 429", "5 attempts"]),
    ("status", &[("status", "429")], "errored throttled", &["HTTP 429", "5 attempts"]),
    ("status", &[("status", "500")], "errored service-error", &["HTTP 500", "hint"]),
    ("status", &[("status", "503")], "errored service-error", &["HTTP 503", "hint"]),
    ("html", &[], "errored service-error", &["HTML page titled `Sign in`"]),
    ("garbage", &[], "errored service-error", &["is not understood", "expected JSON"]),
    ("wrong-types", &[], "errored service-error", &["is not understood", "saw"]),
    ("cut-body", &[("bytes", "10")], "errored service-error", &["broke off"]),
    ("close", &[], "errored service-error", &["broke off"]),
];

/// What a fault means at a family where that is not what it means elsewhere, and why.
const OTHERWISE: [(&str, Tenant, &str, &str); 6] = [
    // Whether it is the application or the address that the token endpoint does not know, it gives no access.
    ("token", ENDPOINT, "404", "errored access-denied"),
    // Drills need no permission to read devices.
    ("devices", ENDPOINT, "401", "passed"),
    ("devices", ENDPOINT, "403", "passed"),
    ("devices", ENDPOINT, "404", "errored no-stimulus"),
    // A rule is read by its key.
    ("read", GRAPH, "404", "errored not-published"),
    // Its answer is lost, but the rule is read back by the key that the drill gave it.
    ("publish", GRAPH, "cut-body", "passed"),
];

#[test]
fn every_answer_that_is_none_is_told_for_what_it_is_at_every_family_of_calls() {
    for family in FAMILIES.iter().filter(|family| family.name != "clean-up") {
        for (fault, settings, verdict, words) in FAULTS {
            let ran = family.against(fault, settings);
            let key = settings.first().filter(|_| fault == "status").map_or(fault, |(_, status)| status);
            let otherwise = OTHERWISE
                .iter()
                .find(|(name, tenant, known, _)| (*name, *tenant, *known) == (family.name, family.tenant, key));
            match otherwise {
                Some((.., verdict)) => ran.is(verdict, &[]),
                None => ran.is(verdict, words),
            };
            assert_eq!(ran.left(), Vec::<String>::new(), "{} {fault} {settings:?}", family.name);
        }
    }
}

#[test]
fn a_service_that_recovers_is_waited_for() {
    let passing: [(&str, &[(&str, &str)]); 7] = [
        ("status", &[("status", "401"), ("times", "1")]),
        ("status", &[("status", "429"), ("retryAfter", "30"), ("times", "2")]),
        ("status", &[("status", "429"), ("retryAfter", "0.25"), ("times", "2")]),
        ("status", &[("status", "429"), ("times", "2")]),
        ("status", &[("status", "503"), ("times", "2")]),
        ("cut-body", &[("bytes", "10"), ("times", "1")]),
        ("close", &[("applied", "true"), ("times", "1")]),
    ];
    for family in &FAMILIES {
        for (fault, settings) in passing {
            family.against(fault, settings).is("passed", &[]).left_nothing();
        }
    }
}

#[test]
fn what_could_not_be_removed_is_told_and_the_drill_is_not_green() {
    for family in FAMILIES.iter().filter(|family| family.name == "clean-up") {
        for (fault, settings, _, words) in FAULTS {
            let ran = family.against(fault, settings);
            let removed = ran.left().is_empty();
            // What is gone already is removed, and an answer that tells other things than it should tells of a removal.
            if settings.first() == Some(&("status", "404")) || fault == "wrong-types" {
                ran.is("passed", &[]);
                continue;
            }
            assert_eq!(removed, fault == "cut-body", "{fault}: what was served was done");
            ran.is("errored service-error", &[]);
            let left = ran.drill().clean_up[0].left.clone().unwrap_or_default();
            for word in words.iter().filter(|word| **word != "hint") {
                assert!(left.contains(word), "{fault} {settings:?}: {left}");
            }
        }
    }
}

#[test]
fn looks_that_fail_from_before_an_alert_is_due_are_no_gap() {
    for (tenant, path) in [(ENDPOINT, "/alerts"), (GRAPH, "alerts_v2"), (MIXED, "alerts_v2")] {
        for (status, verdict) in [("500", "errored service-error"), ("429", "errored throttled")] {
            let ran = tenant.run(&format!(
                "{ALONE}    And a control is published
{PUBLISHED}{}{CONTACT}                     And the device contacts the control's address
                     Then the control's alert is raised within 30 minutes
    When the laboratory misbehaves: status
                       | status | {status} |
      | path | {path} |
    Then an alert is raised within 30 minutes
",
                misbehaves(&[("drop-alert", &[("times", "1")])])
            ));
            ran.is(verdict, &["no look at the tenant's alerts succeeded when they were due", status]).left_nothing();
        }
    }
}

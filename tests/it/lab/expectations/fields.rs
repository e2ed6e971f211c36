//! What an alert shows, field by field.

use alertdrill::{domain::service::Service, record::chain::Link};

use super::{Settings, is, told, touched};

const RAISED: &str = "    Then an alert is raised within 30 minutes\n";

/// What a row demands, the field that is mislabelled so that it does not hold, and what is told of it.
const ROWS: [(&str, &str, &str); 8] = [
    ("| title | is | Alert drill {marker} |", "title", "the alert shows another title"),
    ("| title | matches | ^Alert drill [a-z0-9]{8}$ |", "title", "expected: title a text that matches `^Alert drill"),
    ("| title | matches | ^\\S+ \\S+ {marker}$ |", "title", "expected: title a text that matches `^\\S+ \\S+ "),
    ("| severity | is | medium |", "severity", "expected: severity `medium`"),
    ("| severity | is one of | High, Medium |", "severity", "expected: severity one of `High`, `Medium`"),
    ("| category | matches | (?i)^[a-z ]+$ |", "category", "saw: category `"),
    ("| source | matches | (?i)^custom |", "source", "saw: source `"),
    ("| title | contains | {marker} |", "title", "expected: title a text with `"),
];

#[test]
fn a_field_that_is_not_as_demanded_makes_the_alert_a_wrong_one() {
    for service in [Service::Legacy, Service::Graph] {
        for (row, field, words) in ROWS {
            let steps = format!("{RAISED}    And the alert shows\n      {row}\n");
            is(touched(service, &[], &steps).drill(), "passed", &[]);
            let fault: [(&str, Settings<'_>); 1] = [("mislabel-alert", &[("field", field), ("value", "Zzz 9")])];
            let ran = touched(service, &fault, &steps);
            is(ran.drill(), "failed wrong-alert", &[words]);
            let last = ran.drill().chain.iter().find(|witness| witness.broke()).expect("a link broke");
            assert_eq!(last.link, Link::Check);
            let differences = &ran.drill().sightings[0].differences;
            assert!(differences.iter().any(|one| one.field == format!("{field}, by the feature")), "{differences:?}");
        }
    }
}

#[test]
fn every_field_that_is_not_as_demanded_is_told_at_once() {
    let steps = format!(
        "{RAISED}    And the alert shows\n      | title | Other |\n      | severity | Low |\n      | device | {{device}} |\n"
    );
    for service in Service::ALL {
        let ran = touched(service, &[], &steps);
        is(
            ran.drill(),
            "failed wrong-alert",
            &["another title and severity", "expected: title `Other`; severity `Low`"],
        );
        assert!(!told(ran.drill()).contains("device"), "{}", told(ran.drill()));
    }
}

#[test]
fn what_the_drill_itself_is_about_can_be_demanded() {
    for service in Service::ALL {
        let rows =
            "      | device | is | {device} |\n      | indicator | is | {indicator} |\n      | id | matches | . |\n";
        let steps = format!("{RAISED}    And the alert shows\n{rows}");
        is(touched(service, &[], &steps).drill(), "passed", &[]);
        let other =
            format!("{RAISED}    And the alert shows\n      | indicator | is one of | a.{{indicator}}, b.example |\n");
        is(touched(service, &[], &other).drill(), "failed wrong-alert", &["another indicator"]);
    }
}

#[test]
fn a_field_that_the_service_tells_of_no_alert_skips_the_drill() {
    let link = format!("{RAISED}    And the alert shows\n      | link | matches | ^https?:// |\n");
    is(touched(Service::Legacy, &[], &link).drill(), "passed", &[]);
    is(touched(Service::Graph, &[], &link).drill(), "passed", &[]);
    is(touched(Service::Endpoint, &[], &link).drill(), "skipped", &["endpoint tells no link", "legacy or graph"]);
}

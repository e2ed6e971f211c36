//! What an alert's evidence names.

use alertdrill::{domain::service::Service, record::chain::Link};

use super::{Settings, drill, is, rows, run_on, touched};

const RAISED: &str = "    Then an alert is raised within 30 minutes\n";

fn names(wanted: Settings<'_>) -> String {
    format!("{RAISED}    And the alert's evidence names\n{}", rows(wanted))
}

#[test]
fn evidence_that_names_what_is_wanted_passes_and_is_in_the_record() {
    let wanted = [("domain", "{indicator}"), ("Domain", "{marker}.alertdrill.example"), ("device", "{device}")];
    for service in Service::ALL {
        let ran = touched(service, &[], &names(&wanted));
        is(ran.drill(), "passed", &[]);
        let seen = &ran.drill().sightings[0].seen[0];
        assert!(seen.entities.iter().any(|one| one.kind == "domain"), "{service}: {:?}", seen.entities);
        let check = ran.drill().chain.iter().find(|witness| witness.link == Link::Check).expect("it was checked");
        assert!(check.by.starts_with("evidence: domain "), "{}", check.by);
    }
    is(touched(Service::Endpoint, &[], &names(&[("url", "http://{indicator}/")])).drill(), "passed", &[]);
}

#[test]
fn evidence_that_does_not_name_what_is_wanted_makes_the_alert_a_wrong_one() {
    for service in Service::ALL {
        for (kind, value) in [("domain", "other.example"), ("device", "another-pc")] {
            let ran = touched(service, &[], &names(&[("domain", "{indicator}"), (kind, value)]));
            is(
                ran.drill(),
                "failed wrong-alert",
                &[&format!("the alert's evidence does not name {kind} `{value}`"), "domain `"],
            );
            let differences = &ran.drill().sightings[0].differences;
            assert!(differences.iter().any(|one| one.field == "evidence, by the feature"), "{differences:?}");
        }
    }
}

#[test]
fn evidence_that_is_lost_makes_the_alert_a_wrong_one() {
    let lost: [(&str, Settings<'_>); 1] = [("hide-evidence", &[("value", "http://")])];
    let page = names(&[("url", "http://{indicator}/")]);
    is(touched(Service::Endpoint, &lost, &page).drill(), "failed wrong-alert", &["does not name url `http://"]);
    let domain = names(&[("domain", "{indicator}")]);
    is(touched(Service::Endpoint, &lost, &domain).drill(), "passed", &[]);
}

#[test]
fn a_file_is_named_by_any_of_its_hashes() {
    let text = |value: &str| {
        format!(
            "Feature: f\n  @exclusive @controls\n  Scenario: s\n    Given an onboarded device\n\
             \x20   And an alert definition and an indicator are in effect\n      | type | Sha256 |\n      | value | {{sha256}} |\n\
             \x20   When the device runs the drill's file\n{}",
            names(&[("file", value)])
        )
    };
    for service in Service::ALL {
        for value in ["{sha256}", "{sha1}"] {
            is(run_on(service, &text(value)).drill(), "passed", &[]);
        }
        let other = run_on(service, &text("{sha1 last 20}{sha1 first 20}"));
        is(other.drill(), "failed wrong-alert", &["does not name file `"]);
    }
}

#[test]
fn what_a_service_is_not_known_to_name_skips_the_drill() {
    for service in Service::ALL {
        let ran = touched(service, &[], &names(&[("ip address", "203.0.113.9")]));
        is(ran.drill(), "skipped", &["is not known to name any ip address", "demand what it is known to name: domain"]);
    }
    let none = drill(Service::Legacy, &[], "    Then the alert's evidence names\n      | domain | x |\n");
    is(none.drill(), "errored inconclusive", &["no alert was seen before"]);
}

//! How many alerts come.

use alertdrill::{domain::service::Service, record::chain::Link};

use super::{Settings, drill, is, told, touched};

const ONE: &str = "    Then exactly 1 alert is raised\n";

#[test]
fn as_many_alerts_as_are_demanded_pass() {
    for service in Service::ALL {
        for demanded in ["exactly 1 alert is", "at least 1 alert is", "at most 1 alert is", "at most 3 alerts are"] {
            is(touched(service, &[], &format!("    Then {demanded} raised\n")).drill(), "passed", &[]);
        }
        is(touched(service, &[], "    Then exactly 1 alert is raised within 30 minutes\n").drill(), "passed", &[]);
        is(
            touched(service, &[("duplicate-alert", &[])], "    Then exactly 2 alerts are raised\n").drill(),
            "passed",
            &[],
        );
    }
}

#[test]
fn one_alert_too_many_is_extra_and_every_one_is_listed() {
    for service in Service::ALL {
        for demanded in
            ["exactly 1 alert is raised", "at most 1 alert is raised", "at most 1 alert is raised within 2 hours"]
        {
            let ran = touched(service, &[("duplicate-alert", &[])], &format!("    Then {demanded}\n"));
            is(ran.drill(), "failed extra-alert", &["2 alerts came, not "]);
            assert_eq!(told(ran.drill()).matches(" on ").count(), 2, "{}", told(ran.drill()));
            let broken = ran.drill().chain.iter().find(|witness| witness.broke()).expect("a link broke");
            assert_eq!(broken.link, Link::Detection);
        }
    }
}

#[test]
fn one_alert_too_few_is_a_gap_only_where_everything_before_it_is_proven() {
    for service in Service::ALL {
        is(touched(service, &[("drop-alert", &[])], ONE).drill(), "failed no-alert", &["0 alerts came, not exactly 1"]);
        let two = "    Then at least 2 alerts are raised\n";
        is(touched(service, &[], two).drill(), "failed no-alert", &["1 alert came, not at least 2"]);
        is(touched(service, &[("forget", &[])], ONE).drill(), "errored not-published", &[]);
        if service != Service::Legacy {
            is(touched(service, &[("drop-telemetry", &[])], ONE).drill(), "errored no-telemetry", &[]);
            // Only the first of two contacts was not reported.
            let lost: [(&str, Settings<'_>); 2] = [("drop-telemetry", &[("times", "1")]), ("drop-alert", &[])];
            let contact = "    When the device contacts the indicator's address\n    And 3 minutes pass\n";
            let steps = format!("{contact}{contact}{two}");
            is(drill(service, &lost, &steps).drill(), "errored no-telemetry", &["the tenant knows nothing of it"]);
        }
    }
}

#[test]
fn alerts_that_come_after_their_time_are_late_and_not_missing() {
    let late: [(&str, Settings<'_>); 1] = [("delay-alert", &[("seconds", "3600")])];
    for service in Service::ALL {
        let steps = "    And 3 hours pass\n    Then exactly 1 alert is raised within 30 minutes\n";
        let ran = touched(service, &late, steps);
        is(ran.drill(), "failed late-alert", &["0 alerts came, not exactly 1", "the rest came after that time"]);
        is(
            touched(service, &late, "    And 3 hours pass\n    Then exactly 1 alert is raised\n").drill(),
            "passed",
            &[],
        );
    }
}

#[test]
fn what_every_contact_of_a_drill_raised_is_counted_and_not_only_the_last() {
    let contact = "    When the device contacts the indicator's address\n";
    let steps =
        format!("{contact}    Then an alert is raised within 30 minutes\n    When 20 minutes pass\n{contact}{ONE}");
    is(drill(Service::Legacy, &[], &steps).drill(), "failed extra-alert", &["2 alerts came, not exactly 1"]);
    // There an open alert takes in what happens again.
    is(drill(Service::Graph, &[], &steps).drill(), "passed", &[]);
}

#[test]
fn none_at_all_is_counted_only_beside_a_control() {
    let dropped: [(&str, Settings<'_>); 1] = [("drop-alert", &[("times", "1")])];
    for service in Service::ALL {
        let steps = "    Then at most 1 alert is raised\n";
        let alone = touched(service, &dropped, steps);
        is(alone.drill(), "errored inconclusive", &["no alert came, and no control's"]);
        let control = "    Given a control is published\n    And everything published is in effect\n\
                       \x20   When the device contacts the indicator's address\n    And the device contacts the control's address\n";
        is(drill(service, &dropped, &format!("{control}{steps}")).drill(), "passed", &[]);
        let none = touched(service, &dropped, "    Then exactly 0 alerts are raised\n");
        is(none.drill(), "errored inconclusive", &["proves nothing by itself", "no alert is raised"]);
    }
}

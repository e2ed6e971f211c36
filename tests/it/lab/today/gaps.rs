//! A tenant that loses, delays, mislabels, doubles, moves or forgets.

use alertdrill::record::chain::Link;

use super::{ALONE, ENDPOINT, GRAPH, TENANTS, told};

#[test]
fn a_tenant_that_does_nothing_wrong_passes() {
    for tenant in TENANTS {
        tenant.sabotaged(&[]).is("passed", &[]).left_nothing();
    }
}

#[test]
fn an_alert_that_is_dropped_is_a_gap() {
    for tenant in TENANTS {
        let ran = tenant.sabotaged(&[("drop-alert", &[])]);
        ran.is("failed no-alert", &["no alert came, though everything before it worked", "nothing like it"]);
        ran.broke_at(Link::Detection).left_nothing();
        assert!(ran.drill().clean_up.len() == 1, "one thing was published: {:?}", ran.drill().clean_up);
    }
}

#[test]
fn an_alert_that_comes_after_its_time_is_late_and_not_missing() {
    for tenant in TENANTS {
        let late = tenant.sabotaged(&[("delay-alert", &[("seconds", "1800")])]);
        late.is("failed late-alert", &["after its time", "expected: by", "saw: at"]);
        late.broke_at(Link::Detection).left_nothing();
        let never = tenant.sabotaged(&[("delay-alert", &[("seconds", "7200")])]);
        never.is("failed no-alert", &[]).broke_at(Link::Detection).left_nothing();
    }
}

#[test]
fn an_alert_that_says_something_else_is_wrong_whichever_field_it_is() {
    for tenant in TENANTS {
        for (field, value) in [("title", "Other"), ("severity", "High"), ("category", "Other"), ("source", "Antivirus")]
        {
            let ran = tenant.sabotaged(&[("mislabel-alert", &[("field", field), ("value", value)])]);
            ran.is("failed wrong-alert", &["does not say what its definition says"])
                .broke_at(Link::Check)
                .left_nothing();
            let told = told(ran.drill());
            let saw = told.split("saw: ").nth(1).expect("it is told what was seen").lines().next();
            let mislabelled = format!("{field} `{value}`");
            assert!(saw.is_some_and(|saw| saw.eq_ignore_ascii_case(&mislabelled)), "{tenant:?}: {told}");
        }
    }
}

#[test]
fn an_alert_that_comes_twice_is_one_too_many() {
    for tenant in TENANTS {
        let ran = tenant.sabotaged(&[("duplicate-alert", &[])]);
        ran.is("failed extra-alert", &["2 alerts came, not 1", "expected: 1 for one stimulus"]).left_nothing();
    }
}

#[test]
fn an_alert_on_another_device_is_a_near_miss_with_the_reason() {
    for tenant in TENANTS {
        let ran = tenant.sabotaged(&[("move-alert", &[("device", "another-pc")])]);
        ran.is("failed no-alert", &["the nearest: ", "device is `another-pc`"])
            .broke_at(Link::Detection)
            .left_nothing();
        assert_eq!(ran.drill().sightings[0].near_misses.len(), 1);
    }
}

#[test]
fn a_gap_is_not_claimed_when_what_was_published_is_not_there() {
    for tenant in TENANTS {
        let ran = tenant.sabotaged(&[("forget", &[])]);
        ran.is("errored not-published", &["the tenant holds no"]).left_nothing();
    }
}

#[test]
fn a_gap_is_not_claimed_when_the_sensor_reported_nothing() {
    for tenant in TENANTS {
        let ran = tenant.sabotaged(&[("drop-telemetry", &[])]);
        ran.is("errored no-telemetry", &["the tenant knows nothing of it", "hint: look at the device's sensor"]);
        ran.left_nothing();
        let links: Vec<_> = ran.drill().chain.iter().filter(|link| link.broke()).map(|link| link.link).collect();
        assert!(links.contains(&Link::Telemetry), "{tenant:?}: {links:?}");
    }
}

#[test]
fn alerts_that_are_counted_and_did_not_come_are_a_gap_only_where_everything_before_them_is_proven() {
    for tenant in TENANTS {
        let counted = |faults: &str| {
            let (alone, published, contact) = (super::ALONE, super::PUBLISHED, super::CONTACT);
            let (before, after) = if faults == "forget" { (faults, "") } else { ("", faults) };
            let on = |fault: &str| if fault.is_empty() { String::new() } else { super::misbehaves(&[(fault, &[])]) };
            let (before, after) = (on(before), on(after));
            tenant.run(&format!("{alone}{before}{published}{after}{contact}    Then it is the only alert\n"))
        };
        counted("drop-alert").is("failed no-alert", &["0 alerts came, not 1"]).left_nothing();
        counted("forget").is("errored not-published", &["the tenant holds no"]).left_nothing();
        counted("drop-telemetry").is("errored no-telemetry", &["the tenant knows nothing of it"]).left_nothing();
    }
}

#[test]
fn telemetry_that_is_asked_for_and_does_not_come_is_told() {
    for tenant in TENANTS {
        let ran = tenant.run(&format!(
            "{}{}{}{}    Then the device's telemetry shows it within 10 minutes\n",
            super::ALONE,
            super::misbehaves(&[("drop-telemetry", &[])]),
            super::PUBLISHED,
            super::CONTACT
        ));
        ran.is("errored no-telemetry", &["expected: a row that names", "saw: none"]).broke_at(Link::Telemetry);
        ran.left_nothing();
    }
}

#[test]
fn what_had_ended_before_the_stimulus_is_no_gap() {
    for tenant in [ENDPOINT, GRAPH] {
        let ran = tenant.run(&format!(
            "{ALONE}    And an alert definition and an indicator are in effect\n      | expires in | 3 hours |\n\
             \x20   When 4 hours pass\n    And the device contacts the indicator's address\n\
             \x20   Then an alert is raised within 15 minutes\n"
        ));
        ran.is("errored not-published", &["had ended by itself before the stimulus"]);
        ran.broke_at(Link::Published).left_nothing();
    }
}

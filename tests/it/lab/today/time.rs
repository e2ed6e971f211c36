//! Services whose clock is not the drill's, and tokens whose time is over.

use jiff::SignedDuration;

use super::{ALONE, CONTACT, ENDPOINT, GRAPH, PUBLISHED, TENANTS};

/// How far a clock may be apart: minutes, and so little that the date of an answer cannot tell it.
const APART: [f64; 10] = [600.0, -600.0, 0.4, -0.4, 1.5, -1.5, 2.7, -2.7, 3.5, -3.5];

#[test]
fn a_drill_passes_whatever_the_services_clock_says() {
    for tenant in TENANTS {
        for ahead in APART {
            let text = format!(
                "{ALONE}{PUBLISHED}{CONTACT}    Then the device's telemetry shows it within 10 minutes\n\
                 \x20   And an alert is raised within 30 minutes\n    And it is the only alert\n"
            );
            let ran = tenant.run_beside(&text, SignedDuration::from_secs_f64(ahead), None);
            assert_eq!(super::verdict(ran.drill()), "passed", "{ahead}: {tenant:?}: {}", super::told(ran.drill()));
            ran.left_nothing();
        }
    }
}

#[test]
fn silence_is_judged_alike_whatever_the_services_clock_says() {
    for tenant in TENANTS {
        for ahead in APART {
            let silence = |stimulus: &str| {
                let text = format!(
                    "{ALONE}    And a control is published\n{PUBLISHED}    When the device contacts {stimulus}\n\
                     \x20   And the device contacts the control's address\n    Then no alert is raised\n"
                );
                tenant.run_beside(&text, SignedDuration::from_secs_f64(ahead), None)
            };
            for (stimulus, expected) in
                [("\"another.example\"", "passed"), ("the indicator's address", "failed extra-alert")]
            {
                let ran = silence(stimulus);
                assert_eq!(super::verdict(ran.drill()), expected, "{ahead}: {tenant:?}: {}", super::told(ran.drill()));
                ran.left_nothing();
            }
        }
    }
}

#[test]
fn a_token_whose_time_is_over_is_got_anew() {
    for tenant in [ENDPOINT, GRAPH] {
        let ran = tenant.run(&format!(
            "{ALONE}    And an alert definition and an indicator are published\n    And 70 minutes pass\n    Then the tenant holds the indicator as published\n"
        ));
        ran.is("passed", &[]).left_nothing();
        let tokens = ran.drill().exchanges.iter().filter(|exchange| exchange.url().contains("/oauth2/")).count();
        assert!(tokens > 1, "{tenant:?}: {tokens}");
    }
}

//! An alert that should not come, and a silence that proves nothing.

use alertdrill::record::chain::Link;

use super::{ALONE, ENDPOINT, GRAPH, TENANTS, Tenant, misbehaves};

/// What is published and in effect, with a control; then `steps`, and no alert of it may come.
fn silence(
    tenant: Tenant,
    faults: &[(&str, &[(&str, &str)])],
    settings: &[(&str, &str)],
    steps: &str,
) -> super::Sabotaged {
    tenant.run(&format!(
        "{ALONE}{}    And a control is published\n    And an alert definition and an indicator are in effect\n{}{steps}\
         \x20   Then no alert is raised\n",
        misbehaves(faults),
        super::rows(settings)
    ))
}

const SUBJECT: &str = "    When the device contacts the indicator's address\n";
const CONTROL: &str = "    When the device contacts the control's address\n";
const OTHER: &str = "    When the device contacts \"another.example\"\n";

#[test]
fn silence_beside_a_control_that_fired_is_silence() {
    for tenant in TENANTS {
        silence(tenant, &[], &[], &format!("{OTHER}{CONTROL}")).is("passed", &[]).left_nothing();
    }
}

#[test]
fn an_alert_in_the_silence_is_one_too_many() {
    for tenant in TENANTS {
        let ran = silence(tenant, &[], &[], &format!("{SUBJECT}{CONTROL}"));
        ran.is("failed extra-alert", &["an alert came that should not have", "expected: none"]);
        ran.broke_at(Link::Detection).left_nothing();
    }
}

#[test]
fn silence_without_a_control_proves_nothing() {
    for tenant in TENANTS {
        let ran = silence(tenant, &[], &[], OTHER);
        ran.is("errored inconclusive", &["the silence proves nothing", "hint"])
            .broke_at(Link::Detection)
            .left_nothing();
        let dropped = silence(tenant, &[("drop-alert", &[])], &[], &format!("{SUBJECT}{CONTROL}"));
        dropped.is("errored inconclusive", &["neither did the control's"]).left_nothing();
    }
}

#[test]
fn an_alert_in_the_silence_counts_on_whichever_device_it_is_shown() {
    for tenant in TENANTS {
        let ran = silence(tenant, &[("move-alert", &[("device", "another-pc")])], &[], SUBJECT);
        ran.is("failed extra-alert", &["another-pc"]).left_nothing();
    }
}

#[test]
fn an_alert_that_came_long_before_anybody_looked_is_not_missed() {
    for tenant in TENANTS {
        let ran = silence(tenant, &[], &[], &format!("{SUBJECT}    And 3 hours pass\n{CONTROL}"));
        ran.is("failed extra-alert", &[]).left_nothing();
    }
}

#[test]
fn a_generic_alert_in_the_silence_is_one_too_many() {
    for action in ["Block", "Warn"] {
        let ran = silence(ENDPOINT, &[], &[("action", action)], &format!("{SUBJECT}{CONTROL}"));
        ran.is("failed extra-alert", &[]).left_nothing();
        let other = silence(ENDPOINT, &[], &[("action", action)], &format!("{OTHER}{CONTROL}"));
        other.is("passed", &[]).left_nothing();
    }
}

#[test]
fn silence_is_not_claimed_while_nobody_could_look() {
    for (tenant, face) in [(ENDPOINT, "endpoint"), (GRAPH, "graph"), (super::MIXED, "graph")] {
        for (status, verdict) in [("500", "service-error"), ("403", "access-denied"), ("429", "throttled")] {
            let fault = format!(
                "    And the laboratory misbehaves: status\n      | status | {status} |\n      | face | {face} |\n      | path | alerts |\n"
            );
            let ran = silence(tenant, &[], &[], &format!("{OTHER}{CONTROL}{fault}"));
            ran.is(&format!("errored {verdict}"), &[status]).left_nothing();
        }
    }
}

#[test]
fn an_alert_that_was_expected_and_came_does_not_break_the_silence_after_it() {
    for tenant in TENANTS {
        let ran = silence(
            tenant,
            &[],
            &[],
            &format!(
                "{SUBJECT}    Then an alert is raised within 30 minutes\n    When the indicator is removed\n\
                 \x20   And everything published is in effect\n    When the device contacts the indicator's address\n{CONTROL}"
            ),
        );
        ran.is("passed", &[]).left_nothing();
    }
}

#[test]
fn an_alert_that_names_the_same_in_other_words_is_neither_the_subject_s_nor_silence() {
    let address = [("type", "IpAddress"), ("value", "203.0.113.77"), ("action", "Block")];
    let both = format!("{SUBJECT}{CONTROL}");
    silence(ENDPOINT, &[], &address, &both).is("failed extra-alert", &[]).left_nothing();
    for field in ["description", "source"] {
        let settings = [("field", field), ("value", "SomebodyElse"), ("times", "1")];
        let ran = silence(ENDPOINT, &[("mislabel-alert", &settings)], &address, &both);
        ran.is("errored inconclusive", &["whose it is cannot be told", "hint"]).left_nothing();
    }
    let severity = [("field", "severity"), ("value", "High"), ("times", "1")];
    let ran = silence(ENDPOINT, &[("mislabel-alert", &severity)], &address, &both);
    ran.is("failed extra-alert", &[]).left_nothing();
}

#[test]
fn a_control_that_fired_long_before_says_nothing_of_what_the_sensor_sees_now() {
    let deaf = "    When the laboratory misbehaves: drop-telemetry\n";
    for tenant in TENANTS {
        let before = silence(tenant, &[], &[], &format!("{CONTROL}    And 3 hours pass\n{deaf}{OTHER}"));
        before.is("errored inconclusive", &["neither did the control's"]).left_nothing();
        let beside = silence(tenant, &[], &[], &format!("{CONTROL}    And 5 minutes pass\n{OTHER}"));
        beside.is("passed", &[]).left_nothing();
    }
}

#[test]
fn silence_of_what_the_tenant_forgot_is_none() {
    for tenant in TENANTS {
        let ran = tenant.run(&format!(
            "{ALONE}    And a control is published\n{}    And an alert definition and an indicator are in effect\n\
             {SUBJECT}{CONTROL}    Then no alert is raised\n",
            misbehaves(&[("forget", &[("times", "1")])])
        ));
        ran.is("errored not-published", &["the tenant holds no"]).left_nothing();
    }
}

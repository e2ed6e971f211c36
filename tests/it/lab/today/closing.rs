//! The alerts of a drill are closed as security tests when it ends: by the tenant's own state.

use alertdrill::domain::service::Service;
use serde_json::{Value, json};

use super::{ALONE, CONTACT, ENDPOINT, GRAPH, PUBLISHED, Sabotaged, TENANTS, Tenant, misbehaves};

const RAISED: &str = "    Then an alert is raised within 30 minutes\n";

fn handled(ran: &Sabotaged) -> Vec<&Value> {
    ran.held["alerts"].as_array().expect("a list").iter().map(|alert| &alert["handling"]).collect()
}

fn untouched() -> Value {
    json!({ "status": "New", "classification": null, "determination": null, "comments": [] })
}

/// What the drill tells of alerts: those that it closed, and what it found of the others.
fn told(ran: &Sabotaged) -> (Vec<&str>, Vec<&str>) {
    let of_alerts = |text: &&str| text.starts_with("alert ") && !text.starts_with("alert definition");
    let closed = ran.drill().clean_up.iter().map(|undone| undone.what.as_str()).filter(of_alerts).collect();
    let open = ran.drill().findings.iter().map(|finding| finding.what.as_str()).filter(of_alerts).collect();
    (closed, open)
}

/// The calls that would change an alert.
fn changes(tenant: Tenant, ran: &Sabotaged) -> usize {
    let begin = if tenant.reading == Service::Graph { "change alert" } else { "update alert" };
    ran.drill().exchanges.iter().filter(|exchange| exchange.purpose().starts_with(begin)).count()
}

#[test]
fn the_alert_of_a_drill_is_closed_with_a_comment_whoever_reads_it() {
    for tenant in TENANTS {
        let ran = tenant.run(&format!("{ALONE}{PUBLISHED}{CONTACT}{RAISED}"));
        ran.is("passed", &[]).left_nothing();
        let comment = format!("Security test: the alert of the drill {}, closed by alertdrill.", ran.drill().marker);
        let closed = json!({
            "status": "Resolved", "classification": "ExpectedActivity", "determination": "SecurityTesting",
            "comments": [comment],
        });
        assert_eq!(handled(&ran), [&closed], "{tenant:?}");
        let (told, open) = told(&ran);
        assert!(matches!(told[..], [one] if one.ends_with(" closed as a security test")), "{tenant:?}: {told:?}");
        assert_eq!(open, Vec::<&str>::new(), "{tenant:?}");
    }
}

#[test]
fn an_alert_that_attribution_refused_stays_as_it_is() {
    for tenant in TENANTS {
        let ran = tenant.sabotaged(&[("move-alert", &[("device", "pc8")])]);
        ran.is("failed no-alert", &[]);
        assert_eq!(handled(&ran), [&untouched()], "{tenant:?}");
        assert_eq!(told(&ran), (vec![], vec![]), "{tenant:?}");
        assert_eq!(changes(tenant, &ran), 0, "{tenant:?}");
    }
}

#[test]
fn an_alert_that_was_there_before_and_took_the_drill_s_event_in_is_not_the_drill_s_and_stays_open() {
    let merged = misbehaves(&[("merge-alert", &[])]);
    for tenant in TENANTS {
        let ran = tenant.run(&format!("{ALONE}{merged}{PUBLISHED}{CONTACT}{RAISED}"));
        ran.is("failed no-alert", &["the nearest: ", "beginning is `2026-11-23T", ", of something before the drill`"]);
        assert_eq!(handled(&ran), [&untouched()]);
        let (closed, _) = told(&ran);
        assert_eq!((closed, changes(tenant, &ran)), (vec![], 0));
    }
}

#[test]
fn a_tenant_that_lets_no_alert_be_closed_is_a_finding_with_the_remedy_and_no_verdict() {
    for (tenant, role) in [(ENDPOINT, "`Alert.ReadWrite.All`"), (GRAPH, "`SecurityAlert.ReadWrite.All`")] {
        let refused = misbehaves(&[("status", &[("status", "403"), ("method", "PATCH"), ("path", "alerts")])]);
        let ran = tenant.run(&format!("{ALONE}{refused}{PUBLISHED}{CONTACT}{RAISED}"));
        ran.is("passed", &[]).left_nothing();
        assert_eq!(handled(&ran), [&untouched()], "{tenant:?}");
        let (closed, open) = told(&ran);
        assert_eq!(closed, Vec::<&str>::new(), "{tenant:?}");
        assert!(matches!(open[..], [one] if one.contains(role) && one.contains("close_alerts = false")), "{open:?}");
    }
}

#[test]
fn a_fault_while_closing_is_a_finding_too() {
    let faulty = misbehaves(&[("status", &[("status", "400"), ("method", "PATCH"), ("path", "alerts")])]);
    for tenant in [ENDPOINT, GRAPH] {
        let ran = tenant.run(&format!("{ALONE}{faulty}{PUBLISHED}{CONTACT}{RAISED}"));
        ran.is("passed", &[]).left_nothing();
        assert_eq!(handled(&ran), [&untouched()], "{tenant:?}");
        assert!(told(&ran).1[0].contains("the tenant did not close it"), "{tenant:?}: {:?}", told(&ran));
    }
}

//! What looks once at the alerts, where they cannot be read at that moment.

use alertdrill::domain::service::Service;

use super::{Settings, is, rows, touched};

const RAISED: &str = "    Then an alert is raised within 30 minutes\n";

/// An alert came, then the list of alerts answers with `settings`, and is asked whether the alert is still there.
fn asked_again(service: Service, settings: Settings<'_>) -> super::Ran {
    let misbehaves = format!("    When the laboratory misbehaves: status\n{}", rows(settings));
    touched(service, &[], &format!("{RAISED}{misbehaves}    Then the alert is still there\n"))
}

/// So many minutes of the drill's time went by between the alert and the end.
fn minutes_after(ran: &super::Ran) -> i64 {
    let seen = ran.drill().waits[0].until;
    ran.drill().finished.duration_since(seen).as_mins()
}

#[test]
fn an_alert_is_still_there_though_the_list_was_down_for_minutes() {
    for service in Service::ALL {
        let ran = asked_again(service, &[("status", "503"), ("path", "alerts"), ("lasting", "600")]);
        is(ran.drill(), "passed", &[]);
        assert!((10..15).contains(&minutes_after(&ran)), "{service}: {} minutes", minutes_after(&ran));
    }
}

#[test]
fn of_a_list_that_stays_down_nothing_is_said_once_an_alert_would_have_come_again() {
    for service in Service::ALL {
        let ran = asked_again(service, &[("status", "503"), ("path", "alerts")]);
        is(ran.drill(), "errored service-error", &["no look at the tenant's alerts succeeded when they were due"]);
        let patience = i64::try_from(service.detection().as_secs() / 60).expect("minutes");
        let waited = minutes_after(&ran);
        assert!((patience..patience + 10).contains(&waited), "{service}: {waited} minutes");
    }
}

#[test]
fn a_refusal_is_not_asked_again() {
    for service in Service::ALL {
        let ran = asked_again(service, &[("status", "403"), ("method", "GET"), ("path", "alerts")]);
        is(ran.drill(), "errored access-denied", &[]);
        let refused = ran.drill().exchanges.iter().filter(|exchange| exchange.status() == Some(403));
        assert_eq!(refused.count(), 1, "{service}");
    }
}

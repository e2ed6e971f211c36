//! No alert within a time.

use alertdrill::domain::service::Service;

use super::{Settings, drill, is};

const PUBLISHED: &str = "    Given a control is published\n    And everything published is in effect\n";
const SUBJECT: &str = "    When the device contacts the indicator's address\n";
const CONTROL: &str = "    When the device contacts the control's address\n";
const OTHER: &str = "    When the device contacts \"another.example\"\n";
const SILENT: &str = "    Then no alert is raised within 3 hours\n";

fn silence(service: Service, faults: &[(&str, Settings<'_>)], steps: &str) -> super::Ran {
    drill(service, faults, &format!("{PUBLISHED}{steps}"))
}

#[test]
fn silence_until_its_time_counts_beside_a_control_that_fired_in_it() {
    for service in Service::ALL {
        let ran = silence(service, &[], &format!("{OTHER}{CONTROL}{SILENT}"));
        is(ran.drill(), "passed", &[]);
        let waited = ran.drill().finished.duration_since(ran.drill().stimuli[1].from);
        assert!(waited.as_hours() == 3, "{service}: {waited}");
    }
}

#[test]
fn a_control_has_the_address_that_its_table_says() {
    for service in Service::ALL {
        let published =
            PUBLISHED.replace("published\n    And", "published\n      | value | mine-{marker}.example |\n    And");
        let ran = drill(service, &[], &format!("{published}{OTHER}{CONTROL}{SILENT}"));
        is(ran.drill(), "passed", &[]);
        let contacted = &ran.drill().stimuli[1].what;
        assert!(contacted.contains("mine-"), "{service}: {contacted}");
    }
}

#[test]
fn an_alert_before_its_time_breaks_the_silence_and_one_after_it_does_not() {
    for service in Service::ALL {
        let ran = silence(service, &[], &format!("{SUBJECT}{CONTROL}{SILENT}"));
        is(ran.drill(), "failed extra-alert", &["an alert came that should not have"]);
        // The subject's alert comes three hours later than the control's.
        let late: [(&str, Settings<'_>); 1] = [("delay-alert", &[("seconds", "10800"), ("times", "1")])];
        let after = format!("{SUBJECT}{CONTROL}    And 9 hours pass\n{SILENT}");
        is(silence(service, &late, &after).drill(), "passed", &[]);
        let longer = after.replace("3 hours\n", "8 hours\n");
        is(silence(service, &late, &longer).drill(), "failed extra-alert", &[]);
    }
}

#[test]
fn silence_proves_nothing_where_no_control_fired_in_the_same_time() {
    for service in Service::ALL {
        let none = silence(service, &[], &format!("{OTHER}{SILENT}"));
        is(
            none.drill(),
            "errored inconclusive",
            &["the silence proves nothing", "expected: the control's alert on ", "hint"],
        );
        let short = silence(service, &[], &format!("{OTHER}{CONTROL}{}", SILENT.replace("3 hours", "1 second")));
        is(short.drill(), "errored inconclusive", &["the silence proves nothing"]);
        let dead = silence(service, &[("drop-telemetry", &[])], &format!("{SUBJECT}{CONTROL}{SILENT}"));
        is(dead.drill(), "errored inconclusive", &["the silence proves nothing"]);
    }
}

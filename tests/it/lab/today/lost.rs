//! What was accepted though its answer was lost, and what is somebody else's.

use alertdrill::{
    domain::{
        indicator::{Action, Kind},
        marker::Marker,
    },
    world::{
        alarm::{Alarm, Role},
        ledger::Draft,
    },
};
use jiff::SignedDuration;

use super::{ALONE, ENDPOINT, GRAPH, MIXED, PUBLISHED, Sabotaged, Tenant, misbehaves};

/// Where a service is asked to publish.
const PUBLISHING: [(Tenant, &[(&str, &str)]); 3] = [
    (ENDPOINT, &[("face", "endpoint"), ("method", "POST"), ("path", "/indicators")]),
    (MIXED, &[("face", "endpoint"), ("method", "POST"), ("path", "/indicators")]),
    (GRAPH, &[("face", "graph"), ("method", "POST"), ("path", "detectionRules")]),
];

/// A fault, its settings, and a word of what is told.
type Lost = (&'static str, &'static [(&'static str, &'static str)], &'static str);

/// What takes the place of an answer to what was done.
const LOST: [Lost; 5] = [
    ("close", &[("applied", "true")], "broke off"),
    ("cut-body", &[("bytes", "10")], "broke off"),
    ("status", &[("status", "500"), ("applied", "true")], "HTTP 500"),
    ("status", &[("status", "504"), ("applied", "true")], "HTTP 504"),
    ("wrong-types", &[], "is not understood"),
];

/// What somebody else has published of this address.
fn somebody_else_s(tenant: Tenant, address: &str) -> Draft {
    let mut alarm = Alarm::minted(Marker::of(99, "somebody else's"), Role::Subject);
    alarm.indicator.kind = Kind::IpAddress;
    address.clone_into(&mut alarm.indicator.value);
    // Of one value, type and action there is one on the service.
    alarm.indicator.action = if tenant == GRAPH { Action::Audit } else { Action::Warn };
    alarm.draft()
}

fn deletes(ran: &Sabotaged) -> usize {
    ran.drill().exchanges.iter().filter(|exchange| exchange.method() == "DELETE").count()
}

#[test]
fn what_was_accepted_though_every_answer_was_lost_is_found_and_removed() {
    for (tenant, place) in PUBLISHING {
        for (fault, settings, words) in LOST {
            let settings: Vec<_> = place.iter().chain(settings).copied().collect();
            let ran = tenant.run(&format!(
                "{ALONE}{}    And an alert definition and an indicator are published\n",
                misbehaves(&[(fault, &settings)])
            ));
            // A rule that is there is read by the key that the drill gave it; an indicator has a key of the service's.
            let is_read_back = tenant == GRAPH && fault != "wrong-types";
            if is_read_back {
                ran.is("passed", &[]);
            } else {
                ran.is("errored service-error", &[words]);
            }
            ran.left_nothing();
            assert_eq!((ran.drill().clean_up.len(), deletes(&ran)), (1, 1), "{tenant:?} {fault}");
        }
    }
}

#[test]
fn what_is_somebody_else_s_stays_untouched() {
    let address = "203.0.113.77";
    for (tenant, place) in PUBLISHING {
        for fault in [None, Some("close")] {
            let settings: Vec<_> = place.iter().copied().chain([("applied", "true")]).collect();
            let fault = fault.map(|fault| misbehaves(&[(fault, &settings)])).unwrap_or_default();
            let text = format!(
                "{ALONE}{fault}{}",
                PUBLISHED.replacen(
                    "published\n",
                    &format!("published\n      | type | IpAddress |\n      | value | {address} |\n"),
                    1
                )
            );
            let ran = tenant.run_beside(&text, SignedDuration::ZERO, Some(somebody_else_s(tenant, address)));
            let left = ran.left();
            assert_eq!(left.len(), 1, "{tenant:?}: {left:?}");
            assert!(left[0].contains(Marker::of(99, "somebody else's").as_str()), "{tenant:?}: {left:?}");
            assert_eq!(deletes(&ran), 1, "{tenant:?}");
            assert!(ran.drill().clean_up.iter().all(|undone| undone.left.is_none()));
        }
    }
}

#[test]
fn a_place_that_somebody_else_has_is_neither_written_over_nor_passed_over_in_silence() {
    let address = "203.0.113.77";
    let text = format!(
        "{ALONE}{}",
        PUBLISHED.replacen(
            "published\n",
            &format!("published\n      | type | IpAddress |\n      | value | {address} |\n"),
            1
        )
    );
    for tenant in [ENDPOINT, MIXED] {
        let mut theirs = somebody_else_s(tenant, address);
        theirs.indicator.action = Action::Audit;
        let ran = tenant.run_beside(&text, SignedDuration::ZERO, Some(theirs));
        ran.is(
            "errored not-published",
            &["would write over what is not this drill's", "hint: if no other run goes on"],
        );
        assert_eq!((ran.left().len(), deletes(&ran)), (1, 0), "{tenant:?}");
    }
}

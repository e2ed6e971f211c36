//! The files of a run whose drills are armed, changed by hand or copied badly: nothing of anybody else is touched, and
//! nothing is forgotten.
#![cfg(unix)]

use regex::Regex;

use crate::cli::{
    detach::{FEATURE, Ground, SERVICES},
    foreign::{self, Holdings},
};

const JOURNAL: &str = "alertdrill-report/journal.ndjson";

#[test]
fn a_key_in_the_journal_that_is_somebody_else_s_is_left_alone_and_what_is_the_drill_s_is_found() {
    let ground = Ground::new(FEATURE);
    let foreign = foreign::publish(&ground.served);
    let state = ground.served.state();
    let key = |set: &str| state[set][0]["id"].to_string().replace('"', "");
    for (service, definition, indicator) in [
        ("legacy", key("definitions"), key("indicators")),
        ("endpoint", key("customIndicators"), key("customIndicators")),
        ("graph", key("rules"), key("rules")),
    ] {
        ground.arm(&format!("--service {service}")).exits(0);
        let mut journal = ground.stage.read(JOURNAL);
        for (what, key) in [("definition", definition), ("indicator", indicator)] {
            let named = Regex::new(&format!(r#""what":"{what}","key":"[^"]*""#)).expect("a pattern");
            journal = named.replace_all(&journal, format!(r#""what":"{what}","key":"{key}""#)).into_owned();
        }
        assert_ne!(ground.stage.read(JOURNAL), journal, "{service}");
        ground.stage.write(JOURNAL, journal);
        ground.hours_pass(1);
        let ran = ground.collect("");
        ran.exits(0);
        assert_eq!(Holdings::of(&ground.served), foreign, "{service}: {}", ran.told());
    }
}

#[test]
fn a_journal_that_was_cut_off_is_refused_and_all_stays_armed() {
    let ground = Ground::new(FEATURE);
    for service in SERVICES {
        ground.arm(&format!("--service {service}")).exits(0);
        let journal = ground.stage.read(JOURNAL);
        let head = journal.split_inclusive('\n').next().expect("a line");
        ground.stage.write(JOURNAL, head);
        let ran = ground.collect("");
        ran.exits(64).prints("");
        assert!(ran.stderr.contains("journal.ndjson ends before what was made is in it (hint: "), "{}", ran.told());
        ground.stage.write(JOURNAL, &journal);
        ground.hours_pass(1);
        ground.collect("").exits(0);
        assert_eq!(ground.count(), 0, "{service}");
    }
}

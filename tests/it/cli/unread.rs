//! Commands whose standard error nobody reads any more: a pipe that was closed, a terminal that is gone.
#![cfg(unix)]

use crate::cli::detach::{FEATURE, Ground, SERVICES};

/// How `line` ends where whatever it writes to standard error fails.
fn unread(ground: &Ground, line: &str) -> Option<i32> {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let ended = ground.stage.command(line).stderr(writer).output().expect("it starts");
    ended.status.code()
}

#[test]
fn what_is_judged_and_removed_is_so_though_nobody_reads_the_log() {
    let ground = Ground::new(FEATURE);
    for service in SERVICES {
        for line in ["collect alertdrill-report --verbose", "sweep alertdrill-report --verbose"] {
            ground.arm(&format!("--service {service}")).exits(0);
            ground.hours_pass(3);
            assert_eq!(unread(&ground, line), Some(0), "{line} on {service}");
            assert_eq!(ground.count(), 0, "{line} on {service}");
        }
    }
}

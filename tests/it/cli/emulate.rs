//! `alertdrill emulate`: what it refuses, what it hands out, how it ends.

use serde_json::Value;

use crate::cli::{served::Served, stage::Stage};

#[test]
fn an_address_or_file_that_cannot_be_used_is_told_and_nothing_served() {
    let stage = Stage::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken.local_addr().expect("an address");
    for (line, told) in [
        (
            format!("--listen {taken}"),
            format!("cannot listen at {taken}: ⟨line⟩ (hint: --listen 127.0.0.1:0 takes any free port)"),
        ),
        (
            "--details-out no/details.json".into(),
            "cannot write no/details.json: ⟨line⟩ (hint: --details-out names a file in a folder that exists)".into(),
        ),
        (
            "--tls --ca-out .".into(),
            "cannot write .: ⟨line⟩ (hint: --ca-out names a file in a folder that exists)".into(),
        ),
        (
            "--speed 0".into(),
            "a clock cannot run at speed 0 (hint: --speed takes a number above 0 and at most 1000000)".into(),
        ),
        (
            "--speed -1".into(),
            "a clock cannot run at speed -1 (hint: --speed takes a number above 0 and at most 1000000)".into(),
        ),
    ] {
        stage.run(&format!("emulate {line}")).exits(64).prints("").tells(&format!("alertdrill: {told}"));
    }
    assert!(stage.names(".").is_empty());
}

#[cfg(unix)]
#[test]
fn it_hands_out_details_and_ends_well_when_it_is_told_to() {
    use std::os::unix::fs::PermissionsExt as _;
    for signal in ["TERM", "INT"] {
        let stage = Stage::new();
        let served = Served::on(&stage, "");
        let mode = std::fs::metadata(stage.file("details.json")).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "the details hold a secret");
        assert_eq!(served.holds(), (0, 0));
        let ran = served.ended_by(signal);
        ran.exits(0).tells("");
        let printed: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!(printed, stage.json("details.json"), "{signal}");
    }
}

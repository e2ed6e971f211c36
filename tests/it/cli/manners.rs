//! What a tenant's owner asks of its drills: what may be published, when a run may begin, and who hears of it before.

use crate::cli::{
    served::Served,
    stage::{Running, Stage},
};

/// A drill that publishes an indicator of this value.
fn publishing(value: &str) -> String {
    format!(
        "Feature: f\n  Scenario: s\n    Given an alert definition and an indicator are published\n      \
         | type | IpAddress |\n      | value | {value} |\n"
    )
}

#[test]
fn what_a_feature_would_publish_and_the_tenant_does_not_allow_is_refused_before_anything_runs() {
    let stage = Stage::new();
    let served = Served::on(&stage, "");
    let table = stage.read("alertdrill.toml");
    for (value, lines, told) in [
        ("10.0.0.1", "", "an indicator that meets 10.0.0.0/8, whose addresses are private, would be published"),
        ("8.8.8.8", "", "an indicator that meets 8.8.8.8 would be published"),
        (
            "52.184.197.12",
            "never_publish = [\"52.184.0.0/16\"]\n",
            "an indicator that meets 52.184.0.0/16, which `never_publish` names, would be published",
        ),
    ] {
        stage.write("f.feature", publishing(value)).write("alertdrill.toml", format!("{table}{lines}"));
        let end = "alertdrill: --tenant lab does not allow this, so nothing was run";
        let expected = format!("f.feature:3: {told}: IpAddress Equals `{value}`\n  hint: ⟨line⟩\n{end}");
        stage.run("run --tenant lab f.feature").exits(3).prints("").tells(&expected);
        assert!(!stage.file("alertdrill-report").exists());
    }
    stage.write("f.feature", publishing("10.0.0.1"));
    stage.write("alertdrill.toml", format!("{table}may_publish = [\"10.0.0.0/30\"]\n"));
    stage.run("run --tenant lab f.feature").exits(0);
    assert_eq!(served.holds(), (0, 0));
}

/// Quiet hours from an hour before the tenant's now until an hour after it.
fn around_now(served: &Served) -> String {
    let state = served.state();
    let now: jiff::Timestamp = state["now"].as_str().expect("a text").parse().expect("a timestamp");
    let at = |hours: i64| {
        let moment = now.saturating_add(jiff::SignedDuration::from_hours(hours)).expect("a moment");
        jiff::tz::TimeZone::UTC.to_datetime(moment).strftime("%H:%M").to_string()
    };
    format!("quiet_hours = \"{}-{}\"\nquiet_zone = \"UTC\"\n", at(-1), at(1))
}

#[test]
fn no_run_begins_in_the_tenant_s_quiet_hours_unless_it_is_wanted_now() {
    let stage = Stage::new();
    let served = Served::on(&stage, "");
    let table = stage.read("alertdrill.toml");
    stage.write("alertdrill.toml", format!("{table}{}", around_now(&served)));
    stage.run("run --tenant lab --name Step.2").exits(3).prints("").tells(
        "alertdrill: nothing was run: the tenant's quiet hours (`quiet_hours`) last until ⟨line⟩ (hint: run it then, or \
         with --now)",
    );
    assert!(!stage.file("alertdrill-report").exists());
    stage.run("run --tenant lab --name Step.2 --now").exits(0);
}

#[test]
fn a_stop_file_keeps_a_run_from_beginning_and_ends_one_that_runs_after_clean_up() {
    let stage = Stage::new();
    let served = Served::on(&stage, "");
    let mut command = stage.command("run --tenant lab --name Step.3 --verbose --stop-file stop");
    let mut run = Running::of(command.spawn().expect("the binary starts"));
    run.has_told("create an indicator: ");
    assert_eq!(served.holds(), (1, 1));
    stage.write("stop", "");
    let ran = run.end();
    ran.exits(130);
    assert_eq!(served.holds(), (0, 0), "{}", ran.told());
    assert!(ran.stderr.contains("the stop file stop exists: cleaning up\n"), "{}", ran.stderr);

    let table = stage.read("alertdrill.toml");
    stage.write("alertdrill.toml", format!("{table}stop_file = \"stop\"\n"));
    let told = "alertdrill: nothing was run: the stop file stop exists (hint: remove it when drills may run again)";
    stage.run("run --tenant lab --name Step.2").exits(3).prints("").tells(told);
    stage.run("run --stop-file alertdrill.toml").exits(3);
    std::fs::remove_file(stage.file("stop")).expect("it is there");
    stage.run("run --tenant lab --name Step.2").exits(0);
}

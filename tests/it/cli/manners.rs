//! What a tenant's owner asks of its drills: what may be published, when a run may begin, and who hears of it before.

use crate::cli::{served::Served, stage::Stage};

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

//! `alertdrill run --tenant`: settings that are missing or wrong, a tenant that is not there, and one that is.

use serde_json::Value;

use crate::cli::{
    served::Served,
    stage::{Ran, Running, Stage, finished},
};

/// A table in which nothing is missing but the secret.
const TABLE: &str = "authorization_url = \"http://127.0.0.1:1/t/oauth2/token\"\nclient_id = \"id\"\n\
                     legacy_api = \"http://127.0.0.1:1/V1.0/\"\nalert_export_api = \"http://127.0.0.1:1/api/alerts\"\n\
                     device_name = \"pc\"\n";

/// The table with one more line, or with another value for a key that is there.
fn with(line: &str) -> String {
    let key = line.split(' ').next().expect("a key");
    let kept: Vec<_> = TABLE.lines().filter(|known| !known.starts_with(key)).collect();
    format!("[tenants.lab]\n{}\n{line}\n", kept.join("\n"))
}

/// A file of settings, and what is told of it, after `alertdrill: `.
fn wrong() -> Vec<(String, &'static str)> {
    vec![
        (
            String::new(),
            "--tenant lab: alertdrill.toml has no table of that name (hint: it has none; write [tenants.lab], as the README shows)",
        ),
        (
            "[tenants.prod]\n[tenants.test]\n".into(),
            "--tenant lab: alertdrill.toml has no table of that name (hint: it has prod, test)",
        ),
        (
            "[tenants.lab]\n".into(),
            "tenants.lab.authorization_url (alertdrill.toml): it is not set\n  \
             hint: set it, or name the file of an emulator's `details`",
        ),
        (
            "[tenants.lab]\ndetails = \"none.json\"\n".into(),
            "tenants.lab.details (alertdrill.toml): none.json cannot be read: ⟨line⟩\n  \
             hint: write it with `alertdrill emulate --details-out`",
        ),
        (
            "[tenants.lab]\ndetails = \"alertdrill.toml\"\n".into(),
            "tenants.lab.details (alertdrill.toml): alertdrill.toml is not what an emulator hands out: ⟨line⟩\n  \
             hint: write it anew with `alertdrill emulate --details-out`",
        ),
        (
            with("device_name = \"pc\""),
            "tenants.lab.client_secret (alertdrill.toml): there is none\n  \
             hint: set ALERTDRILL_CLIENT_SECRET in the environment, or prove the application's identity with \
             `certificate_file`, `federated_file` or `federated_from`",
        ),
        (
            with("max_indicators = \"many\""),
            "the file of settings (alertdrill.toml): line 7 (`max_indicators`): invalid type: string \"many\", \
             expected a whole number\n  hint: correct the file; the README lists every setting",
        ),
        (
            with("close_alerts = \"no\""),
            "the file of settings (alertdrill.toml): line 7 (`close_alerts`): invalid type: string \"no\", \
             expected true or false\n  hint: correct the file; the README lists every setting",
        ),
        (
            with("client_secret = \"hunter2\""),
            "the file of settings (alertdrill.toml): line 7: unknown field `client_secret`⟨line⟩\n  \
             hint: secrets are read from the environment alone: ALERTDRILL_CLIENT_SECRET, ALERTDRILL_PROXY_PASSWORD, \
             ALERTDRILL_DEVICE_PROXY_PASSWORD",
        ),
        (
            with("tennant = \"x\""),
            "the file of settings (alertdrill.toml): line 7: unknown field `tennant`⟨line⟩\n  \
             hint: correct the file; the README lists every setting",
        ),
    ]
}

#[test]
fn settings_that_are_wrong_are_named_with_what_to_do_and_no_secret_is_repeated() {
    let stage = Stage::new();
    for (file, told) in wrong() {
        stage.write("alertdrill.toml", &file);
        let ran = stage.run("run --tenant lab");
        ran.exits(64).prints("").tells(&format!("alertdrill: {told}"));
        assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    }
    assert_eq!(stage.names("."), ["alertdrill.toml"]);
}

/// A line of the table, and what is told of it, with the secret set.
const VALUES: [(&str, &str); 12] = [
    (
        "legacy_api = \"ti.example\"",
        "legacy_api (alertdrill.toml): relative URL without a base\n  \
         hint: write a whole address, such as https://host/path",
    ),
    (
        "authorization_url = \"ftp://login.example/\"",
        "authorization_url (alertdrill.toml): `ftp` is no scheme for it\n  hint: write an http or https address",
    ),
    (
        "alert_export_api = \"\"",
        "alert_export_api (alertdrill.toml): relative URL without a base\n  \
         hint: write a whole address, such as https://host/path",
    ),
    (
        "propagation = \"soon\"",
        "propagation (alertdrill.toml): ⟨line⟩\n  hint: write a span of time, such as \"20 minutes\"",
    ),
    (
        "detection = \"-5 minutes\"",
        "detection (alertdrill.toml): ⟨line⟩\n  hint: write a span of time, such as \"20 minutes\"",
    ),
    (
        "service = \"gragh\"",
        "service (alertdrill.toml): `gragh` is none of its values\n  hint: write legacy, endpoint or graph",
    ),
    (
        "cloud = \"mars\"",
        "cloud (alertdrill.toml): `mars` is no cloud\n  hint: write global, gcc, gcc-high, dod or china",
    ),
    (
        "certificate_file = \"app.pem\"",
        "certificate_file (alertdrill.toml): it is given beside ALERTDRILL_CLIENT_SECRET\n  \
         hint: leave exactly one proof of the application's identity",
    ),
    (
        "quotas = { nobody = { minute = 0 } }",
        "quotas (alertdrill.toml): `nobody` has a limit of no calls, with which no drill could run\n  \
         hint: leave at least one call, or leave the limit out",
    ),
    ("speed = 0.0", "speed (alertdrill.toml): 0 is no speed\n  hint: write how many seconds pass in one"),
    (
        "proxy = \"http://me:hunter2@proxy.example:8080\"",
        "proxy (alertdrill.toml): it holds a password\n  \
         hint: set proxy_user in the table, and ALERTDRILL_PROXY_PASSWORD in the environment",
    ),
    (
        "device_proxy = \"http://proxy.example:8080\"\ndevice_proxy_user = \"me\"",
        "device_proxy_user (alertdrill.toml): there is no password for it\n  \
         hint: set device_proxy_user in the table, and ALERTDRILL_DEVICE_PROXY_PASSWORD in the environment",
    ),
];

fn with_secret(stage: &Stage, line: &str) -> Ran {
    let mut command = stage.command(line);
    command.env("ALERTDRILL_CLIENT_SECRET", "hunter2");
    finished(command)
}

#[test]
fn values_that_cannot_be_used_are_named_with_what_to_do() {
    let stage = Stage::new();
    for (line, told) in VALUES {
        stage.write("alertdrill.toml", with(line));
        let ran = with_secret(&stage, "run --tenant lab");
        ran.exits(64).prints("").tells(&format!("alertdrill: tenants.lab.{told}"));
        assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    }
    stage.write("alertdrill.toml", with("quotas = { nobody = { minute = 1 } }"));
    let ran = with_secret(&stage, "run --tenant lab");
    let told = "alertdrill: --tenant lab: quotas: `nobody` is no family of calls (known: endpoint.alerts, ⟨line⟩)";
    ran.exits(64).prints("").tells(told);
    stage.write("alertdrill.toml", with("ca_file = \"none.pem\""));
    let ran = with_secret(&stage, "run --tenant lab");
    ran.exits(64).prints("").tells("alertdrill: --tenant lab: ⟨line⟩none.pem⟨line⟩");
}

#[test]
fn a_tenant_without_a_file_of_settings_is_told_where_they_belong() {
    let stage = Stage::new();
    let hint = "write it, with a table for each tenant as the README shows, or name another with --config";
    for (line, file) in
        [("run --tenant lab", "alertdrill.toml"), ("run --tenant lab --config other.toml", "other.toml")]
    {
        let told = format!("alertdrill: the file of settings ({file}): there is no such file\n  hint: {hint}");
        stage.run(line).exits(64).prints("").tells(&told);
    }
}

/// The account of the drill that was asked for.
fn only_drill(stage: &Stage) -> Value {
    let drills = stage.json("alertdrill-report/run.json")["drills"].as_array().expect("a list").clone();
    assert_eq!(drills.len(), 1);
    drills[0].clone()
}

#[test]
fn a_host_that_does_not_answer_is_no_verdict_on_a_detection() {
    let stage = Stage::new();
    Served::on(&stage, "").gone();
    let ran = stage.run("run --tenant lab --name Step.2");
    ran.exits(2);
    let drill = only_drill(&stage);
    assert_eq!((&drill["verdict"], &drill["code"]), (&"errored".into(), &"service-error".into()), "{drill:#}");
    let account = "! service-error  ⟨line⟩\n  access broke: get an access token: no connection to 127.0.0.1:⟨port⟩:⟨any⟩\n  \
                   hint      check the address in the tenant's table, and whether a proxy or\n            firewall is in \
                   between\n  again     alertdrill run features/guide/2_create.feature:5 --tenant lab\n";
    ran.prints(&format!("⟨any⟩{account}⟨any⟩! errored: Alertdrill cannot tell: the drill broke off.\n⟨any⟩"));
}

#[test]
fn whoever_points_it_at_the_retired_service_is_told_so_at_once() {
    let stage = Stage::new();
    // A proxy that is not there keeps the test off the network; what then comes of the drill, another test asks.
    let table = with("legacy_api = \"https://TI.securitycenter.windows.com/V1.0/\"\nproxy = \"http://127.0.0.1:1\"");
    stage.write("alertdrill.toml", table);
    let mut command = stage.command("run --tenant lab --name Step.2");
    command.env("ALERTDRILL_CLIENT_SECRET", "hunter2");
    let mut run = Running::of(command.spawn().expect("the binary starts"));
    let told = run.has_told("(hint: ");
    assert!(
        told.starts_with(
            "alertdrill: --tenant lab: Microsoft switched the custom TI API at ti.securitycenter.windows.com off on \
             2019-08-29, and no tenant answers it any more (hint: "
        ),
        "{told}"
    );
}

#[test]
fn what_needs_no_waiting_passes_on_a_served_tenant_and_leaves_it_as_it_was() {
    let stage = Stage::new();
    let served = Served::on(&stage, "");
    let ran = stage.run("run --tenant lab --tags @guide --name Step.[12] --verbose");
    ran.exits(0).prints(
        "Verdict ⟨any⟩\n\n3 drills: 2 passed, 1 skipped\n✔ passed: Every drill that was judged passed: 2 of 3.\n  \
         on lab in ⟨span⟩, seed ⟨seed⟩\n⟨any⟩",
    );
    assert!(
        ran.stderr.contains(
            "– skipped A tenant whose API is switched off gives none: \
             it changes what every other drill on the tenant stands on (@exclusive)"
        ),
        "{}",
        ran.stderr
    );
    assert_eq!(served.holds(), (0, 0));
    let secret = served.detail("clientSecret");
    assert!(!ran.stderr.contains("eyJ") && !ran.stderr.contains(secret), "{}", ran.stderr);
    for report in stage.names("alertdrill-report") {
        let text = stage.read(&format!("alertdrill-report/{report}"));
        assert!(!text.contains("eyJ") && !text.contains(secret), "{report}");
    }
}

/// Half an hour of waiting, in seconds: the emulator is served with its time passing faster, and the run told so.
#[test]
fn the_whole_guide_goes_off_on_a_served_tenant_whose_time_passes_faster() {
    let stage = Stage::new();
    let served = Served::on(&stage, "--speed 600");
    stage.write("alertdrill.toml", "[tenants.lab]\ndetails = \"details.json\"\nspeed = 600\n");
    let ran = stage.run("run --tenant lab --name goes.off");
    ran.exits(0).prints(
        "Verdict ⟨any⟩\n✔ passed⟨blanks⟩A custom threat ⟨any⟩\n\n1 drill: 1 passed\n✔ passed: The drill passed.\n  \
         on lab in ⟨span⟩, seed ⟨seed⟩\n⟨any⟩",
    );
    assert_eq!(served.holds(), (0, 0));
}

#[test]
fn what_is_kept_on_a_tenant_is_told_and_is_no_hindrance() {
    let stage = Stage::new();
    let served = Served::on(&stage, "");
    let ran = stage.run("run --tenant lab --name Step.2 --keep");
    let table = "  left      Clean-up left something behind in 1 drill: the report says what and\n            \
                 why, and `alertdrill sweep` removes it.\n";
    ran.exits(0).prints(&format!("⟨any⟩\n{table}⟨any⟩"));
    let told = "> Clean-up left something behind in 1 drill: `index.html` says what and why, and `alertdrill sweep`";
    assert!(stage.read("alertdrill-report/summary.md").contains(told));
    assert_eq!(served.holds(), (1, 1));
    let minted = "Feature: f\n  Scenario: s\n    Given an alert definition and an indicator are published\n";
    stage.write("f.feature", minted).run("run f.feature --tenant lab").exits(0);
    assert_eq!(served.holds(), (1, 1), "what another run made stays");
}

#[test]
fn another_secret_in_the_environment_is_used_and_refused_as_access() {
    let stage = Stage::new();
    let _served = Served::on(&stage, "");
    with_secret(&stage, "run --tenant lab --name Step.2").exits(2);
    let drill = only_drill(&stage);
    assert_eq!((&drill["verdict"], &drill["code"]), (&"errored".into(), &"access-denied".into()), "{drill:#}");
    assert!(!stage.read("alertdrill-report/run.json").contains("hunter2"));
}

#[test]
fn a_served_tenant_is_trusted_by_the_certificate_file_alone() {
    let stage = Stage::new();
    let _served = Served::on(&stage, "--tls --ca-out ca.pem");
    stage.write("alertdrill.toml", "[tenants.lab]\ndetails = \"details.json\"\nca_file = \"ca.pem\"\n");
    stage.run("run --tenant lab --name Step.2").exits(0);
    stage.write("alertdrill.toml", "[tenants.lab]\ndetails = \"details.json\"\n");
    let ran = stage.run("run --tenant lab --name Step.2");
    ran.exits(2);
    assert!(ran.stdout.contains("`ca_file`"), "{}", ran.stdout);
}

//! `alertdrill plan`: what it says a run will ask, against what a run asks; and that it asks nothing itself.

use std::{collections::BTreeMap, fs, net::TcpListener, path::Path};

use serde_json::Value;

use crate::cli::stage::Stage;

const WHOLE: &str = "Feature: f\n  Scenario: whole\n    Given an onboarded device\n    \
                     When an alert definition and an indicator are published\n    And everything published is in effect\n    \
                     And the device contacts the indicator's address\n    \
                     Then an alert is raised within 30 minutes\n    And it is the only alert\n";

/// A plan in JSON that is as its schema says.
fn planned(stage: &Stage, line: &str) -> Vec<Value> {
    let ran = stage.run(&format!("plan {line} --format json"));
    ran.exits(0);
    let plan: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.told()));
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/schema/plan.schema.json");
    let schema = serde_json::from_str(&fs::read_to_string(schema).expect("readable")).expect("JSON");
    let validator = jsonschema::draft202012::new(&schema).expect("a schema");
    let problems: Vec<String> =
        validator.iter_errors(&plan).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(problems.is_empty(), "{problems:#?}\n{plan:#}");
    plan["plans"].as_array().expect("plans").clone()
}

/// The one plan of a service.
fn of(stage: &Stage, line: &str) -> Value {
    let [plan]: [Value; 1] = planned(stage, line).try_into().expect("one plan");
    plan
}

fn calls(plan: &Value) -> BTreeMap<String, u64> {
    let families = plan["calls"].as_array().expect("families").iter();
    families
        .map(|one| (one["family"].as_str().expect("a name").into(), one["calls"].as_u64().expect("calls")))
        .collect()
}

/// Which family a request of a record belongs to: told by its method and path, not by what the program thinks.
fn family(service: &str, method: &str, url: &str) -> Option<String> {
    let path = url.split('?').next().expect("a path");
    let known = [
        ("/token", "tokens"),
        ("/api/machines", "endpoint.machines"),
        ("/api/indicators", "endpoint.indicators"),
        ("/endpoint/api/alerts", "endpoint.alerts"),
        ("/runHuntingQuery", "graph.hunt"),
        ("/security/alerts_v2", "graph.alerts"),
        ("/ti/V1.0/", "legacy"),
        ("/export/api/alerts", "legacy"),
    ];
    if path.contains("/detectionRules") {
        return Some(if method == "DELETE" { "graph.remove-rule" } else { "graph.create-rule" }.into());
    }
    let found = known.iter().find(|(part, _)| path.contains(part)).map(|(_, family)| (*family).to_owned());
    assert!(found.is_some() || path.contains("/control/") || !path.contains(service), "{method} {url}");
    found
}

#[test]
fn a_plan_says_what_a_run_then_asks() {
    let stage = Stage::new();
    stage.write("f.feature", WHOLE);
    for service in ["legacy", "endpoint", "graph"] {
        let plan = of(&stage, &format!("f.feature --service {service}"));
        assert_eq!((&plan["drills"], plan["skipped"].as_array().map(Vec::len)), (&1.into(), Some(0)), "{plan:#}");
        assert_eq!(plan["did_not_pass"], serde_json::json!([]), "{plan:#}");

        stage.run(&format!("run f.feature --service {service} --seed 1")).exits(0);
        let run = stage.json("alertdrill-report/run.json");
        let mut asked = BTreeMap::new();
        for exchange in run["drills"][0]["exchanges"].as_array().expect("exchanges") {
            let text = |key: &str| exchange[key].as_str().expect("a text");
            if let Some(family) = family(service, text("method"), text("url")) {
                *asked.entry(family).or_insert(0_u64) += 1;
            }
        }
        let mut planned = calls(&plan);
        // How often it is looked for an alert follows from when it happens to come, and a token lasts as long as it does.
        for varies in ["tokens", "legacy", "endpoint.alerts", "graph.alerts"] {
            let (Some(planned), Some(asked)) = (planned.remove(varies), asked.remove(varies)) else { continue };
            assert!(
                planned <= 2 * asked && asked <= 2 * planned,
                "{service} {varies}: {planned} planned, {asked} asked"
            );
        }
        assert_eq!(planned, asked, "{service}");
    }
}

#[test]
fn a_tenant_is_asked_nothing_and_no_secret_is_needed() {
    let stage = Stage::new();
    stage.write("f.feature", WHOLE);
    let tenant = TcpListener::bind("127.0.0.1:0").expect("a port");
    tenant.set_nonblocking(true).expect("it does not wait");
    let at = tenant.local_addr().expect("an address");
    stage.write(
        "alertdrill.toml",
        format!(
            "[tenants.lab]\nservice = \"endpoint\"\nalerts_service = \"graph\"\ntoken_url = \"http://{at}/token\"\n\
             client_id = \"id\"\nendpoint_api = \"http://{at}/\"\ngraph_api = \"http://{at}/\"\ndevice_name = \"pc\"\n\
             device_proxy = \"http://{at}\"\nannounce = \"generic\"\nstop_file = \"stop\"\nclose_alerts = false\n"
        ),
    );
    stage.write("stop", "");
    let plan = of(&stage, "f.feature --tenant lab");
    assert!(tenant.accept().is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock), "nobody called");
    assert_eq!(plan["did_not_pass"], serde_json::json!([]), "{plan:#}");
    assert_eq!(plan["held"]["reason"], "the stop file stop exists");
    let asked: Vec<_> = calls(&plan).into_keys().collect();
    assert!(asked.contains(&"endpoint.indicators".into()) && asked.contains(&"graph.alerts".into()), "{asked:?}");
    assert!(!asked.contains(&"endpoint.alerts".into()), "{asked:?}");
    let permissions = plan["permissions"].as_array().expect("permissions").iter();
    let permissions: Vec<_> = permissions.map(|one| one["permission"].as_str().expect("a name")).collect();
    let expected = ["Ti.ReadWrite.All", "SecurityAlert.Read.All", "AdvancedQuery.Read.All", "Machine.Read.All"];
    assert_eq!(permissions, expected, "alerts are not closed, so to read them is enough");
    assert!(stage.names("alertdrill-report").is_empty(), "a plan leaves nothing behind");
}

#[test]
fn a_plan_follows_the_tenant_s_waits_limits_and_shards() {
    let stage = Stage::new();
    stage.write("f.feature", format!("{WHOLE}{}", WHOLE.replacen("Feature: f\n", "", 1).replace("whole", "another")));
    let table = |rest: &str| {
        let text = format!(
            "[tenants.lab]\nservice = \"endpoint\"\ndirectory = \"contoso.com\"\nclient_id = \"id\"\n\
             device_name = \"pc\"\n{rest}\n"
        );
        stage.write("alertdrill.toml", text);
        of(&stage, "f.feature --tenant lab")
    };
    let takes = |plan: &Value| plan["takes_seconds"].as_f64().expect("seconds");
    let (long, short) =
        (table("propagation = \"3 hours\""), table("propagation = \"10 minutes\"\ndetection = \"5 minutes\""));
    assert!(takes(&long) >= 10_800.0 && takes(&long) < 10_800.0 + 2.0 * 1_800.0 + 600.0, "{long:#}");
    assert!(takes(&short) >= 600.0 && takes(&short) < 600.0 + 2.0 * 300.0 + 600.0, "{short:#}");
    assert_eq!(short["detection_seconds"], 300.0);

    let limits = "quotas = { \"endpoint.alerts\" = { minute = 8, hour = 60 } }\nmax_indicators = 1";
    let plan = table(limits);
    assert_eq!((&plan["drills"], &plan["drills_at_a_time"]), (&2.into(), &1.into()));
    let alerts = |plan: &Value| {
        let families = plan["calls"].as_array().expect("families");
        families.iter().find(|one| one["family"] == "endpoint.alerts").expect("looks").clone()
    };
    assert_eq!((&alerts(&plan)["per_minute"], &alerts(&plan)["per_hour"]), (&8.into(), &60.into()));
    let shard = of(&stage, "f.feature --tenant lab --shard 1/2");
    assert_eq!(shard["drills"], 1);
    assert_eq!((&alerts(&shard)["per_minute"], &alerts(&shard)["per_hour"]), (&4.into(), &30.into()));
}

#[test]
fn in_every_cloud_a_plan_says_what_would_run_there() {
    let stage = Stage::new();
    stage.write("f.feature", WHOLE);
    for (cloud, service, runs) in [
        ("global", "endpoint", true),
        ("gcc", "endpoint", true),
        ("gcc-high", "endpoint", true),
        ("dod", "endpoint", true),
        ("china", "endpoint", false),
        ("gcc", "graph", true),
        ("gcc-high", "graph", false),
    ] {
        let text = format!(
            "[tenants.lab]\nservice = \"{service}\"\ncloud = \"{cloud}\"\ndirectory = \"contoso.com\"\n\
             client_id = \"id\"\ndevice_name = \"pc\"\n"
        );
        stage.write("alertdrill.toml", text);
        let ran = stage.run("plan f.feature --tenant lab --format json");
        if ran.exit == Some(64) {
            assert!(!runs, "{cloud} {service}: {}", ran.told());
            continue;
        }
        let plan = of(&stage, "f.feature --tenant lab");
        assert_eq!(
            (plan["drills"] == 1, &plan["did_not_pass"]),
            (runs, &serde_json::json!([])),
            "{cloud} {service}: {plan:#}"
        );
    }
}

#[test]
fn what_a_run_would_be_refused_for_a_plan_is_and_what_goes_wrong_in_the_rehearsal_is_told() {
    let stage = Stage::new();
    let published = "an alert definition and an indicator are published\n";
    let row = "      | type | IpAddress |\n      | value | 52.184.197.12 |\n";
    let refused = WHOLE.replacen(published, &format!("{published}{row}"), 1);
    stage.write("refused.feature", refused);
    stage.write(
        "alertdrill.toml",
        "[tenants.lab]\nservice = \"endpoint\"\ndirectory = \"contoso.com\"\nclient_id = \"id\"\ndevice_name = \"pc\"\n\
         never_publish = [\"52.184.0.0/16\"]\n",
    );
    let ran = stage.run("plan refused.feature --tenant lab");
    ran.exits(3).prints("").tells(
        "⟨any⟩refused.feature:4: an indicator that meets 52.184.0.0/16, which `never_publish` names, would be published: \
         IpAddress Equals `52.184.197.12`\n  hint: ⟨line⟩\nalertdrill: --tenant lab does not allow this, so a run would be refused",
    );

    stage.write("f.feature", WHOLE.replacen("within 30 minutes", "within 2 minutes", 1));
    let ran = stage.run("plan f.feature --service endpoint");
    ran.exits(0).tells("");
    for said in [
        "1 drill would run",
        "1 drill did not pass on the emulator",
        "f.feature:2 whole: late-alert",
        "endpoint.machines",
    ] {
        assert!(ran.stdout.contains(said), "{said}: {}", ran.told());
    }
    let widest = ran.stdout.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{}", ran.told());
}

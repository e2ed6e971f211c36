//! The recipes that `alertdrill init` writes, carried out: what their shells run, with this binary, on the emulator.

#![cfg(unix)]

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    process::{Command, Stdio},
};

use alertdrill::cli::{
    args::{self, Command as Typed},
    exit::Exit,
};
use regex::{Captures, Regex};
use serde_json::Value;

use crate::cli::stage::{Ran, Stage, finished};

/// A project as it is written, with the binary where cargo would have built it.
fn project() -> Stage {
    let stage = Stage::new();
    stage.run("init").exits(0);
    let built = stage.file("target/release/alertdrill");
    fs::create_dir_all(built.parent().expect("a folder")).expect("folders");
    symlink(env!("CARGO_BIN_EXE_alertdrill"), built).expect("linked");
    stage
}

/// The same, where the device contacts what it should not: the second of its two drills fails.
fn with_a_gap() -> Stage {
    let stage = project();
    let drills = stage.read("features/first.feature").replace("contacts \"beside-{marker}", "contacts \"{marker}");
    stage.write("features/first.feature", drills);
    stage
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

type Variables = BTreeMap<String, String>;

/// Runs `script` in the project as `shell` of a runner does, with these variables and no others. `cargo build` is done.
fn run(stage: &Stage, shell: &[&str], script: &str, variables: &Variables) -> Ran {
    let script = script.replace("cargo build --release", "test -x target/release/alertdrill");
    let mut command = Command::new(shell[0]);
    command.args(&shell[1..]).arg(script).current_dir(stage.path()).env_clear().envs(variables);
    command.env("PATH", format!("{}:/usr/bin:/bin", stage.file("bin").display()));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    finished(command)
}

/// As both runners call it.
const BASH: [&str; 6] = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"];

mod github {
    use super::*;

    fn workflow(stage: &Stage) -> Value {
        yaml(&stage.read(".github/workflows/alertdrill.yml"))
    }

    /// The steps of `job` that run something, until one of them fails; those that always run, then as well. The exit codes by
    /// the steps' names.
    fn steps(stage: &Stage, job: &Value, known: &[(&str, String)]) -> BTreeMap<String, i32> {
        let expression = Regex::new(r"\$\{\{ *(.*?) *\}\}").expect("a pattern");
        let filled = |value: &Value| {
            let meant = |found: &Captures<'_>| {
                let known = known.iter().find(|(name, _)| *name == &found[1]);
                known.map_or_else(|| panic!("what is {}?", &found[1]), |(_, value)| value.clone())
            };
            expression.replace_all(&text(value), meant).into_owned()
        };
        let mut ended = BTreeMap::new();
        for step in list(&job["steps"]).iter().filter(|step| step["run"].is_string()) {
            if ended.values().any(|exit| *exit != 0) && step["if"] != "always()" {
                continue;
            }
            let mut variables: Variables = step["env"]
                .as_object()
                .map(|env| env.iter().map(|(name, value)| (name.clone(), filled(value))).collect())
                .unwrap_or_default();
            variables.insert("TENANT".into(), String::new());
            variables.insert("GITHUB_STEP_SUMMARY".into(), stage.file("job-summary.md").display().to_string());
            let ran = run(stage, &BASH, &filled(&step["run"]), &variables);
            ended.insert(text(&step["name"]), ran.exit.unwrap_or_else(|| panic!("{}", ran.told())));
        }
        ended
    }

    /// The exit codes of each shard's drills, and of the merge.
    fn carried_out(stage: &Stage) -> (Vec<i32>, i32) {
        let workflow = workflow(stage);
        let drills = &workflow["jobs"]["drills"];
        let shards = list(&drills["strategy"]["matrix"]["shard"]);
        let shard = |number: &Value| {
            let known = [
                ("matrix.shard", text(number)),
                ("strategy.job-total", shards.len().to_string()),
                ("secrets.ALERTDRILL_CLIENT_SECRET", String::new()),
            ];
            steps(stage, drills, &known)["Run the drills"]
        };
        let ended = shards.iter().map(shard).collect();
        (ended, steps(stage, &workflow["jobs"]["report"], &[])["Merge the shards"])
    }

    #[test]
    fn its_shards_run_every_drill_and_are_merged() {
        let stage = project();
        assert_eq!(carried_out(&stage), (vec![0, 0], 0));
        let counts = &stage.json("merged/run.json")["counts"];
        assert_eq!(counts["passed"], 6, "two drills on three services: {counts}");
        assert!(stage.read("job-summary.md").contains("All 6 drills passed"));
    }

    #[test]
    fn a_gap_in_one_shard_fails_the_merge_and_is_in_the_summary() {
        let stage = with_a_gap();
        assert_eq!(carried_out(&stage), (vec![0, 1], 1));
        assert!(stage.read("job-summary.md").contains("extra-alert"));
    }

    #[test]
    fn what_a_shard_leaves_is_kept_however_it_ends() {
        let workflow = workflow(&project());
        let steps = list(&workflow["jobs"]["drills"]["steps"]);
        let kept = steps.iter().find(|step| step["name"] == "Keep the record").expect("it is kept");
        let run = steps.iter().find(|step| step["name"] == "Run the drills").expect("they run");
        assert_eq!((&kept["if"], &kept["with"]["path"]), (&"always()".into(), &run["env"]["OUT"]));
        assert_eq!(workflow["jobs"]["report"]["if"], "always()");
    }

    #[test]
    fn nobody_may_do_more_than_is_needed_and_every_action_has_its_major_version() {
        let workflow = workflow(&project());
        let reads = serde_json::json!({ "contents": "read" });
        assert_eq!(workflow["permissions"], reads);
        assert_eq!(workflow["jobs"]["report"]["permissions"], Value::Null);
        let proves = serde_json::json!({ "contents": "read", "id-token": "write" });
        assert_eq!(workflow["jobs"]["drills"]["permissions"], proves);
        let major = Regex::new(r"^actions/[a-z/-]+@v\d+$").expect("a pattern");
        for (name, job) in workflow["jobs"].as_object().expect("jobs") {
            assert!(job["timeout-minutes"].is_u64(), "{name}");
            for used in list(&job["steps"]).iter().filter_map(|step| step["uses"].as_str()) {
                assert!(major.is_match(used), "{used}");
            }
        }
    }

    /// A word that a person typed is given to a shell by a variable: in the script itself it could be a script.
    #[test]
    fn what_a_person_types_is_no_part_of_a_script() {
        let workflow = workflow(&project());
        for job in workflow["jobs"].as_object().expect("jobs").values() {
            for script in list(&job["steps"]).iter().filter_map(|step| step["run"].as_str()) {
                assert!(!script.contains("${{"), "{script}");
            }
        }
    }
}

mod gitlab {
    use super::*;

    fn script(stage: &Stage, pipeline: &Value, job: &str, variables: &[(&str, String)]) -> i32 {
        let lines = [&pipeline["default"]["before_script"], &pipeline[job]["script"]];
        let lines: Vec<String> = lines.into_iter().flat_map(list).map(text).collect();
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let ran = run(stage, &BASH, &lines.join("\n"), &variables.collect());
        ran.exit.unwrap_or_else(|| panic!("{}", ran.told()))
    }

    fn carried_out(stage: &Stage) -> (Vec<i32>, i32) {
        let pipeline = yaml(&stage.read(".gitlab-ci.yml"));
        let shards = list(&pipeline["drills"]["parallel"]["matrix"][0]["SHARD"]);
        let tenant = text(&pipeline["variables"]["TENANT"]["value"]);
        let shard = |shard: &Value| {
            let total = shards.len().to_string();
            let known = [("SHARD", text(shard)), ("CI_NODE_TOTAL", total), ("TENANT", tenant.clone())];
            script(stage, &pipeline, "drills", &known)
        };
        let ended = shards.iter().map(shard).collect();
        (ended, script(stage, &pipeline, "report", &[]))
    }

    #[test]
    fn its_shards_run_every_drill_and_are_merged_into_what_gitlab_reads() {
        let stage = project();
        assert_eq!(carried_out(&stage), (vec![0, 0], 0));
        let pipeline = yaml(&stage.read(".gitlab-ci.yml"));
        let junit = stage.read(&text(&pipeline["report"]["artifacts"]["reports"]["junit"]));
        assert_eq!(junit.matches("<testcase ").count(), 6, "{junit}");
    }

    #[test]
    fn a_gap_in_one_shard_fails_the_merge() {
        assert_eq!(carried_out(&with_a_gap()), (vec![0, 1], 1));
    }

    #[test]
    fn what_a_job_leaves_is_kept_however_it_ends() {
        let pipeline = yaml(&project().read(".gitlab-ci.yml"));
        for job in ["drills", "report"] {
            assert_eq!(pipeline[job]["artifacts"]["when"], "always", "{job}");
            assert!(pipeline[job]["timeout"].is_string(), "{job}");
        }
        assert_eq!(pipeline["report"]["when"], "always");
    }
}

mod kubernetes {
    use super::*;

    fn job(stage: &Stage) -> Value {
        let text = stage.read("kubernetes/drills.yaml");
        let mut documents: Vec<Value> = serde_saphyr::from_multiple(&text).expect("YAML");
        documents.pop().filter(|last| last["kind"] == "Job").expect("the job stands last")
    }

    /// What the pod of `index` starts.
    fn started(stage: &Stage, index: usize, tenants: &str, shards: &str) -> Ran {
        let stand_in = stage.write("bin/alertdrill", "#!/bin/sh\necho alertdrill \"$@\"\n").file("bin/alertdrill");
        fs::set_permissions(stand_in, fs::Permissions::from_mode(0o755)).expect("it can be run");
        let container = &job(stage)["spec"]["template"]["spec"]["containers"][0];
        let shell: Vec<&str> = list(&container["command"]).iter().filter_map(Value::as_str).collect();
        let known =
            [("JOB_COMPLETION_INDEX", index.to_string()), ("TENANTS", tenants.into()), ("SHARDS", shards.into())];
        let variables = known.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        run(stage, &shell, &text(&container["args"][0]), &variables)
    }

    #[test]
    fn each_pod_takes_its_tenant_and_its_shard() {
        let stage = project();
        for (index, tenants, shards, expected) in [
            (0, "prod lab eu", "1", "--tenant prod --shard 1/1 --out /reports/prod/1"),
            (2, "prod lab eu", "1", "--tenant eu --shard 1/1 --out /reports/eu/1"),
            (1, "prod", "2", "--tenant prod --shard 2/2 --out /reports/prod/2"),
            (2, "prod lab", "2", "--tenant lab --shard 1/2 --out /reports/lab/1"),
        ] {
            let ran = started(&stage, index, tenants, shards);
            ran.exits(0).prints(&format!("alertdrill run features {expected}"));
            let line = ran.stdout.split_whitespace().map(Into::into);
            let read = args::parse(line).map(|read| matches!(read.command, Typed::Run(_)));
            assert_eq!(read, Ok(true), "{}", ran.stdout);
        }
        assert_ne!(started(&stage, 3, "prod lab eu", "1").exit, Some(0), "there is no fourth tenant");
    }

    #[test]
    fn its_first_tenants_stand_in_the_table() {
        let stage = project();
        let job = job(&stage);
        let env = list(&job["spec"]["template"]["spec"]["containers"][0]["env"]);
        let value = |name: &str| text(&env.iter().find(|one| one["name"] == name).expect("it is set")["value"]);
        let (tenants, shards) = (value("TENANTS"), value("SHARDS").parse::<usize>().expect("a number"));
        for tenant in tenants.split_whitespace() {
            stage.run(&format!("plan features --tenant {tenant}")).exits(0);
        }
        assert_eq!(job["spec"]["completions"], tenants.split_whitespace().count() * shards);
    }

    #[test]
    fn whatever_drills_end_with_is_not_tried_again() {
        let job = job(&project());
        let (spec, pod) = (&job["spec"], &job["spec"]["template"]["spec"]);
        assert_eq!((&spec["backoffLimitPerIndex"], &pod["restartPolicy"]), (&0.into(), &"Never".into()));
        let rule = &spec["podFailurePolicy"]["rules"][0];
        assert_eq!(
            (&rule["action"], &rule["onExitCodes"]["containerName"]),
            (&"FailIndex".into(), &pod["containers"][0]["name"])
        );
        let ends = Exit::ALL.into_iter().filter(|exit| ![Exit::Passed, Exit::Interrupted].contains(exit));
        let expected: Vec<Value> = ends.map(|exit| exit.code().into()).collect();
        assert_eq!(list(&rule["onExitCodes"]["values"]), expected);
    }
}

#[test]
fn the_dockerfile_has_what_the_project_holds() {
    let stage = project();
    let copied = stage.read("Dockerfile");
    for line in copied.lines().filter_map(|line| line.strip_prefix("COPY ")).filter(|line| !line.starts_with("--from"))
    {
        let from = line.split_whitespace().next().expect("a path");
        assert!(Path::new(&stage.file(from)).exists(), "{line}");
    }
}

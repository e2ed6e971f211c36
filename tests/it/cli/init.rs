//! `alertdrill init`: what it writes, what it leaves alone, and that the project works as it stands.

use std::{fs, path::Path, process::Command};

use crate::cli::stage::{SETTINGS, Stage};

const WRITTEN: [&str; 12] = [
    "Cargo.toml",
    "README.md",
    "alertdrill.toml",
    "features/first.feature",
    "src/main.rs",
    "tests/acceptance.rs",
    ".github/workflows/alertdrill.yml",
    ".gitlab-ci.yml",
    "kubernetes/drills.yaml",
    "Dockerfile",
    ".dockerignore",
    ".gitignore",
];

/// What is said of a project that has alertdrill from the folder that it was built in, as that of these tests is.
const FROM_A_FOLDER: &str = "Cargo.toml has alertdrill from a folder: ⟨line⟩";

fn each(what: &str, files: &[&str], below: &str) -> String {
    files.iter().map(|file| [what, " ", below, file, "\n"].concat()).collect()
}

#[test]
fn a_project_is_written_into_a_new_folder_and_every_file_is_told() {
    let stage = Stage::new();
    let ran = stage.run("init new/drills");
    ran.exits(0).prints(&each("written:", &WRITTEN, "new/drills/")).tells(FROM_A_FOLDER);
    for file in WRITTEN {
        assert!(!stage.read(&format!("new/drills/{file}")).contains("{alertdrill}"), "{file}");
    }
    let lines = stage.read("new/drills/README.md").lines().count();
    assert_eq!(lines, 5, "the project says what it is in five lines");
}

#[test]
fn its_drills_pass_on_every_service() {
    let stage = Stage::new();
    stage.run("init").exits(0).prints(&each("written:", &WRITTEN, ""));
    for service in ["legacy", "endpoint", "graph"] {
        stage.run(&format!("run features --service {service}")).exits(0);
        let run = stage.json("alertdrill-report/run.json");
        assert_eq!((&run["verdict"], &run["counts"]["passed"]), (&"passed".into(), &2.into()), "{service}");
    }
}

#[test]
fn its_tenant_is_accepted_as_it_stands_but_for_the_secret() {
    let stage = Stage::new();
    stage.run("init").exits(0);
    for service in ["endpoint", "graph"] {
        stage.run(&format!("plan features --tenant prod --service {service}")).exits(0);
    }
    stage
        .run("run features --tenant prod")
        .exits(64)
        .tells("⟨any⟩set ALERTDRILL_CLIENT_SECRET in the environment⟨any⟩");
    // What stands there as a comment is accepted as well.
    let table = stage.read("alertdrill.toml");
    for setting in ["device_proxy", "never_publish", "quiet_hours", "quiet_zone"] {
        let on = table.replace(&format!("# {setting}"), setting);
        assert_ne!(on, table, "{setting}");
        // A zone alone keeps no hour quiet.
        let on = on.replace("# quiet_hours", "quiet_hours");
        stage.write("alertdrill.toml", on).run("plan features --tenant prod").exits(0);
    }
}

#[test]
fn what_is_there_is_left_as_it_is_and_the_rest_is_written() {
    let stage = Stage::new();
    stage.write("README.md", "mine").write("features/mine.feature", "Feature: mine\n").run("init").exits(0);
    assert_eq!(stage.read("README.md"), "mine");
    assert_eq!(stage.names("features"), ["first.feature", "mine.feature"]);

    let told = "alertdrill: every file of the project is in . already (hint: remove what is to be written anew)";
    stage.run("init").exits(64).prints("").tells(told);
    assert_eq!(stage.read("README.md"), "mine");

    fs::remove_file(stage.file(".gitignore")).expect("removed");
    let (last, others) = WRITTEN.split_last().expect("files");
    let told = format!("{}written: {last}", each("left, as it is there:", others, ""));
    stage.run("init --quiet").exits(0).prints(&told).tells("");
}

#[test]
fn a_manifest_that_is_left_is_told_what_the_rest_needs() {
    let stage = Stage::new();
    let own = "[package]\nname = \"mine\"\n";
    stage.write("Cargo.toml", own);
    let needed = "Cargo.toml was there before; the rest of the project needs this in it:\n\n[[bin]]\n⟨any⟩\
                  [dependencies]\nalertdrill = \"0.1\"\n\n[[test]]\nname = \"acceptance\"\nharness = false";
    stage.run("init --alertdrill 0.1").exits(0).tells(needed);
    assert_eq!(stage.read("Cargo.toml"), own);
}

#[test]
fn alertdrill_is_had_from_where_is_said() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let vendored = Stage::new();
    vendored.write("vendor/alertdrill/Cargo.toml", "");
    for (source, expected) in [
        ("", format!("{{ path = \"{}\" }}", here.display()).replace('\\', "\\\\")),
        ("--alertdrill 0.1", "\"0.1\"".into()),
        ("--alertdrill https://git.example/a.git", "{ git = \"https://git.example/a.git\" }".into()),
        ("--alertdrill vendor/alertdrill", "{ path = \"vendor/alertdrill\" }".into()),
    ] {
        vendored.run(&format!("init {source}")).exits(0);
        let manifest = vendored.read("Cargo.toml");
        assert!(manifest.contains(&format!("\n[dependencies]\nalertdrill = {expected}\n")), "{manifest}");
        fs::remove_file(vendored.file("Cargo.toml")).expect("removed");
    }
    let none = Stage::new();
    let told = "alertdrill: --alertdrill nowhere is no folder with a Cargo.toml (hint: ⟨line⟩)";
    none.run("init --alertdrill nowhere").exits(64).prints("").tells(told);
    assert!(none.names(".").is_empty());
}

#[test]
fn a_dry_run_tells_and_writes_nothing() {
    let stage = Stage::new();
    stage.run("init drills --dry-run").exits(0).prints(&each("would be written:", &WRITTEN, "drills/"));
    assert!(stage.names(".").is_empty());
}

#[test]
fn what_is_in_the_way_is_told_before_anything_is_written() {
    for (there, told) in [
        ("kubernetes", "./kubernetes is no folder (hint: move it away, or name another folder)"),
        ("Dockerfile/x", "./Dockerfile is no file (hint: move it away, or name another folder)"),
    ] {
        let stage = Stage::new();
        stage.write(there, "").run("init").exits(64).prints("").tells(&format!("alertdrill: {told}"));
        assert_eq!(stage.names(".").len(), 1, "{there}");
    }
    let stage = Stage::new();
    stage.write("file", "precious").run("init file").exits(64).prints("").tells("alertdrill: ⟨line⟩(hint: ⟨line⟩)");
    assert_eq!(stage.read("file"), "precious");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_symbolic_link() {
    use std::os::unix::fs::symlink;
    let elsewhere = Stage::new();
    // A file, a file that is not there yet, and a folder.
    elsewhere.write("readme", "precious").write("workflows/x", "");
    for (link, target) in [("README.md", "readme"), ("Dockerfile", "nothing"), ("kubernetes", "workflows")] {
        let stage = Stage::new();
        symlink(elsewhere.file(target), stage.file(link)).expect("linked");
        let told = format!("alertdrill: ./{link} is a symbolic link, ⟨line⟩");
        stage.run("init").exits(64).prints("").tells(&told);
        assert_eq!(stage.names("."), [link]);
    }
    assert_eq!(elsewhere.names("."), ["readme", "workflows"]);
    assert_eq!(elsewhere.names("workflows"), ["x"]);
    assert_eq!(elsewhere.read("readme"), "precious");
}

/// It builds alertdrill and all of its dependencies once more, for minutes: `.ci/run` asks for it.
#[test]
#[ignore = "it builds everything once more"]
fn the_project_s_own_tests_pass() {
    let stage = Stage::new();
    stage.run("init").exits(0);
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Offline, cargo has what this project was built with, and nothing else.
    fs::copy(here.join("Cargo.lock"), stage.file("Cargo.lock")).expect("copied");
    let cargo = |arguments: &[&str]| {
        let mut command = Command::new("cargo");
        command.args(arguments).current_dir(stage.path()).env("CARGO_NET_OFFLINE", "true");
        command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("project"));
        for name in SETTINGS {
            command.env_remove(name);
        }
        let output = command.output().expect("cargo starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
        text(&output.stdout)
    };
    let tested = cargo(&["test"]);
    assert!(tested.contains("6 drills: 6 passed"), "{tested}");
    let steps = cargo(&["run", "--quiet", "--", "steps"]);
    assert!(steps.contains("an onboarded device"), "{steps}");
}

//! What the program says of itself.

use crate::cli::stage::Stage;

/// Each command, its options, and the arguments by position.
const COMMANDS: [(&str, &[&str]); 9] = [
    (
        "run",
        &[
            "FEATURES",
            "--tenant",
            "--service",
            "--tags",
            "--name",
            "--jobs",
            "--shard",
            "--out",
            "--history",
            "--no-history",
            "--format",
            "--seed",
            "--fail-fast",
            "--keep",
            "--detach",
            "--collect-within",
            "--quiet",
            "--verbose",
        ],
    ),
    (
        "plan",
        &[
            "FEATURES",
            "--tenant",
            "--service",
            "--config",
            "--tags",
            "--name",
            "--jobs",
            "--shard",
            "--seed",
            "--fixed-wait",
            "--format",
        ],
    ),
    ("collect", &["RUN", "--tenant", "--config", "--out", "--history", "--no-history", "--format", "--step-limit"]),
    ("steps", &["--format"]),
    ("emulate", &["--listen", "--tls", "--ca-out", "--details-out", "--speed", "--seed"]),
    ("report", &["RUN", "--out", "--format", "--exit-code"]),
    (
        "history",
        &[
            "DIR|FILE",
            "--tenant",
            "--service",
            "--drill",
            "--last",
            "--gate",
            "--import",
            "--prune",
            "--keep",
            "--format",
        ],
    ),
    ("sweep", &["RUN", "--tenant", "--service", "--config", "--creator", "--older-than", "--dry-run", "--format"]),
    ("init", &["DIR", "--alertdrill", "--dry-run"]),
];

fn help(line: &str) -> String {
    let ran = Stage::new().run(line);
    ran.exits(0).tells("");
    ran.stdout
}

#[test]
fn the_program_s_help_is_as_written_down() {
    insta::assert_snapshot!("help", help("--help"));
}

#[test]
fn the_help_of_each_command_is_as_written_down_and_has_every_option_and_an_example() {
    for (command, options) in COMMANDS {
        let text = help(&format!("{command} --help"));
        for option in options {
            assert!(text.contains(option), "{command} {option}:\n{text}");
        }
        assert!(text.contains(&format!("  alertdrill {command}")), "an example:\n{text}");
        insta::assert_snapshot!(format!("help-{command}"), text);
    }
}

#[test]
fn help_is_the_same_however_it_is_asked_for() {
    assert_eq!(help("help"), help("--help"));
    for (command, _) in COMMANDS {
        assert_eq!(help(&format!("help {command}")), help(&format!("{command} --help")));
    }
}

#[test]
fn the_version_is_cargo_s() {
    let ran = Stage::new().run("--version");
    ran.exits(0).prints(&format!("alertdrill {}", env!("CARGO_PKG_VERSION"))).tells("");
}

#[test]
fn without_arguments_the_help_is_told_and_nothing_done() {
    let stage = Stage::new();
    let ran = stage.run("");
    ran.exits(64).prints("").tells(&help("--help"));
    assert!(stage.names(".").is_empty());
}

//! A run in a job of a continuous integration, whose log is told more.

use crate::cli::stage::{Ran, Stage, finished};

/// What somebody may call a drill who wants to give the log commands.
const HOSTILE: &str = "Feature: f\n  Scenario: x, 100% ::error::y ##[error]z ##vso[task.complete]\n    \
                       Then an alert is raised within 15 minutes\n";

fn run(stage: &Stage, variables: &[(&str, &str)]) -> Ran {
    stage.write("a.feature", HOSTILE);
    let mut command = stage.command("run a.feature --seed 7");
    command.envs(variables.iter().copied());
    let ran = finished(command);
    ran.exits(2);
    ran
}

fn commands(ran: &Ran) -> Vec<&str> {
    let lines = ran.stderr.lines().chain(ran.stdout.lines());
    lines.filter(|line| line.trim_start().starts_with("::") || line.contains("##")).collect()
}

#[test]
fn github_is_told_of_each_drill_that_did_not_pass_and_a_title_gives_no_command() {
    let stage = Stage::new();
    stage.write("step.md", "# before\n");
    let ran = run(&stage, &[("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", "step.md")]);
    let commands = commands(&ran);
    assert_eq!(commands.len(), 3, "{}", ran.told());
    assert_eq!((commands[0], commands[1]), ("::group::Drills", "::endgroup::"));
    let told = "::warning file=a.feature,line=2,title=inconclusive%3A x%2C 100%25 %3A%3Aerror%3A%3Ay # # [error]z";
    assert!(commands[2].starts_with(told), "{}", commands[2]);
    assert!(ran.stderr.contains("[1/1] ! errored x, 100% ::error::y # # [error]z"), "{}", ran.told());
    let summary = stage.read("step.md");
    assert_eq!(summary, format!("# before\n{}", stage.read("alertdrill-report/summary.md")));
}

#[test]
fn gitlab_folds_the_drills_and_azure_is_told_of_issues() {
    let stage = Stage::new();
    let ran = run(&stage, &[("GITLAB_CI", "true")]);
    let begins = ran.stderr.find("\u{1b}[0Ksection_start:").expect("it begins");
    let ends = ran.stderr.find("\u{1b}[0Ksection_end:").expect("it ends");
    let drill = ran.stderr.find("[1/1]").expect("the drill is told");
    assert!(begins < drill && drill < ends, "{}", ran.told());
    assert_eq!(commands(&ran), Vec::<&str>::new(), "{}", ran.told());
    let ran = run(&Stage::new(), &[("TF_BUILD", "True")]);
    let commands = commands(&ran);
    assert_eq!(commands[..2], ["##[group]Drills", "##[endgroup]"]);
    assert!(
        commands[2].starts_with("##vso[task.logissue type=warning;sourcepath=a.feature;linenumber=2;]"),
        "{commands:?}"
    );
    assert_eq!(commands.len(), 3, "{}", ran.told());
}

#[test]
fn elsewhere_nothing_of_it_is_told() {
    let ran = run(&Stage::new(), &[]);
    assert_eq!(commands(&ran), Vec::<&str>::new(), "{}", ran.told());
}

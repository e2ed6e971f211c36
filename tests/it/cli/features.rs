//! Features that are wrong: exit 65, where, what and what to do; and no report of a run that never was.

use crate::cli::stage::{Stage, fits};

/// A file, its text, and what is told of it.
const WRONG: [(&str, &str, &str); 31] = [
    (
        "syntax",
        "Feature: f\n  Scenario: s\n    Given an onboarded device\n    Whne it is on\n",
        ":4: this line is no Gherkin here: `Whne it is on`\n  hint: did you mean `When`?",
    ),
    (
        "unknown",
        "Feature: f\n  Scenario: s\n    Given an onborded device\n",
        ":3: no step is known for `Given an onborded device`\n  hint: the nearest known steps are:\n    \
         Given an onboarded device\n    ⟨any⟩",
    ),
    (
        "unlike",
        "Feature: f\n  Scenario: s\n    Given xyzzy\n",
        ":3: no step is known for `Given xyzzy`\n  hint: `alertdrill steps` lists every step",
    ),
    (
        "keyword",
        "Feature: f\n  Scenario: s\n    Then an onboarded device\n",
        ":3: no step is known for `Then an onboarded device`\n  hint: the nearest known steps are:\n    \
         Given an onboarded device\n    ⟨any⟩",
    ),
    (
        "misspelt",
        "Feature: f\n  Scenario: s\n    Gvien an onboarded device\n",
        ":2: the scenario `s` has a line that is no step: `Gvien an onboarded device`\n  hint: did you mean `Given`?",
    ),
    (
        "too_many_cells",
        "Feature: f\n  Scenario: s\n    Given an alert definition is published\n      | title | a |\n      | x | y | z |\n",
        ":5: this row has 3 cells, and the table's first row has 2\n  hint: a bar inside a cell is written \\|",
    ),
    (
        "too_few_cells",
        "Feature: f\n  Scenario Outline: <a> <b>\n    Given an onboarded device\n    Examples:\n      | a | b |\n      | 1 |\n",
        ":6: this row has 1 cell, and the table's first row has 2\n  hint: a bar inside a cell is written \\|",
    ),
    ("empty", "", ": the file is empty\n  hint: a feature begins with `Feature: name`"),
    ("blank", "\n\n  \n", ": the file is empty\n  hint: a feature begins with `Feature: name`"),
    (
        "no_feature",
        "hello\n",
        ":1: this line is no Gherkin here: `hello`\n  hint: a feature begins with `Feature: name`",
    ),
    (
        "another_language",
        "Funktion: f\n",
        ":1: this line is no Gherkin here: `Funktion: f`\n  hint: a feature begins with `Feature: name`; \
         one in another language with a line such as `# language: de` above it",
    ),
    (
        "open_text",
        "Feature: f\n  Scenario: s\n    Given an onboarded device\n      \"\"\"\n      open\n",
        ":4: the text that begins here does not end\n  hint: close it with `\"\"\"` on a line of its own",
    ),
    (
        "no_scenario",
        "Feature: f\n",
        ": the feature has no scenario, so nothing would be judged\n  hint: write one, beginning with `Scenario: name`",
    ),
    (
        "no_steps",
        "Feature: f\n  Scenario: s\n",
        ":2: the scenario `s` has no steps, so it would judge nothing\n  \
         hint: a step begins with Given, When, Then, And, But or *",
    ),
    (
        "no_examples",
        "Feature: f\n  Scenario Outline: s <a>\n    Given an onboarded device\n",
        ":2: the outline `s <a>` has no examples, so it makes no drill\n  hint: add a table of Examples",
    ),
    (
        "no_rows",
        "Feature: f\n  Scenario Outline: s <a>\n    Given an onboarded device\n    Examples:\n      | a |\n",
        ":2: the outline `s <a>` has no examples, so it makes no drill\n  hint: add a table of Examples",
    ),
    (
        "column",
        "Feature: f\n  Scenario Outline: s\n    When the device contacts \"<b>\"\n    Examples:\n      | a | c |\n      | 1 | 2 |\n",
        ":3: `<b>` is no column of the examples\n  hint: the columns are: a, c",
    ),
    (
        "column_in_a_table",
        "Feature: f\n  Scenario Outline: s\n    Given an alert definition is published\n      | title | <b> |\n    Examples:\n      | a |\n      | 1 |\n",
        ":3: `<b>` is no column of the examples\n  hint: the columns are: a",
    ),
    (
        "column_in_the_name",
        "Feature: f\n  Scenario Outline: s <b>\n    Given an onboarded device\n    Examples:\n      | a |\n      | 1 |\n",
        ":2: `<b>` is no column of the examples\n  hint: the columns are: a",
    ),
    (
        "of_a_rule",
        "Feature: f\n  Rule: r\n    Background:\n      Given an onboarded devise\n    Scenario: s\n      Given an onboarded device\n",
        ":4: no step is known for `Given an onboarded devise`\n  hint: ⟨any⟩Given an onboarded device\n    ⟨any⟩",
    ),
    (
        "below_a_comment",
        "Feature: f\n  Scenario Outline: s\n    # why\n    Given an onboarded <what>\n    Examples:\n      # of what\n      | what |\n      | device |\n      | desk |\n",
        ":4: no step is known for `Given an onboarded desk`\n  hint: ⟨any⟩Given an onboarded device\n    ⟨any⟩",
    ),
    (
        "no_pattern",
        "Feature: f\n  Scenario: s\n    Then the alert shows\n      | title | matches | a(b |\n",
        ":3: what is demanded of the title cannot be told: `a(b` is no pattern: unclosed group\n  \
         hint: write a regular expression, in which a bar is written \\|",
    ),
    (
        "no_condition",
        "Feature: f\n  Scenario: s\n    Then the alert shows\n      | title | equals | a |\n",
        ":3: what is demanded of the title cannot be told: `equals` is no condition (known: is, is one of, contains, \
         matches)\n  hint: write one of these words, and a text: is, is one of, contains, matches",
    ),
    (
        "no_field",
        "Feature: f\n  Scenario: s\n    Then the alert shows\n      | titel | a |\n",
        ":3: an alert has no field `titel`\n  hint: write one of: id, title, severity, ⟨any⟩",
    ),
    (
        "no_kind_of_evidence",
        "Feature: f\n  Scenario: s\n    Then the alert's evidence names\n      | domian | a |\n",
        ":3: evidence names no `domian`\n  hint: write one of: domain, ip address, url, file, device",
    ),
    (
        "no_value_of_evidence",
        "Feature: f\n  Scenario: s\n    Then the alert's evidence names\n      | domain | |\n",
        ":3: which domain is not said\n  hint: write its value in the second cell",
    ),
    (
        "no_placeholder",
        "Feature: f\n  Scenario: s\n    Then the alert's evidence names\n      | file | {sha3} |\n",
        ":3: `{sha3}` is no placeholder\n  hint: write {marker}, {sha1}, ⟨any⟩",
    ),
    (
        "a_budget_of_no_run",
        "Feature: f\n  Scenario: s\n    Then 95 % of the run's alerts come within 1 hour\n",
        ":3: `95 % of the run's alerts come within 1 hour` speaks of the run, and the drill is not tagged `@run`\n  \
         hint: write `@run` above the scenario: it then runs after all others",
    ),
    (
        "no_table",
        "Feature: f\n  Scenario: s\n    Then the alert shows\n",
        ":3: the step `the alert shows` has no table, so it demands nothing\n  hint: write rows such as ⟨any⟩",
    ),
    (
        "no_pattern_in_the_second_row",
        "Feature: f\n  Scenario Outline: s\n    Then the alert shows\n      | title | matches | <p> |\n    Examples:\n      | p |\n      | a |\n      | [ |\n",
        ":3: what is demanded of the title cannot be told: `[` is no pattern: unclosed character class\n  ⟨any⟩",
    ),
    (
        "two_features",
        "Feature: f\n  Scenario: s\n    Given an onboarded device\nFeature: g\n",
        ":4: this line is no Gherkin here: `Feature: g`\n  hint: ⟨line⟩",
    ),
];

#[test]
fn what_is_wrong_with_a_feature_is_told_with_its_line_and_what_to_do_and_nothing_runs() {
    let stage = Stage::new();
    for (name, text, told) in WRONG {
        let file = format!("{name}.feature");
        stage.write(&file, text);
        let ran = stage.run(&format!("run {file}"));
        let last = "alertdrill: 1 problem in the features, so nothing was run";
        ran.exits(65).prints("").tells(&format!("{file}{told}\n{last}"));
    }
    assert!(!stage.file("alertdrill-report").exists(), "no report of a run that never was");
}

#[test]
fn a_file_that_is_not_utf_8_is_told_with_its_line() {
    let stage = Stage::new();
    stage.write("latin.feature", b"Feature: f\n  Scenario: \xe9t\xe9\n");
    let told = "latin.feature:2: the file is not UTF-8\n  hint: save it as UTF-8\n\
                alertdrill: 1 problem in the features, so nothing was run";
    stage.run("run latin.feature").exits(65).prints("").tells(told);
}

#[test]
fn one_wrong_feature_stops_the_others_and_every_problem_of_all_is_told() {
    let stage = Stage::new();
    stage.write("f/a.feature", "Feature: f\n  Scenario: s\n    Given an onboarded device\n    And xyzzy\n");
    stage.write("f/deep/b.feature", "Feature: f\n  Scenario: s\n    Given plugh\n    When plugh\n");
    stage.write("f/right.feature", "Feature: f\n  Scenario: s\n    Given an onboarded device\n");
    let ran = stage.run("run f --name right");
    let lines: Vec<_> = ran.stderr.lines().filter(|line| line.contains(".feature:")).collect();
    let slash = std::path::MAIN_SEPARATOR;
    assert_eq!(
        lines,
        [
            format!("f{slash}a.feature:4: no step is known for `And xyzzy`"),
            format!("f{slash}deep{slash}b.feature:3: no step is known for `Given plugh`"),
            format!("f{slash}deep{slash}b.feature:4: no step is known for `When plugh`"),
        ]
    );
    ran.exits(65).prints("");
    assert!(ran.stderr.ends_with("alertdrill: 3 problems in the features, so nothing was run\n"), "{}", ran.told());
    assert_eq!(stage.names("."), ["f"]);
}

#[test]
fn a_folder_without_a_feature_is_nothing_that_could_pass() {
    let stage = Stage::new();
    stage.write("docs/readme.txt", "nothing here");
    std::fs::create_dir(stage.file("none")).expect("a folder");
    for folder in ["none", "docs"] {
        let told = format!(
            "{folder}: there is no .feature file in this folder\n  \
             hint: name another folder, or none for the built-in features\n\
             alertdrill: 1 problem in the features, so nothing was run"
        );
        stage.run(&format!("run {folder}")).exits(65).prints("").tells(&told);
    }
}

/// Nothing is wrong with any feature: the command line names what is not there.
#[test]
fn a_file_that_is_not_there_is_a_mistake_of_the_command_line() {
    let stage = Stage::new();
    stage.write("f.feature", "Feature: f\n  Scenario: s\n    Given an onboarded device\n");
    for missing in ["no.feature", "no/folder", "no.feature:3", "run"] {
        let told = format!(
            "{missing}: there is no such file or folder\n  hint: name a .feature file, a folder of them, or FILE:LINE; \
             without any, the built-in ones run\nalertdrill: nothing was run"
        );
        stage.run(&format!("run f.feature {missing}")).exits(64).prints("").tells(&told);
    }
    assert_eq!(stage.names("."), ["f.feature"]);
}

#[test]
fn a_line_that_is_in_no_scenario_is_told() {
    let stage = Stage::new();
    stage.write("f.feature", "Feature: f\n\n  Scenario: s\n    Given an onboarded device\n");
    for (line, why) in [(0, "lines are counted from 1"), (5, "the file has 4 lines"), (99, "the file has 4 lines")] {
        let ran = stage.run(&format!("run f.feature:{line}"));
        let told = format!(
            "f.feature:{line}: no scenario is at this line: {why}\n  \
             hint: name a line of the scenario, or of a row of its examples\n\
             alertdrill: 1 problem in the features, so nothing was run"
        );
        ran.exits(65).prints("").tells(&told);
    }
}

#[test]
fn the_matcher_of_these_tests_is_exact_but_for_its_holes() {
    assert!(fits("a 12 b\n", "a ⟨seed⟩ b") && fits("", ""));
    assert!(!fits("a 12 b c", "a ⟨seed⟩ b") && !fits("a x b", "a ⟨seed⟩ b") && !fits("a.b", "a-b"));
}

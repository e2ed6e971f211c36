//! Command lines that cannot be understood: exit 64, what is wrong, and nothing done.

use crate::cli::stage::Stage;

/// A command line, and what is told.
const REFUSED: [(&str, &str); 34] = [
    ("frobnicate", "error: unrecognized subcommand 'frobnicate'"),
    ("rum", "error: unrecognized subcommand 'rum'\n\n  tip: a similar subcommand exists: 'run'"),
    ("run --frobnicate", "error: unexpected argument '--frobnicate' found"),
    ("run --tag @a", "error: unexpected argument '--tag' found\n\n  tip: a similar argument exists: '--tags'"),
    ("run --quiet --verbose", "error: the argument '--quiet' cannot be used with '--verbose'"),
    ("run --jobs 0", "error: invalid value '0' for '--jobs <N>': 0 is not in 1..=4096"),
    ("run --jobs 5000", "error: invalid value '5000' for '--jobs <N>': 5000 is not in 1..=4096"),
    ("run --jobs many", "error: invalid value 'many' for '--jobs <N>': invalid digit found in string"),
    ("run --seed chance", "error: invalid value 'chance' for '--seed <N>': invalid digit found in string"),
    (
        "run --shard 0/3",
        "error: invalid value '0/3' for '--shard <I/N>': `0/3` is no shard: write 2/5 for the second of five",
    ),
    (
        "run --shard 4/3",
        "error: invalid value '4/3' for '--shard <I/N>': `4/3` is no shard: write 2/5 for the second of five",
    ),
    (
        "run --shard half",
        "error: invalid value 'half' for '--shard <I/N>': `half` is no shard: write 2/5 for the second of five",
    ),
    ("run --tags (", "error: invalid value '(' for '--tags <EXPR>': ⟨line⟩ (write '@a and not @b')"),
    ("run --tags guide", "error: invalid value 'guide' for '--tags <EXPR>': ⟨line⟩ (write '@a and not @b')"),
    ("run --name (", "error: invalid value '(' for '--name <REGEX>': regex parse error:⟨any⟩unclosed group"),
    (
        "run --format pdf",
        "error: invalid value 'pdf' for '--format <LIST>': \
         `pdf` is no format of a report (known: html, junit, messages, har, ctrf, markdown)",
    ),
    (
        "run --format html,,junit",
        "error: invalid value '' for '--format <LIST>': \
         `` is no format of a report (known: html, junit, messages, har, ctrf, markdown)",
    ),
    (
        "run --service sentinel",
        "error: invalid value 'sentinel' for '--service <SERVICE>'\n  [possible values: legacy, endpoint, graph]",
    ),
    ("run --step-limit 0", "error: invalid value '0' for '--step-limit <SECONDS>': 0 is not in 1..=4294967295"),
    ("run --tenant", "error: a value is required for '--tenant <NAME>' but none was supplied"),
    ("run --out=", "error: a value is required for '--out <DIR>' but none was supplied"),
    ("run --tenant x --config=", "error: a value is required for '--config <FILE>' but none was supplied"),
    ("run --config lab.toml", "error: the following required arguments were not provided:\n  --tenant <NAME>"),
    ("steps --format xml", "error: invalid value 'xml' for '--format <FORMAT>'\n  [possible values: markdown, json]"),
    ("emulate --listen here", "error: invalid value 'here' for '--listen <ADDR:PORT>': invalid socket address syntax"),
    ("emulate --speed fast", "error: invalid value 'fast' for '--speed <N>': invalid float literal"),
    ("emulate --speed -x", "error: unexpected argument '-x' found"),
    ("emulate --seed x", "error: invalid value 'x' for '--seed <N>': invalid digit found in string"),
    ("emulate --ca-out=", "error: a value is required for '--ca-out <FILE>' but none was supplied"),
    ("emulate --details-out=", "error: a value is required for '--details-out <FILE>' but none was supplied"),
    (
        "init --alertdrill=",
        "error: invalid value '' for '--alertdrill <SOURCE>': it names nothing (write a version, ⟨line⟩)",
    ),
    ("report", "error: the following required arguments were not provided:\n  <RUN>..."),
    ("report --out=", "error: a value is required for '--out <DIR>' but none was supplied"),
    (
        "report . --format pdf",
        "error: invalid value 'pdf' for '--format <LIST>': \
         `pdf` is no format of a report (known: html, junit, messages, har, ctrf, markdown)",
    ),
];

#[test]
fn what_cannot_be_understood_is_named_and_nothing_is_done() {
    for (line, told) in REFUSED {
        let stage = Stage::new();
        let ran = stage.run(line);
        ran.exits(64).prints("").tells(&format!("{told}\n\n⟨any⟩For more information, try '--help'."));
        assert!(stage.names(".").is_empty(), "{line}");
    }
}

#[test]
fn an_empty_argument_names_nothing_that_could_be_run() {
    let stage = Stage::new();
    for (arguments, name) in [(["run", ""], "[FEATURES]..."), (["report", ""], "<RUN>...")] {
        let told = format!("error: a value is required for '{name}' but none was supplied\n⟨any⟩");
        stage.run_of(&arguments).exits(64).prints("").tells(&told);
    }
    assert!(stage.names(".").is_empty());
}

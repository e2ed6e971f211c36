//! Queries that are meant to break out of a text, or to cost more than they may.

use proptest::prelude::*;
use serde_json::json;

use crate::emulator::kql::{
    ErrorKind, Limits, execute, program, query,
    tests::laboratory::{Database, now, refused, rows, try_run, worth},
};

/// How a careful client writes any text as a literal.
fn literal(text: &str) -> String {
    let mut literal = "'".to_owned();
    for c in text.chars() {
        match c {
            '\'' => literal.push_str("\\'"),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            c => literal.push(c),
        }
    }
    literal + "'"
}

fn verbatim(text: &str) -> String {
    format!("@'{}'", text.replace('\'', "''"))
}

proptest! {
    #[test]
    fn no_text_escapes_from_its_quotes(text in any::<String>()) {
        prop_assert_eq!(worth(&literal(&text)), json!(text));
        prop_assert_eq!(worth(&verbatim(&text)), json!(text));
        let query = format!("Devices | where System != {} | count", literal(&text));
        prop_assert_eq!(rows(&query), json!([[2]]));
    }

    #[test]
    fn no_text_of_signs_that_mean_something_escapes_from_its_quotes(text in r#"['"\\|\n\r;/*@h`()\[\]]{0,12}"#) {
        prop_assert_eq!(worth(&literal(&text)), json!(text));
        prop_assert_eq!(worth(&verbatim(&text)), json!(text));
    }

    #[test]
    fn whatever_is_sent_is_answered_or_refused(text in any::<String>()) {
        let _ = try_run(&text);
    }

    #[test]
    fn whatever_looks_like_a_query_is_answered_or_refused(parts in prop::collection::vec(prop::sample::select(vec![
        "Events", "Devices", "|", "where", "project", "extend", "summarize", "join", "union", "on", "by", "Host", "Port",
        "More", "==", "has", "in", "(", ")", "[", "]", ",", "'x'", "1", "1h", "-", "*", "and", "or", "not", "count()",
        "let", "a", "=", ";", ".", "..", "between", "ago(1h)", "kind=inner", "take", "top", "mv-expand", "dynamic([1])",
        "tostring(", "arg_max(Timestamp, *)", "$left.Device", "search", "print", "datatable", "matches", "regex", "['x']",
    ]), 0..24)) {
        let _ = try_run(&parts.join(" "));
    }

    /// `where` against the plainest reading of it: one comparison after another on one row after another.
    #[test]
    fn where_is_what_it_says(
        conditions in prop::collection::vec((0_usize..3, 0_usize..4, -3_i64..30), 1..5),
        any in any::<bool>(),
    ) {
        let operators = ["==", "<", ">=", "!="];
        let columns = ["Port", "Size", "Size + Port"];
        let written: Vec<_> = conditions
            .iter()
            .map(|(column, operator, number)| format!("{} {} {number}", columns[*column], operators[*operator]))
            .collect();
        let query = format!("Events | where {} | count", written.join(if any { " or " } else { " and " }));
        let cells = [(Some(80), Some(10)), (Some(443), Some(20)), (None, None)];
        let passes = |(port, size): &(Option<i64>, Option<i64>)| {
            let one = |(column, operator, number): &(usize, usize, i64)| {
                let value = match column {
                    0 => *port,
                    1 => *size,
                    _ => port.zip(*size).map(|(port, size)| port + size),
                };
                match (operator, value) {
                    (3, None) => true,
                    (_, None) => false,
                    (0, Some(value)) => value == *number,
                    (1, Some(value)) => value < *number,
                    (2, Some(value)) => value >= *number,
                    (_, Some(value)) => value != *number,
                }
            };
            if any { conditions.iter().any(one) } else { conditions.iter().all(one) }
        };
        prop_assert_eq!(rows(&query), json!([[cells.iter().filter(|cells| passes(cells)).count()]]));
    }
}

#[test]
fn depth_is_bounded_wherever_it_can_grow() {
    let deep = |open: &str, close: &str, count: usize| format!("{}1{}", open.repeat(count), close.repeat(count));
    for text in [
        "(".repeat(50_000),
        format!("print {}", deep("(", ")", 5_000)),
        format!("print {}", deep("not(", ")", 5_000)),
        format!("print {}1", "-".repeat(5_000)),
        format!("print {}1", "1 + ".repeat(5_000)),
        format!("print dynamic({})", deep("[", "]", 5_000)),
        format!("print dynamic(1){}", "[0]".repeat(5_000)),
        format!("print a = dynamic(1){}", ".a".repeat(5_000)),
        format!("{}Events", "union ".repeat(5_000)),
        format!("{}Events{}", "(".repeat(5_000), ")".repeat(5_000)),
        format!("Events{}", " | where Device in ((Events".repeat(5_000)),
        format!("Events | where Device in {}", "((Events | where Device in ".repeat(5_000)),
    ] {
        assert_eq!(refused(&text).kind, ErrorKind::Syntax, "{}", &text[..60]);
    }
    assert_eq!(refused(&"(".repeat(1 << 20)).kind, ErrorKind::Limits);
}

#[test]
fn what_is_as_deep_as_it_may_be_needs_half_of_a_thread_s_stack() {
    let high = |n, m| format!("let a{n} = union a{m}, a0; ");
    let nested = |open: &str, inner: &str, close: &str, count: usize| {
        format!("{}{inner}{}", open.repeat(count), close.repeat(count))
    };
    let queries = [
        (lets(&format!("print x = {}1", "1 + ".repeat(89)), 88, high), json!([[88]])),
        (format!("print {}", nested("(", "1", ")", 62)), json!([[1]])),
        (format!("print {}", nested("toint(", "1", ")", 62)), json!([[1]])),
        (format!("print {}", nested("-", "1", "", 62)), json!([[1]])),
        (format!("{} | count", nested("(", "Events", ")", 62)), json!([[3]])),
        (nested("Events | where Device in ((", "Devices", ")) | count", 20), json!([[0]])),
        (nested("print toscalar(", "print 1", ")", 20), json!([[1]])),
        (nested("Events | join kind=leftsemi (", "Devices", ") on Device", 30) + " | count", json!([[2]])),
        (nested("Events | union (", "Devices", ")", 30) + " | count", json!([[92]])),
        (format!("Events{} | count", " | where Port > 0".repeat(78)), json!([[2]])),
    ];
    let half = std::thread::Builder::new().stack_size(1 << 20);
    let run = half.spawn(move || {
        for (query, expected) in queries {
            assert_eq!(rows(&query), expected, "{query}");
        }
    });
    run.expect("a thread").join().expect("nothing overflows");
}

#[test]
fn long_lists_and_chains_are_what_indicators_need() {
    let values: Vec<_> = (0..20_000).map(|n| format!("'h{n}.example'")).collect();
    assert_eq!(rows(&format!("Events | where Host in ({}) | count", values.join(", "))), json!([[0]]));
    let chain: Vec<_> = (0..5_000).map(|n| format!("Host == 'h{n}.example'")).collect();
    assert_eq!(rows(&format!("Events | where {} | count", chain.join(" or "))), json!([[0]]));
}

/// `let` after `let`, each made of its number and of the one before.
fn lets(first: &str, count: usize, form: fn(usize, usize) -> String) -> String {
    let more: Vec<_> = (1..count).map(|n| form(n, n - 1)).collect();
    format!("let a0 = {first}; {} a{} | count", more.concat(), count - 1)
}

#[test]
fn work_is_bounded() {
    let doubled = |n, m| format!("let a{n} = union a{m}, a{m}; ");
    let wider = |n, m| format!("let a{n} = a{m} | join kind=inner a{m} on Device; ");
    let higher = |n, m| format!("let a{n} = union a{m}, a0; ");
    for text in [
        lets("Events", 60, doubled),
        lets("Empty", 60, doubled),
        lets("Events", 30, wider),
        lets("Empty", 5_000, higher),
        format!("union {}* | count", "*, ".repeat(40_000)),
        format!("Events | project {}a = 1", "a = 1, ".repeat(10_000)),
        format!("Events | summarize {}count()", "arg_max(Timestamp, *), ".repeat(10_000)),
        format!("print {} | search {}'a'", vec!["'b'"; 100].join(", "), "'a' or ".repeat(20_000)),
        format!("union {}", (0..2_000).map(|n| format!("(print a{n} = 1)")).collect::<Vec<_>>().join(", ")),
        format!("print a = 'xxxxxxxxxxxxxxxx'{}", " | extend a = strcat(a, a, a, a)".repeat(200)),
        format!("print x = 1{}", " | extend y = x".repeat(10_000)),
        format!("print x = 1 {}", "where ".repeat(200_000)),
        format!("Events | where {}", vec!["Host matches regex 'a'"; 100].join(" or ")),
    ] {
        let error = refused(&text);
        assert_eq!(error.kind, ErrorKind::Limits, "{}: {}", &text[..60], error.text);
        assert!(error.text.starts_with("Query execution has exceeded the allowed result size."), "{}", error.text);
    }
}

#[test]
fn a_pattern_that_would_grow_without_bound_is_refused() {
    for pattern in ["((a{1,1000}){1,1000}){1,1000}", "(\\\\pL{1000}){1000}"] {
        assert_eq!(refused(&format!("Events | where Host matches regex '{pattern}'")).kind, ErrorKind::Semantic);
    }
    assert_eq!(rows("Events | where Host matches regex '(a+)+$' | count"), json!([[0]]));
}

#[test]
fn the_result_has_no_more_rows_than_it_may() {
    let program = program(&query("Events").expect("a query"), &Database).expect("a program");
    let rows = execute(&program, &Database, now(), Limits { work: 1_000, rows: 2 }).expect("rows");
    assert_eq!(rows.len(), 2);
}

#[test]
fn odd_characters_are_texts_or_refused_and_never_more() {
    assert_eq!(worth("'\u{0}\u{202e}\u{1f600}\u{feff}'"), json!("\u{0}\u{202e}\u{1f600}\u{feff}"));
    assert_eq!(rows("\u{feff}Events | count"), json!([[3]]));
    assert_eq!(rows("Events\u{a0}| count"), json!([[3]]));
    for text in [
        "Évents",
        "Events | where H\u{f6}st == 1",
        "\u{0}",
        "print '\\ud800'",
        "print '\\U00110000'",
        "print '\\u00é1'",
    ] {
        assert_eq!(refused(text).kind, ErrorKind::Syntax, "{text}");
    }
}

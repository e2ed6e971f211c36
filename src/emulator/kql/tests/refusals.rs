//! What is refused, and in which words.

use crate::emulator::kql::{ErrorKind, tests::laboratory::refused};

#[test]
fn names_are_case_sensitive() {
    for text in [
        "events | count",
        "Events | where host == 'x'",
        "Events | where TOLOWER(Host) == 'x'",
        "Events | Where Port == 1",
    ] {
        refused(text);
    }
}

#[test]
fn what_is_no_query_is_a_syntax_error_in_a_recorded_text() {
    let unrecognised = "A recognition error occurred.";
    let unfinished = "The incomplete fragment is unexpected";
    let no_operator = "Query operator expected.";
    for (text, error) in [
        ("", unfinished),
        ("Events |", no_operator),
        ("Events | where", unfinished),
        ("Events | where Port ==", unfinished),
        ("Events | where (Port == 1", unfinished),
        ("Events | where Port == 1)", unrecognised),
        ("Events | where Port = 1", unrecognised),
        ("Events | where Host == 'open", unrecognised),
        ("Events | where Host == 'a\nb'", unrecognised),
        ("Events | where Host == '\\q'", unrecognised),
        ("Events | where Host == \u{201c}x\u{201d}", unrecognised),
        ("Events | wher Port == 1", no_operator),
        ("Events | make-series count() on Timestamp step 1h", no_operator),
        ("Events | evaluate bag_unpack(More)", no_operator),
        ("Events | invoke FileProfile()", no_operator),
        ("Events || count", no_operator),
        ("Events | where Port == 99999999999999999999h", unrecognised),
        ("Events | where Timestamp > datetime(tomorrow)", unrecognised),
        ("Events | where Timestamp > ago(5x)", unrecognised),
        ("Events count", unrecognised),
        ("Events; Devices", unrecognised),
        ("let x = 1", unfinished),
        ("let f = (x: string) { x }; print f('a')", unrecognised),
        ("workspace('x').Events | count", unrecognised),
        ("externaldata (a: string) ['https://x.example'] | count", unrecognised),
        ("Events | join Devices", unfinished),
        ("Events | join kind=sideways Devices on Device", unrecognised),
        ("Events | summarize count() by", unfinished),
        ("Events | where Port has_any", unfinished),
        (".show tables", unrecognised),
        ("{}", unrecognised),
    ] {
        let found = refused(text);
        assert_eq!((found.kind, found.text.as_str()), (ErrorKind::Syntax, error), "{text}");
    }
}

#[test]
fn what_does_not_fit_is_a_semantic_error_in_the_engine_s_words() {
    for (text, error) in [
        ("Nowhere", "Failed to resolve table or column expression named 'Nowhere'"),
        ("Nowhere | where x == 1", "'where' operator: Failed to resolve table or column expression named 'Nowhere'"),
        ("union Events, Nowhere", "'union' operator: Failed to resolve table expression named 'Nowhere'"),
        ("Events | where Nope == 1", "'where' operator: Failed to resolve scalar expression named 'Nope'"),
        ("Events | project Nope", "'project' operator: Failed to resolve scalar expression named 'Nope'"),
        ("Events | summarize max(Nope)", "'summarize' operator: Failed to resolve scalar expression named 'Nope'"),
        (
            "Events | project Port | where Host == 'x'",
            "'where' operator: Failed to resolve scalar expression named 'Host'",
        ),
        ("Events | join Devices on System", "'join' operator: Failed to resolve scalar expression named 'System'"),
        ("_MyOrgDeviceBaseline()", "Unknown function: '_MyOrgDeviceBaseline'"),
        ("Events | where _X(Host) == 1", "Unknown function: '_X'"),
        ("Events | summarize percentile(Size, 5)", "Unknown function: 'percentile'"),
        ("Events | where Port == 'x'", "Cannot compare values of types int and string. Try adding explicit casts"),
        ("Events | where Timestamp > 5", "Cannot compare values of types datetime and long. Try adding explicit casts"),
        ("Events | where Host in (1, 2)", "Cannot compare values of types string and long. Try adding explicit casts"),
        ("Events | where Host", "'where' operator: A value of type bool expected"),
        ("Events | where Port has '8'", "Operator 'has' cannot be applied to an argument of type int"),
        ("Events | extend x = Host + 1", "Arithmetic expression cannot be carried-out between string and long"),
        (
            "Events | extend x = Host.a",
            "Path expression source must be of dynamic type. Received a source of type string instead",
        ),
        ("Events | extend x = strlen(Port)", "strlen(): argument #1 expected to be a string expression"),
        ("Events | extend x = strlen()", "strlen(): function expects 1 argument(s)"),
        ("Events | take Port", "'take' operator: Failed to resolve scalar expression named 'Port'"),
        ("Events | where Host matches regex '('", "Regex pattern is ill-formed: '('"),
        ("Events | where Host matches regex Device", "matches regex: the pattern must be a constant text"),
        ("Events | summarize strlen(Host)", "Unknown function: 'strlen'"),
        ("Events | summarize Port by Host", "'summarize' operator: aggregate function expected"),
        ("Events | extend x = extract(Host, 1, Device)", "extract(): the pattern must be a constant text"),
        (
            "Events | join Devices on $left.Device > $right.Device",
            "join: Only equality is allowed in this context. Expected: $left.Key == $right.Key",
        ),
    ] {
        let found = refused(text);
        assert_eq!((found.kind, found.text.as_str()), (ErrorKind::Semantic, error), "{text}");
    }
}

#[test]
fn the_faces_sentences_are_the_recorded_ones() {
    let syntax = refused("Events | where Host == 'open");
    assert_eq!(syntax.sentence(), "A recognition error occurred.. Fix syntax errors in your query.");
    assert_eq!(syntax.rule_sentence(), "The query contains syntax errors: The request had some invalid properties.");
    assert_eq!(
        refused("Events | where").sentence(),
        "The incomplete fragment is unexpected. Fix syntax errors in your query."
    );
    assert_eq!(
        refused("Events | where _X(Host)").rule_sentence(),
        "The query has a semantic error: Unknown function: '_X'. Fix semantic errors in your query."
    );
    assert_eq!(
        refused("Nowhere | where a == 1").sentence(),
        "'where' operator: Failed to resolve table or column expression named 'Nowhere'. Fix semantic errors in your query."
    );
}

//! What the dialects of today take and refuse, on rows in the shape in which they are sent.

use serde_json::{Map, Value as Json, json};

use crate::emulator::odata::{
    eval,
    options::{Options, Reading},
    schema::{Allowed, Dialect, Rules, Schema},
    value::{Enumeration, Type},
};

static RISK: Enumeration = Enumeration { name: "Test.RiskScore", members: &["None", "Informational", "Low", "High"] };

static ADDRESS: Schema =
    Schema::of("Test.IpAddress", &[("ipAddress", Type::Text), ("prefix", Type::Int)], &Rules::of(Dialect::Endpoint));

static ENDPOINT: Rules = Rules {
    dialect: Dialect::Endpoint,
    filter: Allowed::All,
    order: Allowed::All,
    expand: &["evidence"],
    most_top: Some(10_000),
};

/// A machine, more or less.
static MACHINE: Schema = Schema::of(
    "Test.Machine",
    &[
        ("id", Type::Text),
        ("computerDnsName", Type::Text),
        ("lastSeen", Type::Time),
        ("riskScore", Type::Enum(&RISK)),
        ("rbacGroupId", Type::Int),
        ("aadDeviceId", Type::Guid),
        ("isAadJoined", Type::Bool),
        ("machineTags", Type::Many(&Type::Text)),
        ("ipAddresses", Type::Many(&Type::Complex(&ADDRESS))),
        ("vmMetadata", Type::Complex(&ADDRESS)),
    ],
    &ENDPOINT,
);

static GRAPH: Rules = Rules {
    dialect: Dialect::Graph,
    filter: Allowed::Documented(&["displayName", "status", "schedule/frequency", "action/template/title"]),
    order: Allowed::Only(&["displayName", "schedule/frequency"]),
    expand: &[],
    most_top: None,
};

static STATUS: Enumeration =
    Enumeration { name: "test.ruleStatus", members: &["enabled", "disabled", "autoDisabled", "unknownFutureValue"] };
static SCHEDULE: Schema = Schema::of("test.schedule", &[("frequency", Type::Duration)], &GRAPH);
static TEMPLATE: Schema = Schema::of("test.template", &[("title", Type::Text)], &GRAPH);
static ACTION: Schema = Schema::of("test.action", &[("template", Type::Complex(&TEMPLATE))], &GRAPH);

/// A detection rule, more or less.
static RULE: Schema = Schema::of(
    "test.rule",
    &[
        ("id", Type::Text),
        ("displayName", Type::Text),
        ("status", Type::Enum(&STATUS)),
        ("createdBy", Type::Text),
        ("schedule", Type::Complex(&SCHEDULE)),
        ("action", Type::Complex(&ACTION)),
    ],
    &GRAPH,
);

fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}

fn machine() -> Map<String, Json> {
    object(json!({
        "id": "1e5bc9d7e413ddd7902c2932e418702b84d0cc07",
        "computerDnsName": "Host-1.contoso.test",
        "lastSeen": "2018-08-02T14:55:03.7791856Z",
        "riskScore": "High",
        "rbacGroupId": 140,
        "aadDeviceId": "80FE8FF8-2624-418e-9591-41f0491218f9",
        "isAadJoined": null,
        "machineTags": ["test tag 1", "O'Brien"],
        "ipAddresses": [{"ipAddress": "10.0.0.1", "prefix": 8}, {"ipAddress": "fe80::1", "prefix": null}],
        "vmMetadata": null,
    }))
}

fn rule() -> Map<String, Json> {
    object(json!({
        "id": "r1", "displayName": "Rule One", "status": "autoDisabled", "createdBy": "someone",
        "schedule": {"frequency": "PT1H"}, "action": {"template": {"title": "Title One"}},
    }))
}

fn filter(schema: &'static Schema, text: &str) -> Result<Options, String> {
    let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    Reading::of(schema).read(&format!("$filter={text}")).map_err(|error| error.0)
}

fn holds(schema: &'static Schema, row: &Map<String, Json>, text: &str) -> bool {
    let options = filter(schema, text).unwrap_or_else(|error| panic!("{text}: {error}"));
    eval::passes(&options.filter.expect("a filter"), row)
}

fn refused(schema: &'static Schema, query: &str) -> String {
    Reading::of(schema).read(query).expect_err(query).0
}

#[test]
fn a_machine_passes_what_is_true_of_it() {
    for text in [
        "riskScore eq 'High' and RiskScore EQ 'high' and RISKSCORE ne 'low'",
        "riskScore in ('high', 'Low')",
        r#"computerDnsName in ("O'Brien", "Host-1.contoso.test")"#,
        "RbacGroupId in (1, 140) and not (rbacGroupId in (1, 2))",
        "Id in ('x','1e5bc9d7e413ddd7902c2932e418702b84d0cc07')",
        "lastSeen gt 2018-08-01Z and lastSeen lt 2018-08-03",
        "lastSeen gt 2018-08-02T14:55:03.7791855Z and lastSeen lt 2018-08-02T14:55:03.7791857Z",
        "lastSeen eq 2018-08-02T16:55:03.7791856+02:00",
        "lastSeen lt 9999-12-31T23:59:59.9999999Z",
        "startswith(computerDnsName,'Host') and StartsWith(computerdnsname,'Host') and endswith(computerDnsName,'.test')",
        "contains(tolower(computerDnsName),'host-1') and indexof(computerDnsName,'-') eq 4",
        "machineTags/any(tag: tag eq 'test tag 1') and MachineTags/Any(t:t eq 'O''Brien')",
        "machineTags/any(tag: startswith(tag, 'test')) and machineTags/any()",
        "machineTags/any(tag: tag in ('a', 'O''Brien')) and machineTags/all(tag: length(tag) gt 6)",
        "not machineTags/any(tag: tag eq 'x') and not (machineTags/all(t: t eq 'O''Brien'))",
        "machineTags/any(tag: tag eq 'O''Brien' and riskScore eq 'High')",
        "ipAddresses/any(a: a/ipAddress eq '10.0.0.1' and a/Prefix eq 8) and ipAddresses/any(a: a/prefix eq null)",
        "aadDeviceId eq 80fe8ff8-2624-418e-9591-41f0491218f9 and aadDeviceId in ('80FE8FF8-2624-418e-9591-41f0491218f9')",
        "isAadJoined eq null and vmMetadata eq null and machineTags ne null and vmMetadata/prefix eq null",
        "((id ne null)) and true",
    ] {
        assert!(holds(&MACHINE, &machine(), text), "{text}");
    }
}

#[test]
fn and_not_what_is_false_or_null() {
    for text in [
        "computerDnsName eq 'host-1.contoso.test'",
        "lastSeen gt 2018-08-03",
        "isAadJoined eq true",
        "isAadJoined eq false",
        "machineTags/any(tag: tag eq 'TEST TAG 1')",
        "machineTags/any(tag: tag eq null)",
        "ipAddresses/all(a: a/prefix eq 8)",
        "vmMetadata/prefix gt 1",
        "rbacGroupId in ()",
        "rbacGroupId in (null)",
    ] {
        assert!(!holds(&MACHINE, &machine(), text), "{text}");
    }
}

#[test]
fn any_of_nothing_is_false_and_all_of_nothing_is_true() {
    for row in [json!({"machineTags": []}), json!({"machineTags": null}), json!({}), json!({"machineTags": "x"})] {
        let row = object(row);
        assert!(!holds(&MACHINE, &row, "machineTags/any(t: t ne 'x') or machineTags/any()"), "{row:?}");
        assert!(holds(&MACHINE, &row, "machineTags/all(t: t eq 'x')"), "{row:?}");
    }
}

#[test]
fn a_rule_passes_what_is_true_of_it() {
    for text in [
        "action/template/title eq 'Title One' and contains(Action/Template/Title, 'One')",
        "schedule/frequency eq duration'PT1H' and schedule/frequency eq PT1H and schedule/frequency lt P1D",
        "schedule/frequency eq duration'PT60M' and schedule/frequency in (PT0S, PT3600S)",
        "startsWith(displayName,'Rule') and endsWith(displayName,'One') and contains(displayName,'e O')",
        "not(startsWith(displayName,'x')) and displayName ne null",
        "status eq 'autoDisabled' and status eq 'AUTODISABLED' and status in ('enabled','autodisabled')",
    ] {
        assert!(holds(&RULE, &rule(), text), "{text}");
    }
}

#[test]
fn what_does_not_fit_is_refused_in_the_framework_s_words() {
    for (text, error) in [
        ("nope eq 1", "Could not find a property named 'nope' on type 'Test.Machine'."),
        ("vmMetadata/nope eq 1", "Could not find a property named 'nope' on type 'Test.IpAddress'."),
        ("id/nope eq 1", "Could not find a property named 'nope' on type 'Edm.String'."),
        (
            "ipAddresses/prefix eq 1",
            "The parent value for a property access of a property 'prefix' is not a single value. Property access can \
             only be applied to a single value.",
        ),
        ("id/any(a: a eq 'x')", "Any/All may only be used following a collection."),
        (
            "machineTags eq 'x'",
            "A binary operator with incompatible types was detected. Found operand types 'Collection(Edm.String)' and \
             'Edm.String' for operator kind 'Equal'.",
        ),
        (
            "lastSeen gt '2018-08-01Z'",
            "A binary operator with incompatible types was detected. Found operand types 'Edm.DateTimeOffset' and \
             'Edm.String' for operator kind 'GreaterThan'.",
        ),
        (
            "isAadJoined eq 'true'",
            "A binary operator with incompatible types was detected. Found operand types 'Edm.Boolean' and 'Edm.String' \
             for operator kind 'Equal'.",
        ),
        (
            "contains(machineTags,'x')",
            "No function signature for the function with name 'contains' matches the specified arguments. The function \
             signatures considered are: contains(Edm.String Nullable=true, Edm.String Nullable=true).",
        ),
        (
            "lastSeen gt 2025-11-24T01:11:04",
            "The DateTimeOffset text '2025-11-24T01:11:04' should be in format 'yyyy-mm-ddThh:mm:ss('.'s+)?(zzzzzz)?' \
             and each field value is within valid range.",
        ),
        ("riskScore eq 'Huge'", "The string 'Huge' is not a valid enumeration type constant."),
        ("id eq 'O'Brien'", "There is an unterminated string literal at position 15 in 'id eq 'O'Brien''."),
        ("lastSeen gt datetime'2018-08-01'", "Syntax error at position 32 in 'lastSeen gt datetime'2018-08-01''."),
        ("machineTags/all()", "A range variable expected at position 16 in 'machineTags/all()'."),
        ("machineTags/any(t t eq 'x')", "':' expected at position 18 in 'machineTags/any(t t eq 'x')'."),
        ("rbacGroupId in (rbacGroupId)", "The operator 'in' takes literals."),
    ] {
        assert_eq!(filter(&MACHINE, text).expect_err(text), error, "{text}");
    }
    let nested = "machineTags/any(a: machineTags/any(b: b eq a))";
    assert!(filter(&MACHINE, nested).expect_err(nested).starts_with("The Any/All nesting limit of '1'"));
}

#[test]
fn graph_puts_words_of_its_own_around_the_framework_s() {
    for (query, error) in [
        ("$filter=nope eq 1", "Invalid filter clause: Could not find a property named 'nope' on type 'test.rule'."),
        (
            "$filter=createdBy eq 'x'",
            "Invalid filter clause: The property 'createdBy' cannot be used in the $filter query option.",
        ),
        (
            "$filter=schedule eq null",
            "Invalid filter clause: The property 'schedule' cannot be used in the $filter query option.",
        ),
        (
            "$select=nope",
            "Parsing OData Select and Expand failed: Could not find a property named 'nope' on type 'test.rule'.",
        ),
        (
            "$expand=alerts",
            "Parsing OData Select and Expand failed: Could not find a property named 'alerts' on type 'test.rule'.",
        ),
        ("$orderby=status", "The property 'status' cannot be used in the $orderby query option."),
        ("$search=\"x\"", "The query parameter '$search' is not supported."),
        ("search=x", "The query parameter '$search' is not supported."),
        ("$apply=x", "The query parameter '$apply' is not supported."),
    ] {
        assert_eq!(refused(&RULE, query), error, "{query}");
    }
}

#[test]
fn leniency_opens_what_is_not_documented_but_not_what_is_known_to_be_closed() {
    let lenient = Reading::of(&RULE).lenient(true);
    assert!(lenient.read("$filter=createdBy eq 'x'").is_ok());
    assert!(lenient.read("$orderby=status").is_err());
}

#[test]
fn options_are_read_as_clients_write_them() {
    let options = Reading::of(&MACHINE)
        .read("%24Filter=riskScore+eq+'High'&$TOP=10000&$skip=5&$count=TRUE&$expand=Evidence&$orderBy=lastSeen%20DESC,id&top=7")
        .expect("good options");
    assert!(options.filter.is_some() && options.count);
    assert_eq!((options.top, options.skip, options.expanded.as_slice()), (Some(10_000), 5, &["evidence"][..]));
    assert_eq!(options.order_by.iter().map(|(_, descending)| *descending).collect::<Vec<_>>(), [true, false]);
    let options = Reading::of(&RULE)
        .read("filter=status eq 'enabled'&top=2&select=Action/template/title,ID&$skiptoken=abc")
        .expect("good options");
    assert!(options.filter.is_some());
    assert_eq!((options.top, options.select, options.skip_token), (Some(2), Some(vec![0, 5]), Some("abc".into())));
}

#[test]
fn a_top_above_the_limit_is_refused_in_the_framework_s_words() {
    assert_eq!(
        refused(&MACHINE, "$top=10001"),
        "The limit of '10000' for Top query has been exceeded. The value from the incoming request is '10001'."
    );
    assert!(refused(&MACHINE, "$top=99999999999999999999").starts_with("Invalid value '99999999999999999999'"));
    assert!(refused(&MACHINE, "$orderby=machineTags").contains("single value of primitive type"));
    assert!(refused(&MACHINE, "$filter=id eq 'a'&%24FILTER=id eq 'b'").contains("more than once"));
}

#[test]
fn a_list_may_be_long_and_costs_a_row_a_search() {
    let list: Vec<_> = (0..20_000).map(|number| format!("'{number}'")).collect();
    let text = format!("id in ({})", list.join(","));
    let options = filter(&MACHINE, &text).expect("a long list");
    let expr = options.filter.expect("a filter");
    let row = |id: &str| object(json!({ "id": id }));
    for _ in 0..5_000 {
        assert!(eval::passes(&expr, &row("19999")) && !eval::passes(&expr, &row("x")));
    }
}

#[test]
fn hostile_filters_are_refused_or_answered_and_nothing_worse() {
    let big = 1_000_000;
    for text in [
        "(".repeat(big),
        ")".repeat(big),
        "not ".repeat(big / 4),
        "-".repeat(big),
        "'".repeat(big),
        "9".repeat(big),
        "a/".repeat(big / 2),
        "machineTags/any(".repeat(big / 16),
        "id in (".repeat(big / 7),
        format!("id in ({}", "'a',".repeat(big / 4)),
        format!("id eq '{}'", "ü".repeat(big / 2)),
        format!("{}id eq 'x'", "id eq 'x' or ".repeat(big / 13)),
        format!("rbacGroupId eq {}", "1".repeat(400)),
        "rbacGroupId eq 1e999".to_owned(),
        "rbacGroupId eq -9223372036854775808 and -rbacGroupId eq 1".to_owned(),
        "-9223372036854775808 mod -1 eq 0 and -9223372036854775808 div -1 eq 0".to_owned(),
        "substring(id, -9223372036854775808, 9223372036854775807) eq ''".to_owned(),
        "0.0 div 0.0 in (1,2,3.5) or rbacGroupId in (140.0, 9223372036854775807, 1.5)".to_owned(),
        "lastSeen gt 0000-00-00Z or lastSeen gt 99999-01-01T00:00:00Z".to_owned(),
        "lastSeen gt 9999-12-31 and lastSeen gt 9999-12-31+23:59".to_owned(),
        "schedule/frequency eq duration'P999999999999999999999D'".to_owned(),
        "\u{202e}id eq 'x'\u{0}".to_owned(),
        "ıd eq 'x' and İd eq 'x'".to_owned(),
        "machineTags/any(ſ: ſ eq 'x')".to_owned(),
        "tolower('\u{130}\u{1e9e}') eq toupper('ŉ')".to_owned(),
    ] {
        for schema in [&MACHINE, &RULE] {
            if let Ok(options) = filter(schema, &text) {
                eval::passes(&options.filter.expect("a filter"), &machine());
            }
        }
    }
}

//! What operators and functions are worth: hits and near misses.

use serde_json::json;

use crate::emulator::kql::tests::laboratory::worth;

/// Whether an expression is true, of no row.
fn holds(expr: &str) -> bool {
    worth(expr) == json!(true)
}

#[test]
fn operators_on_texts_hit_what_they_mean_and_nothing_near_it() {
    for text in [
        "'Evil.example' == 'Evil.example'",
        "'evil' != 'Evil'",
        "'Evil' =~ 'eVIL' and 'Ärger' =~ 'äRGER'",
        "'evil' !~ 'evil2'",
        "'www.evil.example' has 'EVIL.example' and 'www.evil.example' has_cs 'evil'",
        "'a/evil' has 'evil' and 'www.devil.example' !has 'evil.example' and 'Evil' !has_cs 'evil'",
        "'devil' contains 'EVIL' and 'devil' contains_cs 'evil' and 'devil' !contains_cs 'EVIL' and 'a' !contains 'b'",
        "'evil.example' startswith 'EVIL' and 'evil' startswith_cs 'ev' and 'evil' !startswith_cs 'EV' and 'a' !startswith 'b'",
        "'evil.example' endswith 'EXAMPLE' and 'evil' endswith_cs 'il' and 'evil' !endswith_cs 'IL' and 'a' !endswith 'b'",
        "'evil.example' hasprefix 'exam' and 'evil.example' hassuffix 'vil' and 'devil' !hasprefix 'evil'",
        "'a' in ('b', 'a') and 'A' !in ('a') and 'A' in~ ('a', 'b') and 'c' !in~ ('A', 'B')",
        "'a' in (dynamic(['b', 'a'])) and 'x' !in (dynamic([])) and 2 in (1, 2) and 2 !in (1, 3)",
        "'mail to evil.example' has_any ('nothing', 'EVIL.example') and not('devil' has_any ('evil'))",
        "'one two three' has_all ('ONE', 'three') and not('one two' has_all ('one', 'three'))",
        "dynamic({'a': ['evil.example']}) has 'evil' and dynamic([1, 2]) !has '12' and dynamic(['a']) has_any ('A')",
        "'x1.2.3' matches regex @'^x\\d\\.' and not('X1' matches regex 'x')",
        "'a\\tb' == 'a\tb' and \"it's\" == 'it\\'s' and @'c:\\x' == 'c:\\\\x' and h'secret' == 'secret' and h@\"a\"\"b\" == 'a\"b'",
        "'\\u0041\\x42' == 'AB' and ```a\n'b'``` == 'a\\n\\'b\\''",
    ] {
        assert!(holds(text), "{text}");
    }
    for text in [
        "'evil' == 'Evil'",
        "'devil' has 'evil'",
        "'evils' has 'evil'",
        "'devil' hasprefix 'evil'",
        "'A' in ('a')",
        "'b' in~ ('a')",
        "'devil' has_any ('evil')",
        "'xevil' startswith 'evil'",
        "'10.0.0.11' has '10.0.0.1'",
        "'' contains 'a'",
    ] {
        assert!(!holds(text), "{text}");
    }
}

#[test]
fn numbers_moments_and_spans_are_counted_with() {
    for text in [
        "1 + 2 * 3 == 7 and (1 + 2) * 3 == 9 and 7 / 2 == 3 and 7 / 2.0 == 3.5 and 7 % 4 == 3 and -2 < -1",
        "0x10 == 16 and 1e3 == 1000.0 and int(5) == 5 and long(5) == 5 and real(1.5) == 1.5 and 1 == 1.0",
        "5 between (1 .. 5) and 0 !between (1 .. 5) and 1.5 between (1..2)",
        "now() == datetime(2026-11-24T12:00:00Z) and ago(1h) == datetime('2026-11-24 11:00')",
        "now() - ago(1d) == 1d and 1h + 30m == 1.5h and 1d / 1h == 24.0 and 1h * 2 == 2h and now(-1h) == ago(1h)",
        "datetime(2026-11-24T10:00:00Z) between (ago(2h) .. 1h) and 90m between (1h .. 2h)",
        "bin(datetime(2026-11-24T10:59:59Z), 1h) == datetime(2026-11-24T10:00:00Z) and bin(17, 5) == 15 and bin(-1, 5) == -5",
        "startofday(now()) == datetime(2026-11-24) and endofday(now()) == datetime(2026-11-24T23:59:59.9999999Z)",
        "startofweek(now()) == datetime(2026-11-22) and startofmonth(now(), 1) == datetime(2026-12-01)",
        "datetime_diff('hour', now(), ago(90m)) == 2 and datetime_add('month', 1, datetime(2026-01-31)) == datetime(2026-02-28)",
        "format_datetime(datetime(2026-11-04T09:05:07.1234567Z), 'yyyy-MM-dd HH:mm:ss.fff') == '2026-11-04 09:05:07.123'",
        "todatetime('2026-11-24') == datetime(2026-11-24) and isnull(todatetime('soon')) and totimespan('01:00:00') == 1h",
        "timespan(1.02:03:04) == 1d + 2h + 3m + 4s and time(1h) == 1h",
    ] {
        assert!(holds(text), "{text}");
    }
}

#[test]
fn functions_convert_and_choose() {
    for (expr, value) in [
        ("tolower('AbÄ')", json!("abä")),
        ("toupper('ab')", json!("AB")),
        ("strcat('a', 1, true, '')", json!("a1true")),
        ("strcat_delim('-', 'a', 'b', 3)", json!("a-b-3")),
        ("strlen('Ärger')", json!(5)),
        ("substring('Ärger', 1, 2)", json!("rg")),
        ("substring('abc', -2)", json!("bc")),
        ("substring('abc', 9)", json!("")),
        ("indexof('abcabc', 'ca')", json!(2)),
        ("indexof('abc', 'x')", json!(-1)),
        ("tostring(5)", json!("5")),
        ("tostring(dynamic({\"a\": 1}))", json!("{\"a\":1}")),
        ("tostring(int(null))", json!("")),
        ("toint('12')", json!(12)),
        ("toint('x')", json!(null)),
        ("toint(3000000000)", json!(null)),
        ("tolong(1.9)", json!(1)),
        ("todouble('1.5')", json!(1.5)),
        ("tobool('TRUE')", json!(true)),
        ("iff(1 == 1, 'yes', 'no')", json!("yes")),
        ("iif(bool(null), 'yes', 'no')", json!("no")),
        ("case(false, 1, true, 2, 3)", json!(2)),
        ("case(false, 1, 3)", json!(3)),
        ("coalesce('', 'b')", json!("b")),
        ("coalesce(int(null), 4)", json!(4)),
        ("isempty('')", json!(true)),
        ("isnotempty(' ')", json!(true)),
        ("isnull('')", json!(false)),
        ("isnotnull(1)", json!(true)),
        ("not(1 == 2)", json!(true)),
    ] {
        assert_eq!(worth(expr), value, "{expr}");
    }
}

#[test]
fn functions_look_into_texts_objects_and_addresses() {
    for (expr, value) in [
        ("tostring(split('a.b.c', '.')[1])", json!("b")),
        ("tostring(split('a.b.c', '.')[-1])", json!("c")),
        ("split('a.b.c', '.', 2)", json!("[\"c\"]")),
        ("parse_json('{\"a\": {\"b\": [10, 20]}}').a.b[1]", json!("20")),
        ("parse_json('{\"a b\": \"x\"}')['a b']", json!("x")),
        ("parse_json('no json')", json!("no json")),
        ("dynamic({'a': [1, 'x', null]}).a", json!("[1,\"x\",null]")),
        ("array_length(dynamic([1, 2]))", json!(2)),
        ("set_has_element(dynamic([1, 'a']), 'a')", json!(true)),
        ("replace_string('a-b-c', '-', '+')", json!("a+b+c")),
        ("url_decode('a%20b')", json!("a b")),
        ("tostring(parse_url('https://u@evil.example:8443/a?b=c#d').Host)", json!("evil.example")),
        ("base64_decode_tostring('aGk=')", json!("hi")),
        ("hash_sha256('World')", json!("78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524")),
        ("ipv4_is_in_range('192.168.1.5', '192.168.1.0/24')", json!(true)),
        ("ipv4_is_in_range('192.168.2.5', '192.168.1.0/24')", json!(false)),
        ("ipv4_is_in_range('nothing', '192.168.1.0/24')", json!(null)),
        ("ipv4_is_in_any_range('10.1.1.1', '192.168.0.0/16', '10.0.0.0/8')", json!(true)),
        ("ipv4_is_private('172.16.0.1')", json!(true)),
        ("ipv4_is_private('172.32.0.1')", json!(false)),
        ("ipv6_is_in_range('2001:db8::5', '2001:db8::/32')", json!(true)),
        ("has_ipv4('to 10.0.0.1.', '10.0.0.1')", json!(true)),
        ("has_ipv4('to 10.0.0.11', '10.0.0.1')", json!(false)),
        ("extract('x=([0-9]+)', 1, 'a x=42')", json!("42")),
        ("extract('x=([0-9]+)', 1, 'nothing')", json!("")),
        ("replace_regex('a1b22', @'([0-9]+)', @'<\\1>')", json!("a<1>b<22>")),
        ("trim('--', '----a--b--')", json!("a--b")),
        ("trim_start('[^a-z]+', '12ab3')", json!("ab3")),
        ("trim_end('[^a-z]+', '12ab3')", json!("12ab")),
        ("min_of(3, 1, 2)", json!(1)),
        ("max_of(1, 2.5)", json!(2.5)),
        ("abs(-3)", json!(3)),
        ("round(2.567, 2)", json!(2.57)),
        ("1h + 1tick", json!("01:00:00.0000001")),
    ] {
        assert_eq!(worth(expr), value, "{expr}");
    }
}

#[test]
fn null_is_equal_to_nothing_that_is_known_and_stops_every_other_comparison() {
    for (expr, value) in [
        ("int(null) == 1", json!(false)),
        ("int(null) != 1", json!(true)),
        ("int(null) == int(null)", json!(null)),
        ("int(null) < 1", json!(null)),
        ("int(null) + 1", json!(null)),
        ("1 / 0", json!(null)),
        ("9223372036854775807 + 1", json!(null)),
        ("bool(null) and false", json!(false)),
        ("bool(null) or true", json!(true)),
        ("bool(null) and true", json!(null)),
        ("not(bool(null))", json!(null)),
        ("int(null) in (1, 2)", json!(false)),
    ] {
        assert_eq!(worth(expr), value, "{expr}");
    }
}

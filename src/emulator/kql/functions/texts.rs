//! Functions of texts.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};
use url::{Position, Url};

use crate::emulator::{
    kql::{
        functions::{
            Function, Gives, MANY,
            Takes::{Any, Number, Text},
            or_null, written,
        },
        value::{LONGEST_TEXT, Type, Value},
    },
    noise,
};

const TEXT: Gives = Gives::This(Type::Text);
const LONG: Gives = Gives::This(Type::Long);
const DYNAMIC: Gives = Gives::This(Type::Dynamic);

pub(super) static ALL: &[Function] = &[
    Function {
        name: "tolower",
        takes: &[Text],
        count: (1, 1),
        gives: TEXT,
        run: |a, _| map(&a[0], |text| Value::text(&text.to_lowercase())),
    },
    Function {
        name: "toupper",
        takes: &[Text],
        count: (1, 1),
        gives: TEXT,
        run: |a, _| map(&a[0], |text| Value::text(&text.to_uppercase())),
    },
    Function {
        name: "strlen",
        takes: &[Text],
        count: (1, 1),
        gives: LONG,
        run: |a, _| map(&a[0], |text| place(text.chars().count())),
    },
    Function { name: "strcat", takes: &[Any], count: (1, MANY), gives: TEXT, run: |a, _| joined(a, "") },
    Function {
        name: "strcat_delim",
        takes: &[Text, Any],
        count: (3, MANY + 1),
        gives: TEXT,
        run: |a, _| joined(&a[1..], a[0].as_str().unwrap_or_default()),
    },
    Function { name: "substring", takes: &[Text, Number], count: (2, 3), gives: TEXT, run: |a, _| substring(a) },
    Function {
        name: "indexof",
        takes: &[Text],
        count: (2, 2),
        gives: LONG,
        run: |a, _| {
            pair(a, |text, sought| text.find(sought).map_or(Value::Int(-1), |at| place(text[..at].chars().count())))
        },
    },
    Function { name: "split", takes: &[Text, Text, Number], count: (2, 3), gives: DYNAMIC, run: split },
    Function { name: "replace_string", takes: &[Text], count: (3, 3), gives: TEXT, run: |a, _| replaced(a) },
    Function {
        name: "hash_sha256",
        takes: &[Any],
        count: (1, 1),
        gives: TEXT,
        run: |a, _| map(&written(&a[0]), |text| Value::text(&noise::hex(&Sha256::digest(text.as_bytes())))),
    },
    Function {
        name: "base64_decode_tostring",
        takes: &[Text],
        count: (1, 1),
        gives: TEXT,
        run: |a, _| {
            map(&a[0], |text| {
                let decoded = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
                Value::text(&decoded.unwrap_or_default())
            })
        },
    },
    Function {
        name: "base64_encode_tostring",
        takes: &[Text],
        count: (1, 1),
        gives: TEXT,
        run: |a, _| map(&a[0], |text| Value::text(&STANDARD.encode(text))),
    },
    Function {
        name: "url_decode",
        takes: &[Text],
        count: (1, 1),
        gives: TEXT,
        run: |a, _| map(&a[0], |text| Value::text(&percent_decode_str(text).decode_utf8_lossy())),
    },
    Function { name: "parse_url", takes: &[Text], count: (1, 1), gives: DYNAMIC, run: |a, _| map(&a[0], parsed_url) },
];

fn map(value: &Value, make: fn(&str) -> Value) -> Value {
    value.as_str().map_or(Value::Null, make)
}

fn pair(arguments: &[Value], make: fn(&str, &str) -> Value) -> Value {
    match (arguments[0].as_str(), arguments[1].as_str()) {
        (Some(a), Some(b)) => make(a, b),
        _ => Value::Null,
    }
}

fn place(count: usize) -> Value {
    or_null(i64::try_from(count).ok(), Value::Int)
}

fn joined(parts: &[Value], between: &str) -> Value {
    let mut text = String::new();
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            text.push_str(between);
        }
        text.push_str(written(part).as_str().unwrap_or_default());
        if text.len() > LONGEST_TEXT {
            text.truncate(text.floor_char_boundary(LONGEST_TEXT));
            break;
        }
    }
    Value::text(&text)
}

fn substring(arguments: &[Value]) -> Value {
    let Some(text) = arguments[0].as_str() else { return Value::Null };
    let count = |at: usize| arguments.get(at).and_then(Value::as_int);
    let Some(from) = count(1) else { return Value::text("") };
    // A negative start counts from the end.
    let from = if from < 0 {
        let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
        length.saturating_add(from).max(0)
    } else {
        from
    };
    let size = |number: i64| usize::try_from(number).unwrap_or(0);
    let length = count(2).filter(|length| *length >= 0).map_or(usize::MAX, size);
    Value::text(&text.chars().skip(size(from)).take(length).collect::<String>())
}

fn split(arguments: &[Value], _: Timestamp) -> Value {
    let (Some(text), Some(between)) = (arguments[0].as_str(), arguments[1].as_str()) else { return Value::Null };
    let item = |part: &str| Json::String(part.to_owned());
    let items: Vec<Json> = if between.is_empty() { vec![item(text)] } else { text.split(between).map(item).collect() };
    let wanted = match arguments.get(2).and_then(Value::as_int) {
        None => items,
        Some(at) => usize::try_from(at).ok().and_then(|at| items.into_iter().nth(at)).into_iter().collect(),
    };
    Value::dynamic(Json::Array(wanted))
}

fn replaced(arguments: &[Value]) -> Value {
    match (arguments[0].as_str(), arguments[1].as_str(), arguments[2].as_str()) {
        (Some(text), Some(""), Some(_)) => Value::text(text),
        (Some(text), Some(old), Some(new)) => {
            let mut made = String::new();
            for (at, part) in text.split(old).enumerate() {
                if at > 0 {
                    made.push_str(new);
                }
                made.push_str(part);
                if made.len() > LONGEST_TEXT {
                    made.truncate(made.floor_char_boundary(LONGEST_TEXT));
                    break;
                }
            }
            Value::text(&made)
        }
        _ => Value::Null,
    }
}

fn parsed_url(text: &str) -> Value {
    let Ok(url) = Url::parse(text) else { return Value::dynamic(Json::Object(Map::new())) };
    let parameters: Map<String, Json> =
        url.query_pairs().map(|(name, value)| (name.into_owned(), Json::String(value.into_owned()))).collect();
    let port = url.port().map(|port| port.to_string()).unwrap_or_default();
    let text = |part: &str| Json::String(part.to_owned());
    let entries = [
        ("Scheme", text(url.scheme())),
        ("Host", text(url.host_str().unwrap_or_default())),
        ("Port", Json::String(port)),
        ("Path", text(&url[Position::BeforePath..Position::AfterPath])),
        ("Username", text(url.username())),
        ("Password", text(url.password().unwrap_or_default())),
        ("Query Parameters", Json::Object(parameters)),
        ("Fragment", text(url.fragment().unwrap_or_default())),
    ];
    Value::dynamic(Json::Object(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
}

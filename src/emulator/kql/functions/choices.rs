//! Functions that choose between values, convert them, and look into dynamic ones.

use std::cmp::Ordering;

use serde_json::Value as Json;

use crate::emulator::kql::{
    dynamic,
    functions::{
        Function, Gives, MANY,
        Takes::{Any, Bool, Dynamic, Number, Text},
        or_null, real, truth, whole, written,
    },
    value::{Type, Value},
};

pub(super) static ALL: &[Function] = &[
    Function {
        name: "not",
        takes: &[Bool],
        count: (1, 1),
        gives: Gives::This(Type::Bool),
        run: |a, _| or_null(a[0].as_bool(), |holds| Value::Bool(!holds)),
    },
    Function { name: "iff", takes: &[Any], count: (3, 3), gives: Gives::Branches, run: |a, _| branch(a) },
    Function { name: "iif", takes: &[Any], count: (3, 3), gives: Gives::Branches, run: |a, _| branch(a) },
    Function { name: "case", takes: &[Any], count: (3, MANY + 1), gives: Gives::Branches, run: |a, _| branch(a) },
    Function {
        name: "coalesce",
        takes: &[Any],
        count: (2, MANY),
        gives: Gives::Common,
        run: |a, _| a.iter().find(|value| !is_empty(value)).or(a.last()).cloned().unwrap_or(Value::Null),
    },
    Function {
        name: "isempty",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Bool),
        run: |a, _| Value::Bool(is_empty(&a[0])),
    },
    Function {
        name: "isnotempty",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Bool),
        run: |a, _| Value::Bool(!is_empty(&a[0])),
    },
    Function {
        name: "notempty",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Bool),
        run: |a, _| Value::Bool(!is_empty(&a[0])),
    },
    Function {
        name: "isnull",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Bool),
        run: |a, _| Value::Bool(a[0] == Value::Null),
    },
    Function {
        name: "isnotnull",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Bool),
        run: |a, _| Value::Bool(a[0] != Value::Null),
    },
    Function {
        name: "notnull",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Bool),
        run: |a, _| Value::Bool(a[0] != Value::Null),
    },
    Function {
        name: "tostring",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Text),
        run: |a, _| written(&a[0]),
    },
    Function {
        name: "toint",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Int),
        run: |a, _| or_null(whole(&a[0]).filter(|number| i32::try_from(*number).is_ok()), Value::Int),
    },
    Function {
        name: "tolong",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Long),
        run: |a, _| or_null(whole(&a[0]), Value::Int),
    },
    Function {
        name: "toreal",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Real),
        run: |a, _| or_null(real(&a[0]), Value::Real),
    },
    Function {
        name: "todouble",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Real),
        run: |a, _| or_null(real(&a[0]), Value::Real),
    },
    Function {
        name: "tobool",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Bool),
        run: |a, _| or_null(truth(&a[0]), Value::Bool),
    },
    Function {
        name: "parse_json",
        takes: &[Text],
        count: (1, 1),
        gives: Gives::This(Type::Dynamic),
        run: |a, _| json(&a[0]),
    },
    Function {
        name: "parsejson",
        takes: &[Text],
        count: (1, 1),
        gives: Gives::This(Type::Dynamic),
        run: |a, _| json(&a[0]),
    },
    Function {
        name: "todynamic",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Dynamic),
        run: |a, _| json(&a[0]),
    },
    Function {
        name: "array_length",
        takes: &[Dynamic],
        count: (1, 1),
        gives: Gives::This(Type::Long),
        run: |a, _| length(&a[0]),
    },
    Function {
        name: "bag_keys",
        takes: &[Dynamic],
        count: (1, 1),
        gives: Gives::This(Type::Dynamic),
        run: |a, _| keys(&a[0]),
    },
    Function {
        name: "set_has_element",
        takes: &[Dynamic, Any],
        count: (2, 2),
        gives: Gives::This(Type::Bool),
        run: |a, _| holds_element(a),
    },
    Function {
        name: "abs",
        takes: &[Number],
        count: (1, 1),
        gives: Gives::First,
        run: |a, _| match &a[0] {
            Value::Int(number) => or_null(number.checked_abs(), Value::Int),
            other => or_null(other.as_real().map(f64::abs), Value::Real),
        },
    },
    Function { name: "round", takes: &[Number], count: (1, 2), gives: Gives::This(Type::Real), run: |a, _| rounded(a) },
    Function {
        name: "min_of",
        takes: &[Any],
        count: (2, MANY),
        gives: Gives::Common,
        run: |a, _| extreme(a, Ordering::Less),
    },
    Function {
        name: "max_of",
        takes: &[Any],
        count: (2, MANY),
        gives: Gives::Common,
        run: |a, _| extreme(a, Ordering::Greater),
    },
];

/// Whether there is nothing in it: no value, or no text.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        value => value.as_str().is_some_and(str::is_empty),
    }
}

fn branch(arguments: &[Value]) -> Value {
    for pair in arguments.chunks(2) {
        match pair {
            [condition, then] if condition.as_bool() == Some(true) => return then.clone(),
            [otherwise] => return otherwise.clone(),
            _ => {}
        }
    }
    Value::Null
}

fn extreme(arguments: &[Value], wanted: Ordering) -> Value {
    let mut found = Value::Null;
    for value in arguments.iter().filter(|value| **value != Value::Null) {
        if found == Value::Null || value.compare(&found) == Some(wanted) {
            found = value.clone();
        }
    }
    found
}

fn rounded(arguments: &[Value]) -> Value {
    let digits = arguments.get(1).and_then(Value::as_int).unwrap_or(0).clamp(-15, 15);
    let power = 10_f64.powi(i32::try_from(digits).unwrap_or_default());
    or_null(arguments[0].as_real().map(|real| (real * power).round() / power), Value::Real)
}

fn length(value: &Value) -> Value {
    match value {
        Value::Dynamic(json) => or_null(json.as_array().and_then(|items| i64::try_from(items.len()).ok()), Value::Int),
        _ => Value::Null,
    }
}

fn keys(value: &Value) -> Value {
    match value {
        Value::Dynamic(json) => or_null(json.as_object(), |entries| {
            Value::dynamic(Json::Array(entries.keys().cloned().map(Json::String).collect()))
        }),
        _ => Value::Null,
    }
}

fn holds_element(arguments: &[Value]) -> Value {
    let Value::Dynamic(json) = &arguments[0] else { return Value::Null };
    let Some(items) = json.as_array() else { return Value::Null };
    let sought = arguments[1].key();
    Value::Bool(items.iter().any(|item| dynamic::key(item) == sought))
}

/// A text as JSON; what is dynamic is so already.
fn json(value: &Value) -> Value {
    match value {
        Value::Text(text) if text.is_empty() => Value::Null,
        Value::Text(text) => dynamic::parsed(text),
        Value::Dynamic(json) => match json.as_ref() {
            Json::String(text) => dynamic::parsed(text),
            _ => value.clone(),
        },
        value => Value::dynamic(dynamic::of(value)),
    }
}

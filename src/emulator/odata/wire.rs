//! A row in the shape in which it is sent: a JSON object is asked for its properties by their paths.

use serde_json::{Map, Value as Json};

use crate::emulator::odata::{
    literal,
    schema::{Column, Path, Row, Schema},
    value::{Type, Value},
};

impl Row for Map<String, Json> {
    /// Nothing: the dialects that have such rows name no columns.
    fn value(&self, _column: Column) -> Value {
        Value::Null
    }

    fn at(&self, path: &Path) -> Value {
        let Some((first, rest)) = path.names.split_first() else { return Value::Parts };
        self.get(*first).and_then(|json| below(json, rest)).map_or(Value::Null, |json| value(json, path.of))
    }

    fn items(&self, path: &Path) -> &[Json] {
        let Some((first, rest)) = path.names.split_first() else { return &[] };
        self.get(*first).and_then(|json| below(json, rest)).and_then(Json::as_array).map_or(&[], Vec::as_slice)
    }
}

/// What `names` lead to from `json` on.
pub(super) fn below<'a>(json: &'a Json, names: &[&str]) -> Option<&'a Json> {
    names.iter().try_fold(json, |json, name| json.get(*name))
}

/// What `json` is worth as a value of type `of`; null where it is none.
pub(super) fn value(json: &Json, of: Type) -> Value {
    match (of, json) {
        (Type::Bool, Json::Bool(on)) => Value::Bool(*on),
        (Type::Int | Type::Real, Json::Number(number)) => {
            let whole = number.as_i64().map(Value::Int);
            whole.or_else(|| number.as_f64().map(Value::Real)).unwrap_or(Value::Null)
        }
        (Type::Text, Json::String(text)) => Value::Text(text.clone()),
        (Type::Time, Json::String(text)) => literal::moment(text).map_or(Value::Null, Value::Time),
        (Type::Date, Json::String(text)) => text.parse().map_or(Value::Null, Value::Date),
        (Type::Duration, Json::String(text)) => literal::duration(text).map_or(Value::Null, Value::Duration),
        (Type::Guid, Json::String(text)) => Value::Text(text.to_ascii_lowercase()),
        // A member that the enumeration does not know equals nothing, but is not null either.
        (Type::Enum(enumeration), Json::String(text)) => {
            enumeration.read(text).map_or_else(|| Value::Text(text.clone()), |member| Value::Enum(enumeration, member))
        }
        (Type::Complex(_), Json::Object(_)) | (Type::Many(_), Json::Array(_)) => Value::Parts,
        _ => Value::Null,
    }
}

/// The members of `row` that a `$select` leaves, in their order; what is about the row, and not of it (`@odata.type`),
/// stays.
pub(in crate::emulator) fn selected(
    row: Map<String, Json>,
    schema: &Schema,
    select: Option<&[usize]>,
) -> Map<String, Json> {
    let Some(select) = select else { return row };
    let chosen = |name: &str| schema.property(name).is_some_and(|(place, _)| select.contains(&place));
    row.into_iter().filter(|(name, _)| name.starts_with('@') || chosen(name)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::emulator::odata::{
        schema::{Dialect, Rules},
        value::Enumeration,
    };

    static LEVEL: Enumeration = Enumeration { name: "Test.Level", members: &["low", "high"] };
    static RULES: Rules = Rules::of(Dialect::Graph);
    static SCHEMA: Schema = Schema::of("Test.Row", &[("id", Type::Text), ("count", Type::Int)], &RULES);

    #[test]
    fn json_is_worth_what_its_property_s_type_says() {
        for (json, of, worth) in [
            (json!("a"), Type::Text, Value::Text("a".into())),
            (json!(1), Type::Int, Value::Int(1)),
            (json!(1.5), Type::Int, Value::Real(1.5)),
            (json!(u64::MAX), Type::Int, Value::Real(18_446_744_073_709_551_615.0)),
            (json!("HIGH"), Type::Enum(&LEVEL), Value::Enum(&LEVEL, 1)),
            (json!("huge"), Type::Enum(&LEVEL), Value::Text("huge".into())),
            (json!([1]), Type::Many(&Type::Int), Value::Parts),
            (json!({}), Type::Complex(&SCHEMA), Value::Parts),
            (json!("never"), Type::Time, Value::Null),
            (json!("1"), Type::Int, Value::Null),
            (json!(1), Type::Text, Value::Null),
            (json!(null), Type::Many(&Type::Int), Value::Null),
        ] {
            assert_eq!(value(&json, of), worth, "{json} as {of:?}");
        }
    }

    #[test]
    fn a_selection_keeps_the_order_of_the_row_and_what_is_about_it() {
        let row = json!({"@odata.type": "#x", "id": "1", "count": 2, "stranger": 3});
        let Json::Object(row) = row else { panic!("an object") };
        let selected = selected(row, &SCHEMA, Some(&[1]));
        assert_eq!(Json::Object(selected).to_string(), r##"{"@odata.type":"#x","count":2}"##);
    }
}

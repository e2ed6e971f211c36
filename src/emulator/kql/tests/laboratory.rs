//! A small database for the tests of the language, and queries of it in one line.

use jiff::Timestamp;
use serde_json::Value as Json;

use crate::emulator::kql::{
    Catalogue, Columns, Limits, QueryError, Source, execute, program, query,
    value::{Row, Type, Value},
};

/// One table of events, one of devices; a third has no rows.
pub(super) struct Database;

fn at(text: &str) -> Value {
    Value::Time(text.parse().expect("a moment"))
}

impl Catalogue for Database {
    fn columns(&self, table: &str) -> Option<Columns> {
        let columns: &[(&str, Type)] = match table {
            "Events" => &[
                ("Timestamp", Type::Time),
                ("Device", Type::Text),
                ("Host", Type::Text),
                ("Port", Type::Int),
                ("Size", Type::Long),
                ("Ratio", Type::Real),
                ("Fine", Type::Bool),
                ("More", Type::Dynamic),
            ],
            "Devices" => &[("Device", Type::Text), ("System", Type::Text), ("Port", Type::Int)],
            "Empty" => &[("Timestamp", Type::Time), ("Host", Type::Text)],
            _ => return None,
        };
        Some(columns.iter().map(|(name, of)| ((*name).to_owned(), *of)).collect())
    }

    fn names(&self) -> Vec<&'static str> {
        vec!["Events", "Devices", "Empty"]
    }
}

impl Source for Database {
    fn rows(&self, table: &str) -> Vec<Row> {
        let text = Value::text;
        match table {
            "Events" => vec![
                vec![
                    at("2026-11-24T10:00:00Z"),
                    text("pc1"),
                    text("www.Evil.example"),
                    Value::Int(80),
                    Value::Int(10),
                    Value::Real(0.5),
                    Value::Bool(true),
                    Value::dynamic(serde_json::json!({"a": {"b": ["x", "y"]}, "n": 7})),
                ],
                vec![
                    at("2026-11-24T11:00:00Z"),
                    text("pc1"),
                    text("devil.example"),
                    Value::Int(443),
                    Value::Int(20),
                    Value::Null,
                    Value::Null,
                    Value::Null,
                ],
                vec![
                    at("2026-11-24T11:30:00.1234567Z"),
                    text("pc2"),
                    text(""),
                    Value::Null,
                    Value::Null,
                    Value::Real(-2.5),
                    Value::Bool(false),
                    Value::dynamic(serde_json::json!([1, 2])),
                ],
            ],
            "Devices" => vec![
                vec![text("pc1"), text("Windows11"), Value::Int(80)],
                vec![text("pc3"), text("Linux"), Value::Int(22)],
            ],
            _ => Vec::new(),
        }
    }
}

pub(super) fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().expect("a moment")
}

pub(super) fn try_run(text: &str) -> Result<(Columns, Vec<Row>), QueryError> {
    let program = program(&query(text)?, &Database)?;
    let rows = execute(&program, &Database, now(), Limits { work: 1_000_000, rows: 1_000 })?;
    Ok((program.columns().clone(), rows))
}

/// The rows of a query in JSON, as a result has them.
pub(super) fn rows(text: &str) -> Json {
    let (_, rows) = try_run(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    rows.iter().map(|row| row.iter().map(Value::to_json).collect::<Json>()).collect()
}

/// The names of the columns of a query, each with its type.
pub(super) fn columns(text: &str) -> String {
    let (columns, _) = try_run(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    columns.iter().map(|(name, of)| format!("{name}:{}", of.name())).collect::<Vec<_>>().join(" ")
}

/// How a query is refused.
pub(super) fn refused(text: &str) -> QueryError {
    match try_run(text) {
        Err(error) => error,
        Ok((_, rows)) => panic!("{text} was answered: {rows:?}"),
    }
}

/// What one expression is worth, on no row.
pub(super) fn worth(expr: &str) -> Json {
    rows(&format!("print x = {expr}"))[0][0].clone()
}

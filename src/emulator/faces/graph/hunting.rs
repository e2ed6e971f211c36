//! Advanced hunting: a query, and the schema that queries are written against.

use serde_json::{Map, Value, json};

use crate::emulator::{
    answer::Answer,
    faces::graph::{Visit, body, refusal::Refusal, reply},
    hunting::{self, tables},
    kql::value::Value as Cell,
};

/// Runs a query. Working clients write the names of the body's members in either letter case.
pub(super) fn run(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let members = body::object(visit.call.request)?;
    let query = body::any_case(&members, "query").and_then(Value::as_str).filter(|query| !query.trim().is_empty());
    let query = query.ok_or_else(|| Refusal::bad("The query field is required."))?;
    let span = match body::any_case(&members, "timespan") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.trim().is_empty() => None,
        Some(given) => {
            let span = given.as_str().and_then(hunting::timespan);
            Some(span.ok_or_else(|| Refusal::bad("The timespan is not a valid ISO 8601 interval."))?)
        }
    };
    let table = hunting::run(visit.tenant, query, span, visit.now).map_err(|error| Refusal::bad(error.sentence()))?;
    let schema: Vec<_> = table.columns.iter().map(|(name, of)| json!({"name": name, "type": of.wire_name()})).collect();
    let row = |row: &Vec<Cell>| {
        let cells = table.columns.iter().zip(row).map(|((name, _), value)| (name.clone(), value.to_json()));
        Value::Object(cells.collect::<Map<_, _>>())
    };
    let results: Vec<_> = table.rows.iter().map(row).collect();
    let context = visit.context("microsoft.graph.security.huntingQueryResults");
    Ok(reply::json(200, &json!({"@odata.context": context, "schema": schema, "results": results})))
}

/// Which tables there are, with their columns, and which functions: none that anybody saved.
pub(super) fn schema(visit: &Visit<'_>) -> Answer {
    let table = |name: &str| {
        let columns = tables::columns(name);
        let columns: Vec<_> =
            columns.into_iter().flatten().map(|(name, of)| json!({"name": name, "type": of.wire_name()})).collect();
        json!({"name": name, "columns": columns})
    };
    let tables: Vec<_> = tables::names().map(table).collect();
    reply::json(
        200,
        &json!({
            "@odata.context": visit.context("microsoft.graph.security.huntingSchemaResult"),
            "functions": {"builtInFunctions": [], "savedFunctions": []}, "tables": tables,
        }),
    )
}

//! Advanced hunting: a query, in the older form and in that of Defender XDR.

use serde_json::{Map, Value, json};

use crate::emulator::{
    answer::Answer,
    faces::endpoint::{
        Visit,
        body::{self, Body},
        refusal::Refusal,
    },
    hunting,
    kql::value::Value as Cell,
};

/// `POST /api/advancedqueries/run`, and `POST /api/advancedhunting/run` of Defender XDR. The statistics are recorded of
/// the latter; the documentation of both leaves them out.
pub(super) fn run(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let sent = body::json(visit.call.request)?;
    let query = Body::of(&sent)?.query("Query")?;
    if query.trim().is_empty() {
        return Err(Refusal::missing("Query"));
    }
    let table = hunting::run(visit.tenant, query, None, visit.now)
        .map_err(|error| Refusal::bad("BadRequest", error.sentence()))?;
    let schema: Vec<_> = table.columns.iter().map(|(name, of)| json!({"Name": name, "Type": of.wire_name()})).collect();
    let row = |row: &Vec<Cell>| {
        let cells = table.columns.iter().zip(row).map(|((name, _), value)| (name.clone(), value.to_json()));
        Value::Object(cells.collect::<Map<_, _>>())
    };
    let results: Vec<_> = table.rows.iter().map(row).collect();
    let stats = json!({
        "ExecutionTime": 0.015_625,
        "resource_usage": {
            "cache": {"memory": null, "disk": null},
            "cpu": {"user": "00:00:00", "kernel": "00:00:00", "total cpu": "00:00:00"},
            "memory": {"peak_per_node": 0},
        },
        "dataset_statistics": [{"table_row_count": results.len(), "table_size": 0}],
    });
    // Recorded of XDR's form: no OData here.
    Ok(Answer::json(200, &json!({"Stats": stats, "Schema": schema, "Results": results}))
        .with("vary", "Accept-Encoding"))
}

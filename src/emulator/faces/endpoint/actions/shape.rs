//! A machine action as it is written: the documented members, in their order.

use serde_json::{Value, json};

use crate::emulator::{
    faces::{
        endpoint::{Visit, reply::Row},
        written_time,
    },
    odata::{
        schema::{Allowed, Dialect, Rules, Schema},
        value::{Enumeration, Type},
    },
    tenant::actions::{Action, LIVE_RESPONSE, Progress, Status, Step},
};

static STATUS: Enumeration = Enumeration {
    name: "microsoft.windowsDefenderATP.api.MachineActionStatus",
    members: &["Pending", "InProgress", "Succeeded", "Failed", "TimeOut", "Cancelled"],
};

static RULES: Rules = Rules {
    dialect: Dialect::Endpoint,
    // The last is not documented, but what a widely used integration polls by.
    filter: Allowed::Documented(&[
        "status",
        "machineId",
        "type",
        "requestor",
        "creationDateTimeUtc",
        "lastUpdateDateTimeUtc",
    ]),
    order: Allowed::All,
    expand: &[],
    most_top: Some(10_000),
};

static PARAM: Schema = Schema::of(
    "microsoft.windowsDefenderATP.api.LiveResponseCommandParam",
    &[("key", Type::Text), ("value", Type::Text)],
    &RULES,
);

static ORDER: Schema = Schema::of(
    "microsoft.windowsDefenderATP.api.LiveResponseCommand",
    &[("type", Type::Text), ("params", Type::Many(&Type::Complex(&PARAM)))],
    &RULES,
);

static COMMAND: Schema = Schema::of(
    "microsoft.windowsDefenderATP.api.LiveResponseCommandStatus",
    &[
        ("index", Type::Int),
        ("startTime", Type::Time),
        ("endTime", Type::Time),
        ("commandStatus", Type::Text),
        ("errors", Type::Many(&Type::Text)),
        ("command", Type::Complex(&ORDER)),
    ],
    &RULES,
);

static FILE: Schema = Schema::of(
    "microsoft.windowsDefenderATP.api.FileMachineActionInfo",
    &[("fileIdentifier", Type::Text), ("fileIdentifierType", Type::Text)],
    &RULES,
);

/// The properties of a machine action.
pub(in crate::emulator::faces::endpoint) static ACTION: Schema = Schema::of(
    "microsoft.windowsDefenderATP.api.MachineAction",
    &[
        ("id", Type::Guid),
        ("type", Type::Text),
        ("title", Type::Text),
        ("scope", Type::Text),
        ("requestor", Type::Text),
        ("requestSource", Type::Text),
        ("requestorComment", Type::Text),
        ("cancellationRequestor", Type::Text),
        ("cancellationComment", Type::Text),
        ("cancellationDateTimeUtc", Type::Time),
        ("status", Type::Enum(&STATUS)),
        ("machineId", Type::Text),
        ("computerDnsName", Type::Text),
        ("creationDateTimeUtc", Type::Time),
        ("lastUpdateDateTimeUtc", Type::Time),
        ("errorHResult", Type::Int),
        ("externalId", Type::Text),
        ("troubleshootInfo", Type::Text),
        ("relatedFileInfo", Type::Complex(&FILE)),
        ("commands", Type::Many(&Type::Complex(&COMMAND))),
    ],
    &RULES,
);

/// The action as it is written.
pub(super) fn row(visit: &Visit<'_>, action: &Action) -> Row {
    ACTION.properties.iter().map(|(name, _)| ((*name).to_owned(), member(visit, action, name))).collect()
}

fn member(visit: &Visit<'_>, action: &Action, name: &str) -> Value {
    let (order, cancellation) = (&action.order, action.cancellation.as_ref());
    match name {
        "id" => json!(action.id),
        "type" => json!(order.kind),
        "scope" => json!(order.scope),
        "requestor" => json!(order.by),
        "requestSource" => json!("PublicApi"),
        "requestorComment" => json!(order.comment),
        "cancellationRequestor" => json!(cancellation.map(|cancellation| &cancellation.by)),
        "cancellationComment" => json!(cancellation.map(|cancellation| &cancellation.comment)),
        "cancellationDateTimeUtc" => json!(cancellation.map(|cancellation| written_time(cancellation.at))),
        "status" => json!(word(action.status(visit.now))),
        "machineId" => json!(action.device.id),
        "computerDnsName" => json!(action.device.name.to_lowercase()),
        "creationDateTimeUtc" => json!(written_time(action.created_at)),
        "lastUpdateDateTimeUtc" => json!(written_time(action.updated_at(visit.now))),
        "errorHResult" => json!(0),
        "externalId" => json!(order.external_id),
        "relatedFileInfo" => order
            .file
            .as_ref()
            .map_or(Value::Null, |sha1| json!({"fileIdentifier": sha1, "fileIdentifierType": "Sha1"})),
        "commands" => Value::Array(if order.kind == LIVE_RESPONSE { commands(visit, action) } else { Vec::new() }),
        _ => Value::Null,
    }
}

fn commands(visit: &Visit<'_>, action: &Action) -> Vec<Value> {
    let steps = action.order.steps.iter().zip(action.progress(visit.now)).enumerate();
    let command = |(index, (step, Progress { begun, ended })): (usize, (&Step, Progress))| {
        let error = step.error.as_ref().filter(|_| ended.is_some());
        let status = match (ended, error) {
            (None, _) => "Created",
            (Some(_), None) => "Completed",
            (Some(_), Some(_)) => "Failed",
        };
        let params: Vec<_> = step.params.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
        json!({
            "index": index, "startTime": begun.map(written_time), "endTime": ended.map(written_time),
            "commandStatus": status, "errors": error.into_iter().collect::<Vec<_>>(),
            "command": {"type": step.command, "params": params},
        })
    };
    steps.map(command).collect()
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Pending => "Pending",
        Status::InProgress => "InProgress",
        Status::Succeeded => "Succeeded",
        Status::Failed => "Failed",
        Status::TimeOut => "TimeOut",
        Status::Cancelled => "Cancelled",
    }
}

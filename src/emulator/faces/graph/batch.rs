//! Many requests in one: each is answered for itself, in its own order, and throttled for itself.
//!
//! A request that depends on others waits for them, and is answered with 424 when one of them failed.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use crate::emulator::{
    answer::{Answer, Request},
    faces::{
        Call,
        graph::{Visit, body, refusal::Refusal, reply, serve},
    },
    faults::{exchange::instead_of_part, rule::Subject},
};

/// How many requests may be in one.
const MOST: usize = 20;

/// A request of a batch.
struct Part {
    id: String,
    request: Request,
    depends_on: Vec<String>,
}

/// Answers every request of a batch.
pub(super) fn answer(visit: &mut Visit<'_>) -> Result<Answer, Refusal> {
    let parts = parts(visit)?;
    let mut statuses: BTreeMap<String, u16> = BTreeMap::new();
    let mut responses = Vec::new();
    let mut waiting: Vec<_> = parts.iter().collect();
    // Every round answers one request at least, as nothing depends on itself.
    while !waiting.is_empty() {
        let ready = |part: &&Part| part.depends_on.iter().all(|id| statuses.contains_key(id));
        let Some(at) = waiting.iter().position(ready) else {
            return Err(Refusal::bad("The dependsOn of the requests form a circle."));
        };
        let part = waiting.remove(at);
        let failed = part.depends_on.iter().any(|id| statuses.get(id).is_some_and(|status| *status >= 400));
        let answer = if failed { failed_dependency() } else { respond(visit, part) };
        statuses.insert(part.id.to_ascii_lowercase(), answer.status);
        responses.push(written(&part.id, &answer));
    }
    Ok(reply::json(200, &json!({"responses": responses})))
}

fn parts(visit: &Visit<'_>) -> Result<Vec<Part>, Refusal> {
    let members = body::object(visit.call.request)?;
    let requests = members.get("requests").and_then(Value::as_array);
    let requests = requests.ok_or_else(|| Refusal::bad("Invalid batch payload format."))?;
    if requests.is_empty() || requests.len() > MOST {
        return Err(Refusal::bad(format!("Number of batch request steps must be between 1 and {MOST}.")));
    }
    let parts: Vec<_> = requests.iter().map(|request| part(visit, request)).collect::<Result<_, _>>()?;
    let ids: BTreeSet<_> = parts.iter().map(|part| part.id.to_ascii_lowercase()).collect();
    if ids.len() != parts.len() {
        return Err(Refusal::bad("Request ids of a batch must be unique."));
    }
    let stranger = parts.iter().flat_map(|part| &part.depends_on).find(|id| !ids.contains(*id));
    match stranger {
        Some(_) => Err(Refusal::bad("A dependsOn of the batch names a request that is not in it.")),
        None => Ok(parts),
    }
}

fn part(visit: &Visit<'_>, request: &Value) -> Result<Part, Refusal> {
    let invalid = || Refusal::bad("Invalid batch payload format.");
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    let (id, method, url) =
        (text("id").ok_or_else(invalid)?, text("method").ok_or_else(invalid)?, text("url").ok_or_else(invalid)?);
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let given = request.get("headers").and_then(Value::as_object);
    let mut headers: Vec<_> = given
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| value.as_str().map(|value| (name.to_ascii_lowercase(), value.to_owned())))
        .collect();
    let sent = visit.call.request;
    let own_token = headers.iter().any(|(name, _)| name == "authorization");
    let token = sent.header("authorization").filter(|_| !own_token);
    headers.extend(token.map(|token| ("authorization".to_owned(), token.to_owned())));
    let body = match request.get("body") {
        None | Some(Value::Null) => Vec::new(),
        Some(body) => body.to_string().into_bytes(),
    };
    let depends_on = match request.get("dependsOn") {
        None | Some(Value::Null) => Vec::new(),
        Some(list) => list
            .as_array()
            .and_then(|ids| ids.iter().map(|id| id.as_str().map(str::to_ascii_lowercase)).collect::<Option<_>>())
            .ok_or_else(invalid)?,
    };
    let request = Request {
        method: method.to_owned(),
        path: format!("/{}/{}", visit.version.as_str(), path.trim_start_matches('/')),
        query: query.to_owned(),
        headers,
        body,
        host: sent.host.clone(),
        port: sent.port,
        scheme: sent.scheme,
        proxied: sent.proxied,
    };
    Ok(Part { id: id.to_owned(), request, depends_on })
}

fn respond(visit: &mut Visit<'_>, part: &Part) -> Answer {
    let segments = part.request.path.split('/').filter(|segment| !segment.is_empty());
    let rest: Vec<_> = segments.map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned()).collect();
    if rest.last().is_some_and(|last| last.eq_ignore_ascii_case("$batch")) {
        let body = json!({"error": {"code": "BadRequest", "message": "A batch cannot be part of a batch."}});
        return Answer::json(400, &body);
    }
    let text = String::from_utf8_lossy(&part.request.body);
    let Request { method, path, .. } = &part.request;
    let faults = visit.tenant.faults.applying(&Subject::Part { face: "graph", method, path, text: &text }, visit.now);
    if let Some(answer) = instead_of_part(&faults) {
        return answer;
    }
    let (base, alert_page) = (visit.call.base.clone(), visit.call.alert_page.clone());
    let call = Call { request: &part.request, rest, base, alert_page };
    serve(visit.tenant, &call, visit.now)
}

fn failed_dependency() -> Answer {
    Answer::json(
        424,
        &json!({"error": {
            "code": "FailedDependency", "message": "A request that this one depends on failed.",
        }}),
    )
}

/// An answer as it stands among the others: what is JSON is JSON, and what is not is a text of Base64.
fn written(id: &str, answer: &Answer) -> Value {
    use base64::{Engine, engine::general_purpose::STANDARD};

    let headers = answer.headers.iter().map(|(name, value)| (header_name(name), json!(value)));
    let mut response = json!({"id": id, "status": answer.status, "headers": headers.collect::<Map<_, _>>()});
    if !answer.body.is_empty() {
        response["body"] =
            serde_json::from_slice(&answer.body).unwrap_or_else(|_| json!(STANDARD.encode(&answer.body)));
    }
    response
}

/// A header's name as the documentation's samples write it.
fn header_name(name: &str) -> String {
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    match name {
        "content-type" | "location" | "retry-after" => name.split('-').map(capital).collect::<Vec<_>>().join("-"),
        "odata-version" => "OData-Version".to_owned(),
        other => other.to_owned(),
    }
}

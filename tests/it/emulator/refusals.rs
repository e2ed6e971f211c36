//! What the threat intelligence API does not take, and in which words.

use serde_json::{Value, json};

use crate::emulator::{Lab, Seen, definition, indicator};

/// The words of an invalid model.
fn inner(seen: &Seen) -> String {
    let error = seen.json()["error"].clone();
    assert_eq!(error["message"], json!("The request is invalid."), "{}", seen.text);
    assert_eq!((&error["code"], &error["innererror"]["type"]), (&json!(""), &json!("")));
    let text = error["innererror"]["message"].as_str().expect("a text");
    text.strip_suffix("\r\n").expect("a line's end").to_owned()
}

#[tokio::test]
async fn without_a_good_token_the_stock_text_comes() {
    let lab = Lab::new().await;
    let url = format!("{}AlertDefinitions", lab.details.legacy_api);
    for authorization in [None, Some("Bearer"), Some("Bearer nonsense"), Some("Basic eDp5"), Some("")] {
        let mut request = lab.client.get(&url);
        if let Some(authorization) = authorization {
            request = request.header("Authorization", authorization);
        }
        let seen = Seen::of(request.send().await.expect("an answer")).await;
        assert_eq!(seen.status, 401, "{authorization:?}");
        assert_eq!(seen.text, r#"{"Message":"Authorization has been denied for this request."}"#);
        assert_eq!((seen.header("www-authenticate"), seen.text.len()), ("Bearer", 61));
    }
}

#[tokio::test]
async fn a_bad_definition_is_refused_in_the_framework_s_words() {
    let lab = Lab::new().await;
    let with = |name: &str, value: Value| {
        let mut body = definition();
        body[name] = value;
        body
    };
    let of = "ThreatIntelligence";
    let cases = [
        (
            with("Nope", json!(1)),
            format!(
                "The property 'Nope' does not exist on type '{of}.AlertDefinition'. Make sure to only use property \
                 names that are defined by the type."
            ),
        ),
        (with("name", json!("x")), format!("The property 'name' does not exist on type '{of}.AlertDefinition'.")),
        (
            with("Title", Value::Null),
            "A null value was found for the property named 'Title', which has the expected type \
             'Edm.String[Nullable=False]'. The expected type 'Edm.String[Nullable=False]' does not allow null values."
                .to_owned(),
        ),
        (with("Severity", json!("Huge")), "Requested value 'Huge' was not found.".to_owned()),
        (
            with("Enabled", json!("yes")),
            "Cannot convert the literal 'yes' to the expected type 'Edm.Boolean'.".to_owned(),
        ),
        (with("Enabled", json!(1)), "Cannot convert the literal '1' to the expected type 'Edm.Boolean'.".to_owned()),
        (with("Title", json!(5)), "Cannot convert the literal '5' to the expected type 'Edm.String'.".to_owned()),
        (with("Title", json!({})), "An unexpected 'StartObject' node was found".to_owned()),
    ];
    for (body, words) in cases {
        let seen = lab.api("POST", "AlertDefinitions", Some(&body)).await;
        assert_eq!(seen.status, 400, "{body}");
        let text = inner(&seen);
        assert!(text.starts_with(&format!("alertDefinition : {words}")), "{text}");
    }
}

#[tokio::test]
async fn lengths_are_those_of_the_documentation_to_the_letter() {
    let lab = Lab::new().await;
    for (field, most) in [
        ("Name", 100),
        ("InternalDescription", 350),
        ("Title", 120),
        ("UxDescription", 500),
        ("RecommendedAction", 2000),
    ] {
        for (length, status) in [(most, 201), (most + 1, 400)] {
            let mut body = definition();
            body[field] = json!("é".repeat(length));
            let seen = lab.api("POST", "AlertDefinitions", Some(&body)).await;
            assert_eq!(seen.status, status, "{field} of {length}");
            if status == 400 {
                let words = format!(
                    "alertDefinition.{field} : The field {field} must be a string or array type with a maximum length \
                     of '{most}'."
                );
                assert_eq!(inner(&seen), words);
            }
        }
    }
}

#[tokio::test]
async fn what_is_missing_is_listed_line_by_line() {
    let lab = Lab::new().await;
    let text = inner(&lab.api("POST", "AlertDefinitions", Some(&json!({"Name": " "}))).await);
    let lines: Vec<_> = text.split("\r\n").collect();
    assert_eq!(lines.len(), 7);
    assert_eq!(lines[0], "alertDefinition.Name : The Name field is required.");
    let text = inner(&lab.api("POST", "IndicatorsOfCompromise", Some(&json!({}))).await);
    assert_eq!(text.split("\r\n").count(), 5);
    assert!(text.contains("indicatorOfCompromise.AlertDefinition : The AlertDefinition field is required."), "{text}");
}

#[tokio::test]
async fn enumerations_are_read_in_any_letter_case_and_by_number() {
    let lab = Lab::new().await;
    for severity in ["Medium", "medium", "MEDIUM", "2"] {
        let mut body = definition();
        body["Severity"] = json!(severity);
        assert_eq!(lab.api("POST", "AlertDefinitions", Some(&body)).await.json()["Severity"], json!("Medium"));
    }
}

#[tokio::test]
async fn a_bad_indicator_is_refused() {
    let lab = Lab::new().await;
    let id = lab.publish("AlertDefinitions", &definition()).await;
    for (field, value, words) in [
        ("AlertDefinition@odata.bind", json!("AlertDefinitions(99)"), "There is no AlertDefinition with the Id 99."),
        ("AlertDefinition@odata.bind", json!("Nope(1)"), "The link 'Nope(1)' does not lead to an AlertDefinition."),
        ("AlertDefinition@odata.bind", json!(1), "The link '(no text)' does not lead to an AlertDefinition."),
        ("Value", json!("52.184.197.300"), "The value '52.184.197.300' is not valid for the type IpAddress."),
        ("Value", json!(""), "The Value field is required."),
        ("Value", json!("x".repeat(2049)), "maximum length of '2048'"),
        ("Type", json!("FileName"), "Requested value 'FileName' was not found."),
        ("DetectionFunction", json!("StartsWith"), "Requested value 'StartsWith' was not found."),
        ("ExpiresAt", json!("soon"), "Cannot convert the literal 'soon' to the expected type 'Edm.DateTimeOffset'."),
    ] {
        let mut body = indicator(id);
        body[field] = value;
        let seen = lab.api("POST", "IndicatorsOfCompromise", Some(&body)).await;
        assert_eq!(seen.status, 400, "{field}");
        assert!(inner(&seen).contains(words), "{}", seen.text);
    }
    lab.set(&json!({"validateValues": false}));
    let mut body = indicator(id);
    body["Value"] = json!("anything at all");
    assert_eq!(lab.api("POST", "IndicatorsOfCompromise", Some(&body)).await.status, 201);
}

#[tokio::test]
async fn a_change_is_checked_like_a_whole() {
    let lab = Lab::new().await;
    let (definition, ioc) = lab.publish_both("DomainName", "Equals", "evil.example").await;
    for (path, body) in [
        (format!("AlertDefinitions({definition})"), json!({"Title": ""})),
        (format!("AlertDefinitions({definition})"), json!({"Title": "x".repeat(121)})),
        (format!("AlertDefinitions({definition})"), json!({"Nope": 1})),
        (format!("IndicatorsOfCompromise({ioc})"), json!({"Type": "Sha1"})),
        (format!("IndicatorsOfCompromise({ioc})"), json!({"AlertDefinition@odata.bind": "AlertDefinitions(9)"})),
        (format!("IndicatorsOfCompromise({ioc})/AlertDefinition/$ref"), json!({"@odata.id": "AlertDefinitions(9)"})),
        (format!("IndicatorsOfCompromise({ioc})/AlertDefinition/$ref"), json!({})),
    ] {
        let method = if path.ends_with("$ref") { "PUT" } else { "PATCH" };
        assert_eq!(lab.api(method, &path, Some(&body)).await.status, 400, "{path} {body}");
    }
    let body = json!({"Title": "x", "Id": 77, "CreatedBy": "nobody"});
    let seen = lab.api("PATCH", &format!("AlertDefinitions({definition})"), Some(&body)).await.json();
    assert_eq!(seen["Id"], json!(definition), "what only the service writes is ignored");
    for (method, path) in [
        ("PATCH", "AlertDefinitions(99)"),
        ("PATCH", "IndicatorsOfCompromise(99)"),
        ("DELETE", "IndicatorsOfCompromise(99)"),
        ("POST", "AlertDefinitions(99)/Actions.DeleteIOCs"),
    ] {
        assert_eq!(lab.api(method, path, Some(&json!({}))).await.status, 404, "{method} {path}");
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_object_are_refused() {
    let lab = Lab::new().await;
    let url = format!("{}AlertDefinitions", lab.details.legacy_api);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (media_type, body, status) in [
        ("application/json", "", 400),
        ("application/json;", "{", 400),
        ("application/json", "[]", 400),
        ("application/json", "{\"Name\":\"\\ud800\"}", 400),
        ("application/json", deep.as_str(), 400),
        ("application/json", "{\"Name\":NaN}", 400),
        ("text/plain", "{}", 415),
        ("application/xml", "<a/>", 415),
        ("", "{}", 415),
    ] {
        let mut request = lab.client.post(&url).header("Authorization", format!("Bearer {}", lab.token));
        if !media_type.is_empty() {
            request = request.header("Content-Type", media_type);
        }
        let seen = Seen::of(request.body(body.to_owned()).send().await.expect("an answer")).await;
        assert_eq!(seen.status, status, "{media_type} {:?}", body.get(..20).unwrap_or(body));
        assert!(seen.json()["error"]["message"].is_string(), "{}", seen.text);
    }
}

#[tokio::test]
async fn a_body_of_seventeen_megabytes_is_too_much() {
    let lab = Lab::new().await;
    let body = json!({"Name": "x".repeat(17 << 20)});
    assert_eq!(lab.api("POST", "AlertDefinitions", Some(&body)).await.status, 413);
}

#[tokio::test]
async fn a_wrong_verb_is_told_which_are_right() {
    let lab = Lab::new().await;
    for (method, path, allow) in [
        ("PUT", "AlertDefinitions", "GET, POST, DELETE"),
        ("PUT", "AlertDefinitions(1)", "GET, PATCH, DELETE"),
        ("POST", "IndicatorsOfCompromise(1)", "GET, PATCH, DELETE"),
        ("GET", "IndicatorsOfCompromise(1)/AlertDefinition/$ref", "PUT"),
        ("GET", "AlertDefinitions(1)/Actions.DeleteIOCs", "POST"),
        ("PATCH", "AlertDefinitions/Actions.BulkUpload", "POST"),
        ("POST", "$metadata", "GET"),
        ("BREW", "AlertDefinitions", "GET, POST, DELETE"),
    ] {
        let seen = lab.api(method, path, None).await;
        assert_eq!((seen.status, seen.header("allow")), (405, allow), "{method} {path}");
        let words = format!("The requested resource does not support http method '{method}'.");
        assert_eq!(seen.json()["error"]["message"], json!(words));
    }
}

#[tokio::test]
async fn an_unknown_segment_is_named() {
    let lab = Lab::new().await;
    for (path, segment) in [
        ("Alerts", "Alerts"),
        ("alertdefinitions", "alertdefinitions"),
        ("AlertDefinitions/1", "1"),
        ("AlertDefinitions(1)/Name", "Name"),
        ("IndicatorsOfCompromise(1)/Actions.DeleteIOCs", "Actions.DeleteIOCs"),
    ] {
        let seen = lab.api("GET", path, None).await;
        let words = format!("Resource not found for the segment '{segment}'.");
        assert_eq!((seen.status, &seen.json()["error"]["message"]), (404, &json!(words)), "{path}");
    }
    assert_eq!(lab.api("GET", "AlertDefinitions(abc)", None).await.status, 400);
}

#[tokio::test]
async fn a_bulk_upload_takes_one_array_of_one_name() {
    let lab = Lab::new().await;
    for body in [
        json!({"IOCs": []}),
        json!({"alertDefinitions": {}}),
        json!({"alertDefinitions": [1]}),
        json!({}),
        json!({"alertDefinitions": [], "iocs": []}),
    ] {
        let seen = lab.api("POST", "AlertDefinitions/Actions.BulkUpload", Some(&body)).await;
        assert_eq!(seen.status, 400, "{body}: {}", seen.text);
    }
    let none = json!({"alertDefinitions": []});
    assert_eq!(lab.api("POST", "AlertDefinitions/Actions.BulkUpload", Some(&none)).await.status, 204);
}

//! The service's own words in the body of an error.

use serde_json::Value;

use crate::transport::decode::{page, shortened};

/// At most this many characters of a service's words are kept.
const LIMIT: usize = 300;

/// What the body of an error says, in the service's own words: `error.message` with its code (OData, Graph),
/// `Message` (the stock body of ASP.NET), `error_description` (the token endpoint), or the start of a plain text.
pub(crate) fn words(body: &[u8], content_type: Option<&str>) -> String {
    if body.iter().all(u8::is_ascii_whitespace) {
        return "no words with it".into();
    }
    if let Some(page) = page(body, content_type) {
        return page;
    }
    let Ok(json) = serde_json::from_slice::<Value>(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)) else {
        return shortened(&String::from_utf8_lossy(&body[..body.len().min(4096)]), LIMIT);
    };
    let said = from_token_endpoint(&json).or_else(|| from_odata(&json)).or_else(|| message(&json));
    shortened(&said.unwrap_or_else(|| json.to_string()), LIMIT)
}

/// `{"error":"invalid_client","error_description":"AADSTS7000215: … Trace ID: …","error_codes":[7000215]}`: the error,
/// the code and the first sentence.
fn from_token_endpoint(json: &Value) -> Option<String> {
    let error = text(json, "error")?;
    let description = text(json, "error_description").unwrap_or_default();
    let line = description.trim_start().split(['\r', '\n']).next().unwrap_or_default();
    let said = first_sentence(line.split("Trace ID:").next().unwrap_or_default().trim_end());
    let code = match json.get("error_codes").and_then(|codes| codes.get(0)).and_then(Value::as_u64) {
        Some(code) if !said.contains("AADSTS") => format!("AADSTS{code}"),
        _ => String::new(),
    };
    let parts = [error, &code, said].into_iter().filter(|part| !part.is_empty());
    Some(parts.collect::<Vec<_>>().join(": "))
}

/// The first sentence of a description, and the next one where the first only leads up to it:
/// `AADSTS70002: Error validating credentials. AADSTS50012: Invalid client secret is provided.` (2017 to 2019), or
/// `AADSTS700027: Client assertion contains an invalid signature. [Reason - The key used is expired., …]`.
fn first_sentence(line: &str) -> &str {
    let leads_up = |rest: &str| rest.starts_with("AADSTS") || rest.starts_with("[Reason");
    let end = line.match_indices(". ").map(|(end, _)| end).find(|end| !leads_up(&line[end + 2..]));
    line[..end.unwrap_or(line.len())].trim_end_matches('.')
}

/// `{"error":{"code":"","message":"…","innererror":{"message":"…"}}}`: the inner message tells what is wrong where the
/// outer one only says that something is.
fn from_odata(json: &Value) -> Option<String> {
    let error = json.get("error").or_else(|| json.get("odata.error"))?;
    let code = text(error, "code").filter(|code| !code.is_empty());
    let outer = message(error);
    let inner = error.get("innererror").and_then(message).filter(|inner| outer.as_ref() != Some(inner));
    let said: Vec<&str> = [code, outer.as_deref(), inner.as_deref()].into_iter().flatten().map(str::trim).collect();
    let (last, before) = said.split_last()?;
    let before = before.iter().map(|part| part.trim_end_matches('.'));
    Some(before.chain([*last]).collect::<Vec<_>>().join(": "))
}

/// `message` or `Message`, a text or `{"value": text}`.
fn message(json: &Value) -> Option<String> {
    let message = json.get("message").or_else(|| json.get("Message"))?;
    message.as_str().or_else(|| text(message, "value")).filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

fn text<'a>(json: &'a Value, member: &str) -> Option<&'a str> {
    json.get(member).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(body: &str) -> String {
        words(body.as_bytes(), Some("application/json"))
    }

    #[test]
    fn each_shape_of_error_is_read_for_its_words() {
        assert_eq!(
            said(r#"{"Message":"Authorization has been denied for this request."}"#),
            "Authorization has been denied for this request."
        );
        assert_eq!(said(r#"{"error":{"code":"","message":"The request is invalid."}}"#), "The request is invalid.");
        assert_eq!(
            said(
                r#"{"error":{"code":"","message":"The request is invalid.","innererror":{"message":"alert : Requested value 'Odd' was not found.\r\n","type":"","stacktrace":""}}}"#
            ),
            "The request is invalid: alert : Requested value 'Odd' was not found."
        );
        assert_eq!(
            said(r#"{"error":{"code":"TooManyRequests","message":"Slow down."}}"#),
            "TooManyRequests: Slow down."
        );
    }

    #[test]
    fn of_the_token_endpoint_s_description_the_first_sentence_is_kept() {
        let joined_by_lines = r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret is provided.\r\nTrace ID: 1\r\nTimestamp: 2"}"#;
        assert_eq!(said(joined_by_lines), "invalid_client: AADSTS7000215: Invalid client secret is provided");
        let of_2018 = r#"{"error":"invalid_client","error_description":"AADSTS70002: Error validating credentials. AADSTS50012: Invalid client secret is provided.\r\nTrace ID: 1"}"#;
        assert_eq!(
            said(of_2018),
            "invalid_client: AADSTS70002: Error validating credentials. AADSTS50012: Invalid client secret is provided"
        );
        let joined_by_blanks = r#"{"error":"invalid_client","error_description":"AADSTS7000222: The provided client secret keys are expired. Visit the portal. Trace ID: 1"}"#;
        assert_eq!(
            said(joined_by_blanks),
            "invalid_client: AADSTS7000222: The provided client secret keys are expired"
        );
    }

    #[test]
    fn a_code_that_only_the_numbers_tell_stands_before_the_words() {
        assert_eq!(
            said(
                r#"{"error":"invalid_client","error_description":"\r\nUngültig.\r\nTrace ID: 1","error_codes":[7000215]}"#
            ),
            "invalid_client: AADSTS7000215: Ungültig"
        );
        assert_eq!(said(r#"{"error":"invalid_client","error_codes":[7000222]}"#), "invalid_client: AADSTS7000222");
        assert_eq!(said(r#"{"error":"invalid_client","error_description":7,"error_codes":"x"}"#), "invalid_client");
        assert_eq!(
            said(
                r#"{"error":"invalid_client","error_description":"AADSTS700027: Client assertion contains an invalid signature. [Reason - The key used is expired., Thumbprint of key used by client: '1'. Review it. Trace ID: 1"}"#
            ),
            "invalid_client: AADSTS700027: Client assertion contains an invalid signature. [Reason - The key used is \
             expired., Thumbprint of key used by client: '1'"
        );
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_body_its_words_are_one_short_line(body in proptest::collection::vec(0_u8.., 0..2000), start in 0..4_usize) {
            let mut whole = ["", "{\"error\":", "{\"Message\":\"", "<html><title>"][start].as_bytes().to_vec();
            whole.extend(body);
            let words = words(&whole, None);
            proptest::prop_assert!(!words.is_empty() && words.chars().count() <= LIMIT && !words.contains('\n'), "{words}");
        }
    }

    #[test]
    fn what_is_no_json_is_cut_and_an_empty_body_is_said_to_be_empty() {
        assert_eq!(words(b"", None), "no words with it");
        assert_eq!(said(r#"{"Message":" "}"#), r#"{"Message":" "}"#);
        assert_eq!(words(b"upstream\nfailed", Some("text/plain")), "upstream failed");
        assert_eq!(words(&vec![b'x'; 5_000], None).chars().count(), LIMIT);
        assert_eq!(words(b"<html><title>Bad gateway</title>", None), "an HTML page titled `Bad gateway`");
    }
}

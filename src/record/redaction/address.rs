//! Redaction of addresses and of forms, which are written alike.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::record::{exchange::REDACTED, redaction::scrub};

/// Query parameters and form fields whose values are written down; those of every other one are not.
const HARMLESS_PARAMETERS: [&str; 24] = [
    "$apply",
    "$count",
    "$expand",
    "$filter",
    "$format",
    "$orderby",
    "$search",
    "$select",
    "$skip",
    "$top",
    "ago",
    "api-version",
    "client_assertion_type",
    "client_id",
    "grant_type",
    "limit",
    "machinegroups",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "sincetimeutc",
    "tenant",
    "untiltimeutc",
];

/// An address without its login, its fragment, and the values of query parameters that are not on the list.
pub(super) fn redacted(url: &str) -> Cow<'_, str> {
    let (rest, fragment) = url.split_once('#').map_or((url, None), |(rest, fragment)| (rest, Some(fragment)));
    let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
    let mut redacted = String::with_capacity(url.len());
    push_without_login(&mut redacted, rest);
    if let Some(query) = query {
        redacted.push('?');
        push_parameters(&mut redacted, query);
    }
    if let Some(fragment) = fragment {
        redacted.push('#');
        redacted.push_str(if fragment.is_empty() { "" } else { REDACTED });
    }
    if redacted == url { Cow::Borrowed(url) } else { Cow::Owned(redacted) }
}

/// A form without the values of the fields that are not on the list.
pub(super) fn redacted_parameters(form: &str) -> Cow<'_, str> {
    let mut redacted = String::with_capacity(form.len());
    push_parameters(&mut redacted, form);
    if redacted == form { Cow::Borrowed(form) } else { Cow::Owned(redacted) }
}

fn push_without_login(out: &mut String, address: &str) {
    let authority = address.find("://").map_or(0, |scheme| scheme + 3);
    let path = address[authority..].find('/').map_or(address.len(), |slash| authority + slash);
    if let Some(login) = address[authority..path].rfind('@') {
        out.push_str(&address[..authority]);
        out.push_str(REDACTED);
        out.push_str(&scrub(&address[authority + login..]));
    } else {
        out.push_str(&scrub(address));
    }
}

/// Query parameters, or the fields of a form.
fn push_parameters(out: &mut String, parameters: &str) {
    for (index, parameter) in parameters.split('&').enumerate() {
        if index > 0 {
            out.push('&');
        }
        if parameter.is_empty() {
            continue;
        }
        let (name, value) = parameter.split_once('=').map_or((parameter, None), |(name, value)| (name, Some(value)));
        let harmless = is_harmless_parameter(name);
        match value {
            None if harmless => out.push_str(name),
            None => out.push_str(REDACTED),
            Some(value) => {
                out.push_str(&scrub(name));
                out.push('=');
                out.push_str(if value.is_empty() || (harmless && holds_no_secret(value)) { value } else { REDACTED });
            }
        }
    }
}

fn is_harmless_parameter(name: &str) -> bool {
    let name = percent_decode_str(name).decode_utf8_lossy();
    HARMLESS_PARAMETERS.iter().any(|known| known.eq_ignore_ascii_case(&name))
}

fn holds_no_secret(value: &str) -> bool {
    let decoded = percent_decode_str(value).decode_utf8_lossy();
    matches!(scrub(&decoded), Cow::Borrowed(_))
}

#[cfg(test)]
mod tests {
    use crate::record::redaction::url;

    #[test]
    fn an_address_keeps_its_path_and_the_parameters_on_the_list() {
        let cases = [
            ("https://h/V1.0/AlertDefinitions?$filter=Id%20eq%207&$top=5", "=="),
            ("https://h/a?sinceTimeUtc=2026-11-24T03:00:00Z&limit=3", "=="),
            ("https://h/a?code=abc", "https://h/a?code=[redacted]"),
            ("https://h/a?abc", "https://h/a?[redacted]"),
            ("https://h/a#access_token=abc", "https://h/a#[redacted]"),
            ("https://user:pass@h:8080/a", "https://[redacted]@h:8080/a"),
            ("https://h/a?$filter=x%20eq%20'client_secret%3Dabc'", "https://h/a?$filter=[redacted]"),
            ("/relative?limit=1", "=="),
        ];
        for (given, expected) in cases {
            assert_eq!(url(given), if expected == "==" { given } else { expected });
        }
    }
}

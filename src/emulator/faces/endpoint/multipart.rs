//! A form in several parts (RFC 7578), as far as clients send it: no nested parts, no transfer encodings.

use crate::emulator::answer::Request;

/// A part of a form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    /// The field's name.
    pub(super) name: String,
    /// The file's name, where it is one.
    pub(super) file_name: Option<String>,
    pub(super) content: &'a [u8],
}

impl Part<'_> {
    /// The content as text, with gaps where it is none; no more of it than anybody reads.
    pub(super) fn text(&self) -> String {
        const AT_MOST: usize = 4_096;
        String::from_utf8_lossy(&self.content[..self.content.len().min(AT_MOST)]).into_owned()
    }
}

/// More parts than these are refused.
const PARTS_AT_MOST: usize = 100;

/// The parts of the form that `request` holds; none where it holds no such form.
pub(super) fn parts(request: &Request) -> Option<Vec<Part<'_>>> {
    let media_type = request.header("content-type")?;
    let (kind, parameters) = media_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameter(parameters, "boundary").filter(|boundary| (1..=70).contains(&boundary.len()))?;
    let delimiter = format!("--{boundary}");
    let mut rest = after(&request.body, delimiter.as_bytes())?;
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let from = rest.strip_prefix(b"\r\n")?;
        let end = find(from, format!("\r\n{delimiter}").as_bytes())?;
        parts.push(part(&from[..end])?);
        if parts.len() > PARTS_AT_MOST {
            return None;
        }
        rest = &from[end + 2 + delimiter.len()..];
    }
    Some(parts)
}

fn part(bytes: &[u8]) -> Option<Part<'_>> {
    let head = find(bytes, b"\r\n\r\n")?;
    let headers = String::from_utf8_lossy(&bytes[..head]);
    let disposition = headers.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let (_, parameters) = disposition.split_once(';')?;
    Some(Part {
        name: parameter(parameters, "name")?,
        file_name: parameter(parameters, "filename"),
        content: &bytes[head + 4..],
    })
}

/// The value of a parameter of a header, with or without quotes.
fn parameter(text: &str, name: &str) -> Option<String> {
    text.split(';').find_map(|parameter| {
        let (known, value) = parameter.split_once('=')?;
        known.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

fn after<'a>(bytes: &'a [u8], what: &[u8]) -> Option<&'a [u8]> {
    find(bytes, what).map(|at| &bytes[at + what.len()..])
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(media_type: &str, body: &str) -> Request {
        Request {
            method: "POST".into(),
            host: String::new(),
            port: None,
            scheme: "http",
            proxied: false,
            path: String::new(),
            query: String::new(),
            headers: vec![("content-type".into(), media_type.into())],
            body: body.as_bytes().to_vec(),
        }
    }

    const FORM: &str = "multipart/form-data; boundary=\"x y\"";

    #[test]
    fn a_form_is_read_part_by_part() {
        let body = "--x y\r\nContent-Disposition: form-data; name=\"File\"; filename=\"a.ps1\"\r\nContent-Type: text/plain\
                    \r\n\r\nline\r\n--x\r\n--x y\r\ncontent-disposition:form-data;name=Description\r\n\r\n\r\n--x y--\r\n";
        let request = request(FORM, body);
        let parts = parts(&request).expect("a form");
        assert_eq!(parts.len(), 2);
        assert_eq!((parts[0].name.as_str(), parts[0].file_name.as_deref()), ("File", Some("a.ps1")));
        assert_eq!(parts[0].content, b"line\r\n--x");
        assert_eq!((parts[1].name.as_str(), parts[1].text().as_str()), ("Description", ""));
    }

    #[test]
    fn what_is_no_form_is_none() {
        for (media_type, body) in [
            ("application/json", "{}"),
            ("multipart/form-data", "--x\r\n"),
            ("multipart/form-data; boundary=", "----"),
            (FORM, ""),
            (FORM, "--x y"),
            (FORM, "--x y\r\n"),
            (FORM, "--x y\r\n\r\n\r\n--x y--"),
            (FORM, "--x y\r\nContent-Disposition: form-data\r\n\r\n\r\n--x y--"),
        ] {
            assert_eq!(parts(&request(media_type, body)), None, "{media_type} {body:?}");
        }
    }
}

//! JSON laid out for reading, token by token: no number is read and written again, and what is cut off is laid out up to
//! there.

/// The same JSON with a line for each member; none if it does not look like JSON.
pub(super) fn laid_out(text: &str) -> Option<String> {
    let trimmed = text.trim_start();
    if !trimmed.starts_with(['{', '[']) || trimmed.starts_with("[redacted]") {
        return None;
    }
    let mut out = String::with_capacity(text.len() * 2);
    let mut depth = 0_usize;
    let mut rest = trimmed;
    while let Some(c) = rest.chars().next() {
        let token = token(rest);
        rest = &rest[token.len()..];
        match c {
            '{' | '[' => {
                out.push(c);
                let inside = rest.trim_start();
                if inside.starts_with(['}', ']']) {
                    out.push_str(&inside[..1]);
                    rest = &inside[1..];
                } else {
                    depth += 1;
                    break_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                break_line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                break_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ if token.trim().is_empty() => {}
            _ => out.push_str(token),
        }
    }
    Some(out)
}

fn break_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth.min(40)));
}

/// The token that `rest` begins with: a string, a punctuation mark, a run of blanks, or a run of anything else.
fn token(rest: &str) -> &str {
    let mut escaped = false;
    let mut chars = rest.char_indices();
    let Some((_, first)) = chars.next() else { return rest };
    if "{}[],:".contains(first) {
        return &rest[..1];
    }
    for (at, c) in chars {
        let ends = match first {
            '"' if escaped => {
                escaped = false;
                false
            }
            '"' if c == '"' => return &rest[..=at],
            '"' => {
                escaped = c == '\\';
                false
            }
            _ if first.is_whitespace() => !c.is_whitespace(),
            _ => c.is_whitespace() || "{}[],:\"".contains(c),
        };
        if ends {
            return &rest[..at];
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_changes_and_nothing_else() {
        let given = r#"{"a": [1.0,-2e400,{}],"b":"x: {\"y\\"}"#;
        let expected = "{\n  \"a\": [\n    1.0,\n    -2e400,\n    {}\n  ],\n  \"b\": \"x: {\\\"y\\\\\"\n}";
        assert_eq!(laid_out(given).as_deref(), Some(expected));
    }

    #[test]
    fn what_is_cut_off_is_laid_out_up_to_there() {
        assert_eq!(laid_out(r#"{"a":["b… [cut"#).as_deref(), Some("{\n  \"a\": [\n    \"b… [cut"));
        assert_eq!(laid_out("<html>"), None);
        assert_eq!(laid_out("[redacted]&a=b"), None);
    }
}

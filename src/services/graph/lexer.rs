//! KQL in its smallest parts: enough to see what stands in a query, and never to be taken in by what stands in its texts.

/// The smallest part of a query that means something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, a keyword, an operator made of letters, a number.
    Word(String),
    /// A text, without its quotes and escapes.
    Text(String),
    /// Anything else, a character at a time.
    Sign(char),
    /// A comment, to the end of its line.
    Comment,
}

impl Token {
    /// The word that this is.
    pub(super) fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            Self::Text(_) | Self::Sign(_) | Self::Comment => None,
        }
    }
}

/// The tokens of `query`; `None` where a text of it has no end, or an escape that means nothing.
pub(super) fn tokens(query: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = query;
    while let Some(first) = rest.chars().next() {
        if first.is_whitespace() {
            rest = &rest[first.len_utf8()..];
        } else if rest.starts_with("//") {
            tokens.push(Token::Comment);
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if let Some((text, after)) = text(rest)? {
            tokens.push(Token::Text(text));
            rest = after;
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        } else {
            tokens.push(Token::Sign(first));
            rest = &rest[first.len_utf8()..];
        }
    }
    Some(tokens)
}

/// The text that `rest` begins with, and what follows it; outer `None` where it has no end, inner where there is none.
/// A letter `h` before it hides it from logs, an `@` has it mean what it shows, and three quotes take whole lines.
#[expect(clippy::option_option, reason = "no text, and a text without an end, are two things")]
fn text(rest: &str) -> Option<Option<(String, &str)>> {
    let body = rest.strip_prefix(['h', 'H']).filter(|body| body.starts_with(['\'', '"', '@'])).unwrap_or(rest);
    for fence in ["```", "~~~"] {
        if let Some(inside) = body.strip_prefix(fence) {
            return inside.split_once(fence).map(|(text, after)| Some((text.to_owned(), after)));
        }
    }
    let (verbatim, body) = body.strip_prefix('@').map_or((false, body), |body| (true, body));
    let Some(quote) = body.chars().next().filter(|c| matches!(c, '\'' | '"')) else { return Some(None) };
    let inside = &body[1..];
    if verbatim { shown(inside, quote).map(Some) } else { escaped(inside, quote).map(Some) }
}

/// Up to `quote`; two quotes stand for one, and nothing else is special.
fn shown(inside: &str, quote: char) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut rest = inside;
    loop {
        let (part, after) = rest.split_once(quote)?;
        text.push_str(part);
        let Some(next) = after.strip_prefix(quote) else { return Some((text, after)) };
        text.push(quote);
        rest = next;
    }
}

/// Up to `quote`; a backslash begins an escape, and no line ends within.
fn escaped(inside: &str, quote: char) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut chars = inside.chars();
    loop {
        match chars.next()? {
            c if c == quote => return Some((text, chars.as_str())),
            '\n' | '\r' => return None,
            '\\' => text.push(escape(&mut chars)?),
            c => text.push(c),
        }
    }
}

/// The escapes of the language: `\'`, `\"`, `\\`, and control characters by letter or number.
fn escape(chars: &mut std::str::Chars<'_>) -> Option<char> {
    let length = match chars.next()? {
        c @ ('\'' | '"' | '\\') => return Some(c),
        'n' => return Some('\n'),
        'r' => return Some('\r'),
        't' => return Some('\t'),
        'u' => 4,
        'x' => 2,
        _ => return None,
    };
    let digits = chars.as_str().get(..length).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
    let character = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
    *chars = chars.as_str()[length..].chars();
    Some(character)
}

/// `text` as a literal that nothing within can leave: quotes and backslashes are escaped, and so is every character
/// that ends a line or steers.
pub(super) fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('\'');
    for c in text.chars() {
        match c {
            '\'' | '\\' => literal.extend(['\\', c]),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            // All of them are below U+10000, which four digits can tell.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                let code = u32::from(c);
                literal.push_str("\\u");
                literal.extend([12, 8, 4, 0].map(|shift| char::from_digit((code >> shift) & 0xf, 16).unwrap_or('0')));
            }
            c => literal.push(c),
        }
    }
    literal.push('\'');
    literal
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn word(text: &str) -> Token {
        Token::Word(text.into())
    }

    fn text(text: &str) -> Token {
        Token::Text(text.into())
    }

    #[test]
    fn a_query_is_taken_apart_without_being_taken_in_by_its_texts() {
        let read = tokens("T | where a =~ 'x | let // no' // yes\n and b == @\"c:\\d\"\"e\"").expect("it is whole");
        let expected = [
            word("T"),
            Token::Sign('|'),
            word("where"),
            word("a"),
            Token::Sign('='),
            Token::Sign('~'),
            text("x | let // no"),
            Token::Comment,
            word("and"),
            word("b"),
            Token::Sign('='),
            Token::Sign('='),
            text("c:\\d\"e"),
        ];
        assert_eq!(read, expected);
        assert_eq!(tokens("h'a' ```b\n'c'``` hash"), Some(vec![text("a"), text("b\n'c'"), word("hash")]));
        assert_eq!(tokens(r"'\u0041\x42\t\\'"), Some(vec![text("AB\t\\")]));
    }

    #[test]
    fn a_text_without_an_end_or_with_an_odd_escape_is_no_query() {
        for odd in ["'a", "'a\nb'", "@'a''", "'\\q'", "'\\u00'", "'\\ud800'", "'\\", "```a", "h'"] {
            assert_eq!(tokens(odd), None, "{odd}");
        }
    }

    #[test]
    fn what_would_end_a_line_or_a_text_is_escaped() {
        assert_eq!(literal("a'b\\c\nd\r\te\u{85}\u{2028}ü"), r"'a\'b\\c\nd\r\te\u0085\u2028ü'");
    }

    proptest! {
        #[test]
        fn no_text_can_leave_its_quotes(inside in any::<String>(), before in "[a-z]{0,5}") {
            let query = format!("T | where {before}x =~ {} | project y", literal(&inside));
            let read = tokens(&query).expect("it is whole");
            prop_assert_eq!(read.len(), 10);
            prop_assert_eq!(&read[6], &Token::Text(inside));
            prop_assert_eq!(&read[7], &Token::Sign('|'));
        }

        #[test]
        fn texts_of_quotes_and_backslashes_cannot_leave_theirs(inside in "['\"\\\\\n\r@h`|u0-9/]{0,40}") {
            prop_assert_eq!(tokens(&literal(&inside)), Some(vec![Token::Text(inside)]));
        }

        #[test]
        fn whatever_the_query_it_is_read_or_refused(query in any::<String>()) {
            let _read = tokens(&query);
        }
    }
}

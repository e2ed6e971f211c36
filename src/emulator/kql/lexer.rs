//! From the text of a query to its tokens.

use crate::emulator::kql::{
    QueryError, literal,
    value::{Type, Value},
};

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name, or a word that is an operator here or there; `!in` and its kin are one word, as is `in~`.
    Word(String),
    /// A name in brackets and quotes: never an operator.
    Quoted(String),
    Literal(Value, Type),
    /// An operator or a bracket.
    Sign(&'static str),
    End,
}

/// The tokens of a query, and whether there were comments among them.
#[derive(Debug)]
pub(super) struct Tokens {
    pub(super) all: Vec<Token>,
    pub(super) comments: bool,
}

/// Longer ones first.
const SIGNS: [&str; 28] = [
    "==", "!=", "=~", "!~", "<=", ">=", "<>", "=>", "..", "<", ">", "=", "+", "-", "*", "/", "%", "(", ")", "[", "]",
    "{", "}", ",", ".", "|", ";", ":",
];

/// Queries of more tokens than this are refused.
const MOST_TOKENS: usize = 100_000;

pub(super) fn unrecognized() -> QueryError {
    QueryError::syntax("A recognition error occurred.")
}

/// The tokens of `text`, with one that marks its end.
pub(super) fn tokens(text: &str) -> Result<Tokens, QueryError> {
    let mut lexer = Lexer { text, at: 0, comments: false };
    let mut all = Vec::new();
    loop {
        let token = lexer.next()?;
        let end = token == Token::End;
        all.push(token);
        if end {
            return Ok(Tokens { all, comments: lexer.comments });
        }
        if all.len() > MOST_TOKENS {
            return Err(QueryError::limits());
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    comments: bool,
}

fn begins_word(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '_' | '$')
}

fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with("//") {
                return;
            }
            self.comments = true;
            self.at += trimmed.find(['\n', '\r']).unwrap_or(trimmed.len());
        }
    }

    fn next(&mut self) -> Result<Token, QueryError> {
        self.skip_blanks();
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(Token::End) };
        if let Some(text) = self.text_literal()? {
            return Ok(Token::Literal(Value::text(&text), Type::Text));
        }
        if first.is_ascii_digit() {
            return self.number();
        }
        if begins_word(first) {
            return self.word();
        }
        if let Some(after) = rest.strip_prefix('!')
            && after.starts_with(|c: char| c.is_ascii_alphabetic())
        {
            self.at += 1;
            return Ok(Token::Word(format!("!{}", self.bare_word())));
        }
        if rest.starts_with('[')
            && let Some(name) = self.bracketed()
        {
            return Ok(Token::Quoted(name));
        }
        let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign)).ok_or_else(unrecognized)?;
        self.at += sign.len();
        Ok(Token::Sign(sign))
    }

    /// A word; `in~` has its sign as a part.
    fn bare_word(&mut self) -> String {
        let rest = self.rest();
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let length = rest[first..].find(|c| !in_word(c)).map_or(rest.len(), |length| first + length);
        let mut word = rest[..length].to_owned();
        self.at += length;
        if (word == "in" || word == "has_any" || word == "has_all") && self.rest().starts_with('~') {
            self.at += 1;
            word.push('~');
        }
        word
    }

    fn word(&mut self) -> Result<Token, QueryError> {
        let word = self.bare_word();
        let literal = match word.as_str() {
            "true" => Some((Value::Bool(true), Type::Bool)),
            "false" => Some((Value::Bool(false), Type::Bool)),
            "datetime" | "date" | "timespan" | "time" | "int" | "long" | "real" | "double" | "bool" | "boolean" => {
                self.typed(&word)?
            }
            _ => None,
        };
        Ok(literal.map_or(Token::Word(word), |(value, of)| Token::Literal(value, of)))
    }

    /// `datetime(…)` and the like: what is in the brackets is no expression.
    fn typed(&mut self, word: &str) -> Result<Option<(Value, Type)>, QueryError> {
        let rest = self.rest();
        let trimmed = rest.trim_start();
        let (Some(inside), Some(of)) = (trimmed.strip_prefix('('), Type::named(word)) else { return Ok(None) };
        let length = inside.find(')').ok_or_else(unrecognized)?;
        let text = inside[..length].trim();
        let text = unquoted(text).unwrap_or(text);
        self.at += rest.len() - inside.len() + length + 1;
        if text == "null" {
            return Ok(Some((Value::Null, of)));
        }
        let value = match of {
            Type::Time => literal::time(text).map(Value::Time),
            Type::Span => literal::span(text).map(Value::Span),
            Type::Int => whole(text).filter(|number| i32::try_from(*number).is_ok()).map(Value::Int),
            Type::Long => whole(text).map(Value::Int),
            Type::Real => text.parse::<f64>().ok().map(Value::Real),
            _ => match text.to_ascii_lowercase().as_str() {
                "true" | "1" => Some(Value::Bool(true)),
                "false" | "0" => Some(Value::Bool(false)),
                _ => None,
            },
        };
        value.map(|value| Some((value, of))).ok_or_else(unrecognized)
    }

    /// A number, or one with a unit of time.
    fn number(&mut self) -> Result<Token, QueryError> {
        let rest = self.rest();
        if let Some(digits) = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")) {
            let length = digits.find(|c| !in_word(c)).unwrap_or(digits.len());
            self.at += 2 + length;
            let number = u64::from_str_radix(&digits[..length], 16).map_err(|_| unrecognized())?;
            return Ok(Token::Literal(Value::Int(number.cast_signed()), Type::Long));
        }
        let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let mut length = digits(rest);
        if let Some(fraction) = rest[length..].strip_prefix('.')
            && fraction.starts_with(|c: char| c.is_ascii_digit())
        {
            length += 1 + digits(fraction);
        }
        if let Some(power) = rest[length..].strip_prefix(['e', 'E']) {
            let signed = power.strip_prefix(['-', '+']).unwrap_or(power);
            if signed.starts_with(|c: char| c.is_ascii_digit()) {
                length += 1 + (power.len() - signed.len()) + digits(signed);
            }
        }
        let (number, after) = rest.split_at(length);
        let letters = after.find(|c| !in_word(c)).unwrap_or(after.len());
        self.at += length + letters;
        if letters > 0 {
            let ticks = literal::ticks(number, &after[..letters]).ok_or_else(unrecognized)?;
            return Ok(Token::Literal(Value::Span(ticks), Type::Span));
        }
        if let Ok(whole) = number.parse::<i64>() {
            return Ok(Token::Literal(Value::Int(whole), Type::Long));
        }
        let real = number.parse::<f64>().ok().filter(|real| real.is_finite()).ok_or_else(unrecognized)?;
        Ok(Token::Literal(Value::Real(real), Type::Real))
    }

    /// `['a name']` or `["a name"]`, where it is one: an index looks the same, and the parser knows which is meant.
    fn bracketed(&mut self) -> Option<String> {
        let start = self.at;
        self.at += 1;
        let inside = self.rest();
        self.at += inside.len() - inside.trim_start().len();
        let name = self.text_literal().ok().flatten();
        let rest = self.rest();
        let trimmed = rest.trim_start();
        if let (Some(name), true) = (name, trimmed.starts_with(']')) {
            self.at += rest.len() - trimmed.len() + 1;
            return Some(name);
        }
        self.at = start;
        None
    }

    /// A text, if one begins here: plain or verbatim (`@`), hidden from logs (`h`) or not, or between triple fences.
    fn text_literal(&mut self) -> Result<Option<String>, QueryError> {
        let rest = self.rest();
        let bare = rest.strip_prefix(['h', 'H']).unwrap_or(rest);
        let verbatim = bare.strip_prefix('@');
        let body = verbatim.unwrap_or(bare);
        for fence in ["```", "~~~"] {
            if let Some(inside) = body.strip_prefix(fence)
                && verbatim.is_none()
            {
                let length = inside.find(fence).ok_or_else(unrecognized)?;
                self.at = self.text.len() - inside.len() + length + fence.len();
                return Ok(Some(inside[..length].to_owned()));
            }
        }
        let Some(quote) = body.chars().next().filter(|c| matches!(c, '\'' | '"')) else { return Ok(None) };
        let inside = &body[1..];
        let (text, length) =
            if verbatim.is_some() { verbatim_text(inside, quote) } else { escaped_text(inside, quote) }?;
        self.at = self.text.len() - inside.len() + length;
        Ok(Some(text))
    }
}

fn unquoted(text: &str) -> Option<&str> {
    ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote))
}

fn whole(text: &str) -> Option<i64> {
    match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// The text up to `quote` and the length with it; two quotes stand for one, and nothing else is special.
fn verbatim_text(inside: &str, quote: char) -> Result<(String, usize), QueryError> {
    let mut text = String::new();
    let mut rest = inside;
    while let Some((part, after)) = rest.split_once(quote) {
        text.push_str(part);
        let Some(next) = after.strip_prefix(quote) else { return Ok((text, inside.len() - after.len())) };
        text.push(quote);
        rest = next;
    }
    Err(unrecognized())
}

/// The text up to `quote` and the length with it; a backslash begins an escape, and a line's end is an error.
fn escaped_text(inside: &str, quote: char) -> Result<(String, usize), QueryError> {
    let mut text = String::new();
    let mut chars = inside.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            _ if c == quote => return Ok((text, at + 1)),
            '\n' | '\r' => break,
            '\\' => text.push(escape(&mut chars).ok_or_else(unrecognized)?),
            c => text.push(c),
        }
    }
    Err(unrecognized())
}

fn escape(chars: &mut std::str::CharIndices<'_>) -> Option<char> {
    let digits = |chars: &mut std::str::CharIndices<'_>, count: usize| {
        let rest = chars.as_str().get(..count)?;
        let code = u32::from_str_radix(rest, 16).ok().filter(|_| rest.bytes().all(|b| b.is_ascii_hexdigit()))?;
        chars.nth(count - 1)?;
        char::from_u32(code)
    };
    Some(match chars.next()?.1 {
        c @ ('\\' | '\'' | '"') => c,
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        'x' => digits(chars, 2)?,
        'u' => digits(chars, 4)?,
        'U' => digits(chars, 8)?,
        _ => return None,
    })
}

//! From the text of an expression to its tokens.

use jiff::{Timestamp, civil::Date};

use crate::emulator::odata::{QueryError, literal, schema::Dialect};

/// A token, and the byte at which it begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) at: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A name, a word operator or a path with its slashes.
    Word(String),
    Text(String),
    /// `Type'Member'`.
    Enum(String, String),
    Int(i64),
    Real(f64),
    Time(Timestamp),
    Date(Date),
    Guid(String),
    Open,
    Close,
    Comma,
    Colon,
    Minus,
    End,
}

/// The tokens of `text`, with one that marks its end.
pub(super) fn tokens(text: &str, dialect: Dialect) -> Result<Vec<Token>, QueryError> {
    let mut lexer =
        Lexer { text, at: 0, today: dialect != Dialect::Legacy, double_quotes: dialect == Dialect::Endpoint };
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next()?;
        let end = token.kind == Kind::End;
        tokens.push(token);
        if end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// Whether it is in one of the dialects that came after the first.
    today: bool,
    /// Whether texts may stand in double quotes, too: published clients of Defender for Endpoint send them so.
    double_quotes: bool,
}

impl Lexer<'_> {
    fn next(&mut self) -> Result<Token, QueryError> {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        let at = self.at;
        let rest = &self.text[at..];
        let Some(first) = rest.chars().next() else { return Ok(Token { kind: Kind::End, at }) };
        if let Some(guid) = literal::leading_guid(rest).filter(|_| self.today) {
            self.at += guid.len();
            return Ok(Token { kind: Kind::Guid(guid), at });
        }
        let kind = match first {
            ':' if self.today => self.single(Kind::Colon),
            '(' => self.single(Kind::Open),
            ')' => self.single(Kind::Close),
            ',' => self.single(Kind::Comma),
            '\'' => Kind::Text(self.quoted('\'')?),
            '"' if self.double_quotes => Kind::Text(self.quoted('"')?),
            '-' if !rest[1..].starts_with(|c: char| c.is_ascii_digit()) => self.single(Kind::Minus),
            '-' | '0'..='9' => self.number()?,
            letter if letter.is_alphabetic() || matches!(letter, '_' | '$' | '@') => self.word()?,
            _ => return Err(self.error()),
        };
        Ok(Token { kind, at })
    }

    fn single(&mut self, kind: Kind) -> Kind {
        self.at += 1;
        kind
    }

    fn error(&self) -> QueryError {
        QueryError(format!("Syntax error at position {} in '{}'.", self.at, self.text))
    }

    /// A text between two quotes; two of them within stand for one.
    fn quoted(&mut self, quote: char) -> Result<String, QueryError> {
        let mut text = String::new();
        let mut rest = &self.text[self.at + 1..];
        while let Some((part, after)) = rest.split_once(quote) {
            text.push_str(part);
            let Some(next) = after.strip_prefix(quote) else {
                self.at = self.text.len() - after.len();
                return Ok(text);
            };
            text.push(quote);
            rest = next;
        }
        let (end, all) = (self.text.len(), self.text);
        Err(QueryError(format!("There is an unterminated string literal at position {end} in '{all}'.")))
    }

    /// A number, a date or a moment.
    fn number(&mut self) -> Result<Kind, QueryError> {
        let rest = &self.text[self.at..];
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | ':' | '.');
        let length = rest.find(|c| !word(c)).unwrap_or(rest.len());
        let text = &rest[..length];
        let number = text.trim_end_matches(['L', 'l', 'M', 'm', 'D', 'd', 'F', 'f']);
        let kind = if let Ok(whole) = number.parse::<i64>() {
            Kind::Int(whole)
        } else if let Some(real) = number.parse::<f64>().ok().filter(|real| real.is_finite()) {
            Kind::Real(real)
        } else if let Some(time) = self.moment(text) {
            Kind::Time(time)
        } else if self.today && literal::lacks_zone(text) {
            return Err(literal::no_zone(text));
        } else if let Ok(date) = text.parse::<Date>() {
            Kind::Date(date)
        } else {
            return Err(QueryError(format!("Unrecognized '{text}' literal at '{}' in '{}'.", self.at, self.text)));
        };
        self.at += length;
        Ok(kind)
    }

    fn moment(&self, text: &str) -> Option<Timestamp> {
        if self.today { literal::moment(text) } else { text.parse().ok() }
    }

    fn word(&mut self) -> Result<Kind, QueryError> {
        let rest = &self.text[self.at..];
        let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '/' | '$' | '@');
        let length = rest.find(|c| !part(c)).unwrap_or(rest.len());
        let word = rest[..length].to_owned();
        self.at += length;
        if self.text[self.at..].starts_with('\'') {
            return Ok(Kind::Enum(word, self.quoted('\'')?));
        }
        Ok(Kind::Word(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        tokens(text, Dialect::Legacy).expect("good tokens").into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn two_quotes_in_a_text_are_one() {
        assert_eq!(kinds("'O''Brien'"), [Kind::Text("O'Brien".into()), Kind::End]);
        assert_eq!(kinds("''''"), [Kind::Text("'".into()), Kind::End]);
        assert_eq!(kinds("''"), [Kind::Text(String::new()), Kind::End]);
        assert_eq!(kinds("'a' 'b'"), [Kind::Text("a".into()), Kind::Text("b".into()), Kind::End]);
        assert_eq!(kinds("'a''' eq"), [Kind::Text("a'".into()), Kind::Word("eq".into()), Kind::End]);
    }

    #[test]
    fn numbers_dates_and_moments_are_told_apart() {
        assert_eq!(
            kinds("-5 1.5 2L 2017-01-02 2017-01-02T03:04:05Z"),
            [
                Kind::Int(-5),
                Kind::Real(1.5),
                Kind::Int(2),
                Kind::Date("2017-01-02".parse().expect("a date")),
                Kind::Time("2017-01-02T03:04:05Z".parse().expect("a moment")),
                Kind::End
            ]
        );
    }

    #[test]
    fn what_is_no_token_is_refused_with_its_place() {
        for (text, error) in [
            ("a ; b", "Syntax error at position 2 in 'a ; b'."),
            ("'open", "There is an unterminated string literal at position 5 in ''open'."),
            ("12abc", "Unrecognized '12abc' literal at '0' in '12abc'."),
        ] {
            assert_eq!(tokens(text, Dialect::Legacy), Err(QueryError(error.into())), "{text}");
        }
    }
}

//! An indicator: the observable that a tenant is told to look out for.

use std::{fmt, str::FromStr};

use jiff::Timestamp;

/// What kind of observable an indicator names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// SHA-1 of a file: 40 hexadecimal digits.
    Sha1,
    /// SHA-256 of a file: 64 hexadecimal digits.
    Sha256,
    /// MD5 of a file: 32 hexadecimal digits.
    Md5,
    /// The remote address of a connection.
    IpAddress,
    /// The host name of a connection.
    DomainName,
    /// The address of a page, as far as a sensor sees it: of an encrypted connection only its host.
    Url,
}

impl Kind {
    /// Every kind, in the order of the service's documentation.
    pub const ALL: [Self; 6] = [Self::Sha1, Self::Sha256, Self::Md5, Self::IpAddress, Self::DomainName, Self::Url];

    /// Those that the legacy service knows.
    pub const LEGACY: [Self; 5] = [Self::Sha1, Self::Sha256, Self::Md5, Self::IpAddress, Self::DomainName];

    /// Whether it names a file, by one of its hashes.
    pub fn is_file(self) -> bool {
        matches!(self, Self::Sha1 | Self::Sha256 | Self::Md5)
    }

    /// The field's own spelling, which is also the legacy service's.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "Sha1",
            Self::Sha256 => "Sha256",
            Self::Md5 => "Md5",
            Self::IpAddress => "IpAddress",
            Self::DomainName => "DomainName",
            Self::Url => "Url",
        }
    }
}

/// What a device does, beside raising an alert, when it comes across an indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// It lets it happen and raises no alert, whatever other indicators say.
    Allowed,
    /// It lets it happen.
    Audit,
    /// It warns its user, who may go on.
    Warn,
    /// It keeps it from happening.
    Block,
    /// It keeps it from happening and removes the file.
    BlockAndRemediate,
}

impl Action {
    /// Every action, the mildest first.
    pub const ALL: [Self; 5] = [Self::Allowed, Self::Audit, Self::Warn, Self::Block, Self::BlockAndRemediate];

    /// Whether a device is kept from what the indicator names, at least until its user goes on.
    pub fn keeps_from_it(self) -> bool {
        matches!(self, Self::Warn | Self::Block | Self::BlockAndRemediate)
    }

    /// The services' own spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "Allowed",
            Self::Audit => "Audit",
            Self::Warn => "Warn",
            Self::Block => "Block",
            Self::BlockAndRemediate => "BlockAndRemediate",
        }
    }
}

/// How an indicator's value is compared with what a device was seen to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Function {
    /// The whole value.
    Equals,
    /// The beginning.
    StartWith,
    /// The end.
    EndWith,
    /// Anywhere.
    Contains,
}

impl Function {
    /// Every function, in the order of the service's documentation.
    pub const ALL: [Self; 4] = [Self::Equals, Self::StartWith, Self::EndWith, Self::Contains];

    /// The service's own spelling: there is no "s" on `StartWith` and `EndWith`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equals => "Equals",
            Self::StartWith => "StartWith",
            Self::EndWith => "EndWith",
            Self::Contains => "Contains",
        }
    }
}

/// A word that names none of the known values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is no {what} (known: {known})")]
pub struct UnknownWord {
    /// What was asked for.
    pub what: &'static str,
    /// What was given.
    pub word: String,
    /// What would have been understood.
    pub known: String,
}

/// Finds the value that `word` spells, whatever its letter case: Microsoft's own pages write both `Sha1` and `SHA1`.
pub(crate) fn by_word<T: Copy>(
    what: &'static str,
    all: &[T],
    spelling: fn(T) -> &'static str,
    word: &str,
) -> Result<T, UnknownWord> {
    all.iter().copied().find(|value| spelling(*value).eq_ignore_ascii_case(word)).ok_or_else(|| UnknownWord {
        what,
        word: word.into(),
        known: all.iter().map(|value| spelling(*value)).collect::<Vec<_>>().join(", "),
    })
}

impl FromStr for Kind {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        by_word("indicator type", &Self::ALL, Self::as_str, word)
    }
}

impl FromStr for Function {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        by_word("detection function", &Self::ALL, Self::as_str, word)
    }
}

impl FromStr for Action {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        by_word("action", &Self::ALL, Self::as_str, word)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An indicator, as asked for. The legacy service calls it an indicator of compromise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// What kind of observable `value` is.
    pub kind: Kind,
    /// The observable, or the part of it that `function` looks for.
    pub value: String,
    /// How `value` is compared.
    pub function: Function,
    /// What the device does about it. The legacy service knows nothing but to raise an alert, which is [`Action::Audit`].
    pub action: Action,
    /// When it stops to raise alerts by itself; `None` is never.
    pub expires_at: Option<Timestamp>,
    /// A disabled indicator raises no alert.
    pub enabled: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_any_letter_case_and_written_in_the_service_s_own() {
        assert_eq!("SHA1".parse::<Kind>(), Ok(Kind::Sha1));
        assert_eq!("startwith".parse::<Function>(), Ok(Function::StartWith));
        assert_eq!(Kind::IpAddress.to_string(), "IpAddress");
    }

    #[test]
    fn an_unknown_word_is_answered_with_the_known_ones() {
        let error = "FileName".parse::<Kind>().expect_err("FileName left the list in 2018");
        assert_eq!(
            error.to_string(),
            "`FileName` is no indicator type (known: Sha1, Sha256, Md5, IpAddress, DomainName, Url)"
        );
    }
}

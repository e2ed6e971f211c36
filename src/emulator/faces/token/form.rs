//! What a request for a token says.

use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;

use crate::emulator::{answer::Request, faces::token::refusal::Refusal};

/// The fields of a request for a token.
#[derive(Debug)]
pub(super) struct Form {
    fields: Vec<(String, String)>,
    login: Option<(String, String)>,
}

/// Fields that may stand in a request only once.
const SINGLE: [&str; 7] =
    ["grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type", "scope", "resource"];

impl Form {
    /// The body's fields, whatever the request says of its media type, with the login of a Basic header where the body
    /// has none.
    pub(super) fn read(request: &Request) -> Self {
        let pairs = url::form_urlencoded::parse(&request.body);
        let fields = pairs.map(|(name, value)| (name.trim().to_ascii_lowercase(), value.into_owned())).collect();
        Self { fields, login: request.header("authorization").and_then(basic) }
    }

    /// Refuses a request that says something twice.
    pub(super) fn check_single(&self) -> Result<(), Refusal> {
        let often = |name: &&&str| self.fields.iter().filter(|(known, _)| known == **name).count() > 1;
        match SINGLE.iter().find(often) {
            Some(name) => Err(Refusal::duplicated(name)),
            None => Ok(()),
        }
    }

    /// The field of this name, without blanks around it; none where it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let own = self.fields.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let login = match (name, &self.login) {
            ("client_id", Some((user, _))) => Some(user.as_str()),
            ("client_secret", Some((_, password))) => Some(password.as_str()),
            _ => None,
        };
        own.chain(login).map(str::trim).find(|value| !value.is_empty())
    }

    /// The field of this name, which must be there.
    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::missing(name))
    }
}

/// User and password of a Basic header. They should be form-encoded, but Base64 of a secret with a plus sign rarely is.
fn basic(authorization: &str) -> Option<(String, String)> {
    let (scheme, rest) = authorization.trim().split_once(char::is_whitespace)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let login = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (user, password) = login.split_once(':')?;
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    Some((decoded(user), decoded(password)))
}

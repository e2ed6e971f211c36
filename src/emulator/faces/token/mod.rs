//! The identity platform, as far as applications use it: tokens for client credentials, and what libraries read first.
//!
//! In reading order: this file (which place a request is for), [`grant`] (a request for a token, from first to last
//! check), [`form`] (what it says), [`client`] and [`assertion`] (who asks), [`target`] (for which service),
//! [`refusal`] (why not), [`discovery`] (addresses and keys), [`cloud`] (what differs from cloud to cloud).
//!
//! Failures follow recorded answers of the real service (defender-endpoint-api §1.4). Whatever the tenant says of the
//! threat intelligence API, the application stays registered: how the real switch treats it is not documented. A token
//! without roles is issued like any other, for missing consent is not a token error; the service refuses it.

mod assertion;
mod client;
mod cloud;
mod discovery;
mod form;
mod grant;
mod refusal;
mod target;

use crate::emulator::{Emulator, answer::Answer, faces::Call};

/// The audience of a token that was asked for without a resource (recorded in 2017).
pub(super) const AAD_GRAPH: &str = "00000002-0000-0000-c000-000000000000";

/// A place of the identity platform, below its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// `{tenant}/oauth2/token` and `{tenant}/oauth2/v2.0/token`.
    Token(Version),
    /// `{tenant}/.well-known/openid-configuration` and `{tenant}/v2.0/.well-known/openid-configuration`.
    Configuration(Version),
    /// `{tenant}/discovery/keys` and `{tenant}/discovery/v2.0/keys`.
    Keys(Version),
    /// `{tenant}/discovery/instance`, where libraries ask whether they may trust an address.
    Instance,
}

/// Which generation of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    V1,
    V2,
}

const PLACES: [(&[&str], Place); 7] = [
    (&["oauth2", "token"], Place::Token(Version::V1)),
    (&["oauth2", "v2.0", "token"], Place::Token(Version::V2)),
    (&[".well-known", "openid-configuration"], Place::Configuration(Version::V1)),
    (&["v2.0", ".well-known", "openid-configuration"], Place::Configuration(Version::V2)),
    (&["discovery", "keys"], Place::Keys(Version::V1)),
    (&["discovery", "v2.0", "keys"], Place::Keys(Version::V2)),
    (&["discovery", "instance"], Place::Instance),
];

/// Whether the segments of a path lead to a place of the identity platform.
pub(super) fn is_place(segments: &[&str]) -> bool {
    place(segments).is_some()
}

fn place(segments: &[&str]) -> Option<Place> {
    let (_, below) = segments.split_first()?;
    let same = |known: &&[&str]| {
        known.len() == below.len() && known.iter().zip(below).all(|(known, given)| known.eq_ignore_ascii_case(given))
    };
    PLACES.iter().find(|(known, _)| same(known)).map(|(_, place)| *place)
}

/// Answers a request to the identity platform.
pub(super) fn answer(emulator: &Emulator, call: &Call<'_>) -> Answer {
    let segments: Vec<_> = call.rest.iter().map(String::as_str).collect();
    match place(&segments) {
        Some(Place::Token(version)) => grant::answer(emulator, call, version),
        Some(Place::Configuration(version)) => discovery::configuration(emulator, call, version),
        Some(Place::Keys(version)) => discovery::keys(emulator, call, version),
        Some(Place::Instance) => discovery::instance(emulator, call),
        None => Answer::empty(404),
    }
}

impl Call<'_> {
    /// The tenant that the path names, as it names it.
    fn tenant_name(&self) -> &str {
        self.rest.first().map_or("", |name| name.trim())
    }
}

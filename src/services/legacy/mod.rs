//! The legacy service: the custom threat intelligence API V1.0 and the alert export feed, retired on 2019-08-29.
//!
//! In reading order: [`Legacy`] here (where the service is, and how its refusals are read), [`definitions`],
//! [`indicators`], [`alerts`]: a port each, and in private `once` (creating, though an answer is lost) and `wire` (how the service spells things).
//!
//! It writes strictly, in the documented order and types, and reads tolerantly: members that it does not know are passed
//! over, and each documented era of a spelling is understood.

pub mod alerts;
pub mod definitions;
pub mod indicators;
mod once;
mod wire;

use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use url::Url;

use crate::{
    services::{definitions::Query, error::ServiceError, odata::with_options, walk::Walk},
    transport::{
        Transport,
        call::{Call, Reply},
        credential,
        decode::Odd,
        error::TransportError,
    },
};

/// Where a legacy service is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// The API's root, `https://ti.securitycenter.windows.com/V1.0/`, with or without its last slash.
    pub api: Url,
    /// The whole address of the alert export feed.
    pub alert_export: Url,
}

/// The legacy service, as [`Definitions`](crate::services::definitions::Definitions),
/// [`Indicators`](crate::services::indicators::Indicators) and [`Alerts`](crate::services::alerts::Alerts).
#[derive(Clone)]
pub struct Legacy {
    transport: Transport,
    addresses: Addresses,
}

impl Legacy {
    /// The service at `addresses`, over a transport that is authorised for both.
    pub fn new(transport: Transport, addresses: Addresses) -> Self {
        Self { transport, addresses }
    }

    /// A moment of ours, on the service's clock.
    fn to_theirs(&self, ours: Timestamp) -> Timestamp {
        ours.saturating_add(self.transport.ahead()).unwrap_or(Timestamp::MAX)
    }

    /// A moment of the service's, on our clock.
    fn to_ours(&self, theirs: Timestamp) -> Timestamp {
        theirs.saturating_sub(self.transport.ahead()).unwrap_or(Timestamp::MIN)
    }

    /// The address of `path` below the API's root. Letters, digits, brackets and `$` are all that a path of ours has.
    fn at(&self, path: &str) -> Url {
        let mut url = self.addresses.api.clone();
        url.set_query(None);
        let root = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{root}/{path}"));
        url
    }

    async fn call(&self, call: Call) -> Result<Reply, ServiceError> {
        self.transport.call(call).await.map_err(said_no)
    }

    /// One entity by its address; `None` is that there is none.
    async fn one<T: DeserializeOwned>(&self, path: &str, purpose: String) -> Result<Option<(T, Reply)>, ServiceError> {
        let call = Call::get(self.at(path)).accept("application/json;odata.metadata=none").purpose(purpose);
        let reply = match self.transport.call(call).await {
            Err(error) if not_there(&error) => return Ok(None),
            other => other.map_err(said_no)?,
        };
        let entity = only(&reply)?;
        Ok(entity.map(|entity| (entity, reply)))
    }

    /// The entities of a set that `query` asks for, page by page. The documentation knows no pages, a sister service
    /// has them, and half a set taken for the whole would be worse than a call more.
    async fn set<T: DeserializeOwned>(&self, set: &str, query: &Query, purpose: &str) -> Result<Vec<T>, ServiceError> {
        self.pages(with_options(self.at(set), query, None), purpose).await
    }

    async fn pages<T: DeserializeOwned>(&self, mut url: Url, purpose: &str) -> Result<Vec<T>, ServiceError> {
        let mut entities = Vec::new();
        let mut walk = Walk::default();
        loop {
            let reply = self.call(Call::get(url.clone()).purpose(purpose)).await?;
            walk.took(&reply)?;
            let page: wire::Set<T> = reply.json()?;
            entities.extend(page.value);
            let Some(next) = page.next else { return Ok(entities) };
            // The token goes where the profile says, and nowhere that an answer says.
            match url.join(&next) {
                Ok(next) if next.origin() == url.origin() => url = next,
                _ => {
                    let odd = Odd::new("@odata.nextLink", "an address of the same service", "another");
                    return Err(reply.malformed(odd).into());
                }
            }
        }
    }

    /// Removes the entity at `path`. That it is gone already is success.
    async fn remove_one(&self, path: &str, purpose: String) -> Result<(), ServiceError> {
        match self.transport.call(Call::delete(self.at(path)).purpose(purpose).clean_up()).await {
            Ok(reply) => Ok(reply.acknowledged()?),
            Err(error) if not_there(&error) => Ok(()),
            Err(error) => Err(said_no(error)),
        }
    }

    /// Removes every entity of a set. That the set itself is not there is no success: the API is not.
    async fn remove_set(&self, set: &str, purpose: &str) -> Result<(), ServiceError> {
        Ok(self.call(Call::delete(self.at(set)).purpose(purpose).clean_up()).await?.acknowledged()?)
    }
}

/// Whether `url` is at Microsoft's own service, which is switched off since 2019-08-29: a server that is compatible with
/// it, or an emulator, goes by that name only where names are redirected.
pub fn is_retired(url: &Url) -> bool {
    url.host_str().is_some_and(|host| host.eq_ignore_ascii_case("ti.securitycenter.windows.com"))
}

/// The entity of an answer: bare, or, as every revision of the documentation shows it, in an array of one.
fn only<T: DeserializeOwned>(reply: &Reply) -> Result<Option<T>, TransportError> {
    #[derive(Deserialize)]
    struct Shape {
        #[serde(default)]
        value: Option<serde::de::IgnoredAny>,
    }
    if reply.json::<Shape>()?.value.is_some() {
        return Ok(reply.json::<wire::Set<T>>()?.value.into_iter().next());
    }
    reply.json().map(Some)
}

/// Whether the entity that was addressed is not there.
fn not_there(error: &TransportError) -> bool {
    matches!(error, TransportError::Refused { purpose, status: 404, .. } if purpose != credential::PURPOSE)
}

/// An answer that says no to what was asked for, told from one that is no answer to it.
fn said_no(error: TransportError) -> ServiceError {
    match error {
        error if error.denies_access() => error.into(),
        TransportError::Refused { purpose, status: status @ (400 | 409 | 412 | 413 | 422), code: why, .. } => {
            ServiceError::Rejected { purpose, status, why }
        }
        TransportError::Refused { purpose, status: 507, code, .. } => {
            let why = if code.to_ascii_lowercase().contains("quota") {
                code
            } else {
                format!("a quota of the tenant is used up ({code})")
            };
            ServiceError::Rejected { purpose, status: 507, why }
        }
        other => other.into(),
    }
}

/// The same where the address names one entity: 404 says that it is not there.
fn said_no_to_one(error: TransportError) -> ServiceError {
    match error {
        TransportError::Refused { purpose, status: 404, code, .. } if purpose != credential::PURPOSE => {
            ServiceError::Rejected { purpose, status: 404, why: format!("it is not there ({code})") }
        }
        other => said_no(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_named_whether_or_not_the_service_names_it() {
        for code in ["no words with it", "The quota is exceeded."] {
            let refused = TransportError::Refused {
                purpose: "create an indicator".into(),
                host: "ti.example".into(),
                status: 507,
                code: code.into(),
            };
            let text = said_no(refused).to_string();
            assert!(text.starts_with("the service refused to create an indicator: HTTP 507: "), "{text}");
            assert!(text.contains("quota"), "{text}");
        }
    }
}

//! The Defender for Endpoint API, announced to end on 2027-02-01: indicators, alerts, machines, advanced hunting.
//!
//! In reading order: [`Endpoint`] here (where the service is), [`quotas`] (how many calls it gives), [`indicators`] and
//! [`definitions`] (one thing under one key), [`alerts`], [`devices`], [`hunting`]: a port each. In private: `wire` (how
//! the service spells things), `values` (which values it takes), `asked` (what was asked for in other words), `held`
//! (what it holds already), `bulk` and `together` (many at once), `evidence` (what an alert names), `sets` (pages), `refusals` (how its refusals are read).
//!
//! It writes strictly, in the documented order and types, and reads tolerantly: members that it does not know are passed
//! over, and where the documentation and the service as it was recorded differ, both are understood.

pub mod alerts;
mod asked;
mod bulk;
pub mod definitions;
pub mod devices;
pub(crate) mod evidence;
mod held;
pub mod hunting;
pub mod indicators;
pub mod quotas;
mod refusals;
mod sets;
mod together;
mod values;
mod wire;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::{
    services::{
        endpoint::{
            asked::Asked,
            quotas::{Calls, Quotas},
            refusals::said_no,
        },
        error::{Capability, ServiceError},
    },
    transport::{
        Transport,
        call::{Call, Reply},
        error::TransportError,
    },
};

/// The Defender for Endpoint API, as [`Definitions`](crate::services::definitions::Definitions),
/// [`Indicators`](crate::services::indicators::Indicators), [`Alerts`](crate::services::alerts::Alerts),
/// [`Devices`](crate::services::devices::Devices) and [`Hunting`](crate::services::hunting::Hunting).
#[derive(Clone)]
pub struct Endpoint {
    transport: Transport,
    api: Url,
    quotas: Quotas,
    asked: Arc<Mutex<Asked>>,
}

impl Endpoint {
    /// The service with this API root, `https://api.security.microsoft.com/api` with or without a version and a last
    /// slash, over a transport that is authorised for it. It counts no calls but what `transport` counts.
    pub fn new(transport: Transport, api: Url) -> Self {
        Self { transport, api, quotas: Quotas::default(), asked: Arc::default() }
    }

    /// The same service, each family of calls within its own quota, in place of the transport's.
    #[must_use]
    pub fn within(self, quotas: Quotas) -> Self {
        Self { quotas, ..self }
    }

    /// A moment of ours, on the service's clock.
    fn to_theirs(&self, ours: Timestamp) -> Timestamp {
        ours.saturating_add(self.transport.ahead()).unwrap_or(Timestamp::MAX)
    }

    /// A moment of the service's, on our clock.
    fn to_ours(&self, theirs: Timestamp) -> Timestamp {
        theirs.saturating_sub(self.transport.ahead()).unwrap_or(Timestamp::MIN)
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The address of `path` below the API's root.
    fn at(&self, path: &str) -> Url {
        let mut url = self.api.clone();
        url.set_query(None);
        url.set_fragment(None);
        let root = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{root}/{path}"));
        url
    }

    /// The address of the one entity of `set` with the key `id`.
    fn one_of(&self, what: Capability, set: &str, id: &str) -> Result<Url, ServiceError> {
        // Dots alone would climb out of the set, whatever is done to them on the way.
        if id.bytes().all(|byte| byte == b'.') {
            return Err(ServiceError::Unsupported { what, why: format!("`{id}` is no key of any") });
        }
        Ok(self.at(&format!("{set}/{}", utf8_percent_encode(id, SEGMENT))))
    }

    async fn call(&self, calls: Calls, call: Call) -> Result<Reply, ServiceError> {
        self.raw(calls, call).await.map_err(said_no)
    }

    async fn raw(&self, calls: Calls, call: Call) -> Result<Reply, TransportError> {
        match self.quotas.quota(calls) {
            Some(quota) => self.transport.clone().within(quota).call(call).await,
            None => self.transport.call(call).await,
        }
    }
}

/// A key is one segment of a path, whatever it holds.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

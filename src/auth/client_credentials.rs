//! The `client_credentials` grant: an application's proof of who it is becomes a token for each resource it asks for.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::{
    auth::{
        certificate::{self, Certificate},
        federated::Federated,
        kept::Kept,
        token::{self, Token},
    },
    clock::{Clock, later},
    transport::{
        Transport,
        call::Call,
        credential::{Credential, PURPOSE},
        error::TransportError,
        secret::Secret,
    },
};

/// Which of the two token endpoints is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `…/oauth2/token`, asked for a `resource`: the guide's own.
    V1,
    /// `…/oauth2/v2.0/token`, asked for a `scope`.
    V2,
}

impl Style {
    /// The style of a token endpoint, by the end of its path; `otherwise` where that is neither.
    pub fn of(url: &Url, otherwise: Self) -> Self {
        let path = url.path().trim_end_matches('/').to_ascii_lowercase();
        if path.ends_with("/oauth2/v2.0/token") {
            Self::V2
        } else if path.ends_with("/oauth2/token") {
            Self::V1
        } else {
            otherwise
        }
    }
}

/// A token endpoint, and how it is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenEndpoint {
    /// Its whole address, tenant included.
    pub url: Url,
    /// Which of the two it is.
    pub style: Style,
}

/// What proves who the application is.
#[derive(Debug, Clone)]
pub enum Proof {
    /// A secret that both sides know.
    Secret(Secret),
    /// A certificate that the tenant knows, and its key.
    Certificate(Certificate),
    /// Another issuer, which the tenant trusts.
    Federated(Box<Federated>),
}

/// Tokens for one resource. Clones, and those [`for_resource`](Self::for_resource) others, share the proof and the
/// tokens: one is fetched for each resource, however many ask.
#[derive(Clone)]
pub struct ClientCredentials {
    shared: Arc<Shared>,
    resource: String,
    kept: Arc<Kept>,
}

struct Shared {
    endpoint: TokenEndpoint,
    client_id: String,
    proof: Proof,
    transport: Transport,
    clock: Clock,
    tokens: Mutex<BTreeMap<String, Arc<Kept>>>,
}

/// An application as it is registered in a tenant.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Where its tokens come from.
    pub endpoint: TokenEndpoint,
    /// Its id.
    pub client_id: String,
    /// What proves that it is the one.
    pub proof: Proof,
}

/// What a request proves the identity with.
struct Evidence {
    field: &'static str,
    secret: Secret,
    /// Until when it is good by our clock, and how far ahead it took the other one to be; where that is ours to say.
    times: Option<(Timestamp, SignedDuration)>,
}

impl ClientCredentials {
    /// Tokens of `registration` for `resource`, fetched over `transport`, which has no authorisation of its own.
    pub fn new(registration: Registration, resource: &str, transport: Transport, clock: &Clock) -> Self {
        let Registration { endpoint, client_id, proof } = registration;
        let shared = Shared { endpoint, client_id, proof, transport, clock: clock.clone(), tokens: Mutex::default() };
        Self::of(Arc::new(shared), resource)
    }

    /// The same application, for another resource.
    #[must_use]
    pub fn for_resource(&self, resource: &str) -> Self {
        Self::of(Arc::clone(&self.shared), resource)
    }

    fn of(shared: Arc<Shared>, resource: &str) -> Self {
        let kept = {
            let mut tokens = shared.tokens.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(tokens.entry(resource.to_owned()).or_insert_with(|| Arc::new(Kept::new(&shared.clock))))
        };
        Self { shared, resource: resource.to_owned(), kept }
    }

    /// Asks for a token, and once more where the answer showed that the assertion was made by a clock that is wrong,
    /// or that its time ran out while a busy endpoint was waited for.
    async fn fetch(&self) -> Result<Token, TransportError> {
        let evidence = self.evidence().await?;
        let answer = self.ask(&evidence).await;
        match (&answer, evidence.times) {
            (Err(error), Some((until, ahead))) if error.denies_access() => {
                let Shared { transport, clock, .. } = &*self.shared;
                if transport.ahead() == ahead && clock.now() < until {
                    return answer;
                }
                self.ask(&self.evidence().await?).await
            }
            _ => answer,
        }
    }

    async fn evidence(&self) -> Result<Evidence, TransportError> {
        let Shared { endpoint, client_id, proof, transport, clock, .. } = &*self.shared;
        let (field, secret, times) = match proof {
            Proof::Secret(secret) => ("client_secret", secret.clone(), None),
            Proof::Federated(federated) => (ASSERTION, federated.assertion().await?, None),
            Proof::Certificate(certificate) => {
                let (now, ahead) = (clock.now(), transport.ahead());
                let assertion = certificate.assertion(endpoint.url.as_str(), client_id, later(now, ahead))?;
                (ASSERTION, assertion, Some((later(now, certificate::LIFETIME), ahead)))
            }
        };
        Ok(Evidence { field, secret, times })
    }

    async fn ask(&self, evidence: &Evidence) -> Result<Token, TransportError> {
        let Shared { endpoint, client_id, transport, .. } = &*self.shared;
        let scope = format!("{}/.default", self.resource.trim_end_matches('/'));
        let mut fields = vec![
            match endpoint.style {
                Style::V1 => ("resource", self.resource.as_str()),
                Style::V2 => ("scope", scope.as_str()),
            },
            ("client_id", client_id),
        ];
        if evidence.field == ASSERTION {
            fields.push(("client_assertion_type", ASSERTION_TYPE));
        }
        fields.push((evidence.field, evidence.secret.expose()));
        fields.push(("grant_type", "client_credentials"));
        let call = Call::post(endpoint.url.clone()).purpose(PURPOSE).form(&fields).hide(&evidence.secret).repeatable();
        token::read(&transport.call(call).await?)
    }
}

const ASSERTION: &str = "client_assertion";

/// RFC 7523, section 2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

impl Credential for ClientCredentials {
    fn bearer(&self) -> BoxFuture<'_, Result<Secret, TransportError>> {
        Box::pin(self.kept.get(|| self.fetch()))
    }

    fn refused(&self, token: &Secret) {
        self.kept.drop_if(token);
    }
}

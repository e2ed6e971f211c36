//! The proof of the guide, put together: a client id and a client secret, for one resource.

use futures::future::BoxFuture;
use url::Url;

pub use crate::auth::client_credentials::Style;
use crate::{
    auth::client_credentials::{ClientCredentials, Proof, Registration, TokenEndpoint},
    clock::Clock,
    transport::{Transport, credential::Credential, error::TransportError, secret::Secret},
};

/// An application as it is registered in a tenant, and what its tokens are for.
#[derive(Debug, Clone)]
pub struct Application {
    /// The whole address of the token endpoint, tenant included.
    pub authorization_url: Url,
    /// The application's id.
    pub client_id: String,
    /// The application's secret.
    pub secret: Secret,
    /// What the token is for: `https://graph.windows.net` in the guide.
    pub resource: String,
    /// Which endpoint it is.
    pub style: Style,
}

/// Tokens by client id and client secret.
pub struct ClientSecret(ClientCredentials);

impl ClientSecret {
    /// Tokens for `application`, fetched over `transport`, which has no authorisation of its own.
    pub fn new(application: Application, transport: Transport, clock: &Clock) -> Self {
        let Application { authorization_url: url, client_id, secret, resource, style } = application;
        let endpoint = TokenEndpoint { url, style };
        let registration = Registration { endpoint, client_id, proof: Proof::Secret(secret) };
        Self(ClientCredentials::new(registration, &resource, transport, clock))
    }
}

impl Credential for ClientSecret {
    fn bearer(&self) -> BoxFuture<'_, Result<Secret, TransportError>> {
        self.0.bearer()
    }

    fn refused(&self, token: &Secret) {
        self.0.refused(token);
    }
}

//! The proof of the guide: a client id and a client secret, for the token endpoint's `client_credentials` grant.

use futures::future::BoxFuture;
use url::Url;

use crate::{
    auth::{
        kept::Kept,
        token::{self, Token},
    },
    clock::Clock,
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
pub struct ClientSecret {
    application: Application,
    transport: Transport,
    kept: Kept,
}

impl ClientSecret {
    /// Tokens for `application`, fetched over `transport`, which has no authorisation of its own.
    pub fn new(application: Application, transport: Transport, clock: &Clock) -> Self {
        Self { application, transport, kept: Kept::new(clock) }
    }

    async fn fetch(&self) -> Result<Token, TransportError> {
        let Application { authorization_url, client_id, secret, resource, style } = &self.application;
        let scope = format!("{}/.default", resource.trim_end_matches('/'));
        let target = match style {
            Style::V1 => ("resource", resource.as_str()),
            Style::V2 => ("scope", scope.as_str()),
        };
        let call = Call::post(authorization_url.clone())
            .purpose(PURPOSE)
            .form(&[
                target,
                ("client_id", client_id),
                ("client_secret", secret.expose()),
                ("grant_type", "client_credentials"),
            ])
            .hide(secret)
            .repeatable();
        token::read(&self.transport.call(call).await?)
    }
}

impl Credential for ClientSecret {
    fn bearer(&self) -> BoxFuture<'_, Result<Secret, TransportError>> {
        Box::pin(self.kept.get(|| self.fetch()))
    }

    fn refused(&self, token: &Secret) {
        self.kept.drop_if(token);
    }
}

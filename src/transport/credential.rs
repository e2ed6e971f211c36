//! What a request is authorised by.

use futures::future::BoxFuture;

use crate::transport::{error::TransportError, secret::Secret};

/// The purpose of every call that fetches a token, by which a refusal to give one is told from a service's refusals.
pub const PURPOSE: &str = "get an access token";

/// Something that has a bearer token whenever one is needed.
pub trait Credential: Send + Sync {
    /// A token that is good now.
    fn bearer(&self) -> BoxFuture<'_, Result<Secret, TransportError>>;

    /// Says that a service refused `token` (HTTP 401), so that it is not handed out again.
    fn refused(&self, token: &Secret);
}

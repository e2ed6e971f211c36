//! How a profile proves who it is: each kind of proof becomes a token, kept while it is good.
//!
//! In reading order: [`client_credentials`] (the grant: an application, its proof, a token for each resource),
//! [`client_secret`] (the proof of the guide, put together), [`certificate`] and [`federated`] (proofs that are no
//! secret of both sides), [`token`] (what the token endpoint answers), and in private `kept` (one fetch, however many
//! ask).
//!
//! Knows nothing of what a token is for.

pub mod certificate;
pub mod client_credentials;
pub mod client_secret;
pub mod federated;
mod kept;
pub mod token;

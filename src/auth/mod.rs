//! How a profile proves who it is: each kind of proof becomes a token, kept while it is good.
//!
//! In reading order: [`client_secret`] (the proof of the guide: an id and a secret), [`token`] (what the token endpoint
//! answers), and in private `kept` (one fetch, however many ask).
//!
//! Knows nothing of what a token is for.

pub mod client_secret;
mod kept;
pub mod token;

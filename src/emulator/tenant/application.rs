//! The one application that is registered in the tenant, its secret, and what keeps it from signing in.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;

use crate::emulator::{noise, tenant::credentials::Credentials};

/// The name of the application that enabling the feature registers (troubleshoot-custom-ti).
pub const APPLICATION_NAME: &str = "WindowsDefenderATPThreatIntelAPI";

/// The URI of that application: it kept its former name (troubleshoot-custom-ti).
pub const APPLICATION_URI: &str = "https://WindowsDefenderATPCustomerTiConnector";

/// The registered application.
#[derive(Clone)]
pub struct Application {
    client_id: String,
    secret: String,
    secrets_made: u32,
    revealed: bool,
    expired_at: Option<Timestamp>,
    enabled: bool,
    sign_in: SignIn,
    pub(in crate::emulator) credentials: Credentials,
    seed: u64,
}

/// What keeps the application from signing in; not the switch of the threat intelligence API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulator) enum SignIn {
    /// Nothing.
    Open,
    /// The application is disabled.
    Disabled,
    /// Conditional access blocks it.
    Blocked,
}

impl SignIn {
    pub(in crate::emulator) const ALL: [Self; 3] = [Self::Open, Self::Disabled, Self::Blocked];

    /// The word for it in JSON.
    pub(in crate::emulator) fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Disabled => "disabled",
            Self::Blocked => "blocked",
        }
    }
}

/// What a secret that a client shows is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretCheck {
    /// It is the application's.
    Right,
    /// It was the application's until it expired.
    Expired,
    /// It is not the application's.
    Wrong,
}

impl Application {
    pub(super) fn new(seed: u64) -> Self {
        let mut application = Self {
            client_id: noise::guid(seed, &["application"]),
            secret: String::new(),
            secrets_made: 0,
            revealed: false,
            expired_at: None,
            enabled: true,
            sign_in: SignIn::Open,
            credentials: Credentials::default(),
            seed,
        };
        application.rotate();
        application
    }

    /// The client id.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Whether the threat intelligence API of the tenant is switched on.
    pub fn enabled(&self) -> bool {
        self.enabled
    }

    /// What keeps the application from signing in, if anything does.
    pub(in crate::emulator) fn sign_in(&self) -> SignIn {
        self.sign_in
    }

    /// Keeps the application from signing in, or lets it.
    pub(in crate::emulator) fn set_sign_in(&mut self, sign_in: SignIn) {
        self.sign_in = sign_in;
    }

    /// When the secret expired, if it did.
    pub fn expired_at(&self) -> Option<Timestamp> {
        self.expired_at
    }

    /// The secret, the first time that anybody asks since it was made; never again.
    pub fn reveal_secret(&mut self) -> Option<String> {
        (!std::mem::replace(&mut self.revealed, true)).then(|| self.secret.clone())
    }

    /// Whether the secret has been shown.
    pub fn secret_was_revealed(&self) -> bool {
        self.revealed
    }

    /// Compares `given` with the secret, at a cost that does not depend on where they differ.
    pub fn check_secret(&self, given: &str, now: Timestamp) -> SecretCheck {
        let (given, own) = (given.as_bytes(), self.secret.as_bytes());
        let differing = given.iter().zip(own).fold(0, |differing, (a, b)| differing | (a ^ b));
        match (given.len() == own.len() && differing == 0, self.expired_at) {
            (false, _) => SecretCheck::Wrong,
            (true, Some(expired)) if expired <= now => SecretCheck::Expired,
            (true, _) => SecretCheck::Right,
        }
    }

    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    pub(super) fn switch(&mut self, enabled: bool) {
        self.enabled = enabled;
    }

    pub(super) fn expire(&mut self, now: Timestamp) {
        self.expired_at = Some(now);
    }

    /// Makes a new secret, in the form of its time: 44 letters of Base64.
    pub(super) fn rotate(&mut self) {
        self.secrets_made += 1;
        self.secret = STANDARD.encode(noise::bytes(self.seed, &["secret", &self.secrets_made.to_string()]));
        self.revealed = false;
        self.expired_at = None;
    }
}

impl std::fmt::Debug for Application {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Application")
            .field("client_id", &self.client_id)
            .field("enabled", &self.enabled)
            .field("expired_at", &self.expired_at)
            .finish_non_exhaustive()
    }
}

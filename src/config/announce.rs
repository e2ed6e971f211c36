//! Who is told of a run before it begins.

use url::Url;

use crate::{
    config::{environment::Environment, error::ConfigError, file::Table, place::Place},
    transport::secret::Secret,
};

/// What the webhook understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// JSON of alertdrill's own.
    Generic,
    /// A message with an Adaptive Card, for a webhook of Workflows in Teams.
    Teams,
    /// A message for an incoming webhook of Slack.
    Slack,
}

/// A webhook, and whether no run begins that it did not take.
#[derive(Debug, Clone)]
pub struct Announce {
    /// `announce`.
    pub form: Form,
    /// The address, which whoever knows may write to.
    pub address: Secret,
    /// `announce_required`.
    pub required: bool,
}

/// The variable that holds the address.
const VARIABLE: &str = "ALERTDRILL_ANNOUNCE_URL";

impl Announce {
    /// The address, to send to.
    ///
    /// # Panics
    /// Never: it was read when the settings were.
    pub fn url(&self) -> Url {
        Url::parse(self.address.expose()).expect("an address that was read before")
    }

    pub(crate) fn of(place: &Place<'_>, table: &Table, environment: &Environment) -> Result<Option<Self>, ConfigError> {
        let forms = [("generic", Form::Generic), ("teams", Form::Teams), ("slack", Form::Slack)];
        let Some(form) = place.word("announce", table.announce.as_deref(), &forms)? else {
            // Whoever demands that each run is announced must not believe that it is.
            return match table.announce_required {
                Some(true) => Err(place.wrong(
                    "announce_required",
                    "nothing says how a run is announced",
                    "set `announce` to \"generic\", \"teams\" or \"slack\"",
                )),
                _ => Ok(None),
            };
        };
        let hint = format!("set {VARIABLE} in the environment to the whole address of the webhook");
        let Some(address) = environment.get(VARIABLE) else {
            return Err(place.wrong("announce", "there is no address to announce at", hint));
        };
        // What is wrong with it is not told: it would be repeated.
        match Url::parse(address) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {}
            _ => return Err(place.wrong("announce", format!("{VARIABLE} holds no http or https address"), hint)),
        }
        let required = table.announce_required.unwrap_or(true);
        Ok(Some(Self { form, address: Secret::new(address), required }))
    }
}

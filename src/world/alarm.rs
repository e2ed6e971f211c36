//! A definition with its indicator, as asked for and as the tenant holds them, and what touched it.

use jiff::{SignedDuration, Timestamp};

use crate::{
    clock::later,
    domain::{
        alert_definition::{AlertDefinition, Severity},
        appearance::Appearance,
        attribution::Expectation,
        device::Device,
        indicator::{Action, Function, Indicator, Kind},
        marker::Marker,
    },
    record::failure::{Code, Failure},
    services::{definitions::StoredDefinition, indicators::StoredIndicator},
    world::ledger::Draft,
};

/// Which alarm of a drill is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// What the drill is about.
    Subject,
    /// Another definition beside it.
    Second,
    /// What surely fires, so that the silence of the subject means something.
    Control,
    /// What somebody else has published of the same value.
    Foreign,
}

impl Role {
    /// The words of the vocabulary for it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Subject => "the alert definition",
            Self::Second => "the second alert definition",
            Self::Control => "the control",
            Self::Foreign => "the foreign indicator",
        }
    }

    /// The marker of its alarm in the drill `drill` of the run `run`: the drill's own for the subject, one beside it for the
    /// others.
    pub fn marker(self, run: u64, drill: &str) -> Marker {
        match self {
            Self::Subject => Marker::of(run, drill),
            Self::Second => Marker::of(run, &format!("{drill}/second")),
            Self::Control => Marker::of(run, &format!("{drill}/control")),
            Self::Foreign => Marker::of(run, &format!("{drill}/foreign")),
        }
    }
}

/// A definition with its indicator.
#[derive(Debug, Clone)]
pub struct Alarm {
    /// What tells its alerts from those of every other.
    pub marker: Marker,
    /// The definition, as asked for.
    pub definition: AlertDefinition,
    /// The indicator, as asked for.
    pub indicator: Indicator,
    /// Whether the definition is to go out together with its indicator, where the service keeps both as one.
    pub announced: bool,
    /// Whether the feature says when the indicator expires.
    pub expiry_said: bool,
    /// The definition, as the tenant holds it.
    pub stored_definition: Option<StoredDefinition>,
    /// The indicator, as the tenant holds it.
    pub stored_indicator: Option<StoredIndicator>,
    /// Whether the drill removed it since, or part of it.
    pub removed: bool,
    /// When another drill of this lab had removed one of the same address.
    pub vacated_at: Option<Timestamp>,
    /// When the last thing published or changed of it was accepted.
    pub accepted_at: Option<Timestamp>,
    /// What last touched it.
    pub touch: Option<Touch>,
    /// What touched it before that.
    pub earlier: Vec<Touch>,
}

/// What a device did that an indicator should or should not see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    /// What was touched.
    pub observable: String,
    /// On which device.
    pub device: Device,
    /// When it began.
    pub at: Timestamp,
    /// When the same was done before, while it was probed whether the indicator was in effect.
    pub before: Vec<Timestamp>,
    /// When the same was done next.
    pub next: Option<Timestamp>,
}

impl Touch {
    /// The last of those before of which an alert would have come by `now`, if it takes no longer than `patience`: the
    /// indicator was not in effect then.
    pub fn silent_at(&self, now: Timestamp, patience: SignedDuration) -> Option<Timestamp> {
        self.before.iter().copied().filter(|before| later(*before, patience) <= now).max()
    }
}

impl Alarm {
    /// An alarm with a definition of its own and an indicator for a domain that nobody else uses.
    ///
    /// The names under `.example` are reserved and resolve nowhere (RFC 2606).
    pub fn minted(marker: Marker, role: Role) -> Self {
        let definition = AlertDefinition {
            name: format!("alertdrill {marker}"),
            severity: Severity::Medium,
            internal_description: format!("Made by alertdrill for the drill {marker}; removed when it ends"),
            title: format!("Alert drill {marker}"),
            ux_description: marker.sign("A device contacted an address that a drill had put on the list."),
            recommended_action: Some("None: this alert belongs to a drill.".into()),
            category: "SuspiciousNetworkTraffic".into(),
            enabled: true,
        };
        let host = match role {
            Role::Subject => format!("{marker}.alertdrill.example"),
            Role::Second => format!("second-{marker}.alertdrill.example"),
            Role::Control => format!("control-{marker}.alertdrill.example"),
            Role::Foreign => format!("foreign-{marker}.alertdrill.example"),
        };
        Self::new(marker, definition, host_indicator(host))
    }

    /// An alarm of `definition` and `indicator`.
    pub fn new(marker: Marker, definition: AlertDefinition, indicator: Indicator) -> Self {
        Self {
            marker,
            definition,
            indicator,
            announced: false,
            expiry_said: false,
            stored_definition: None,
            stored_indicator: None,
            vacated_at: None,
            removed: false,
            accepted_at: None,
            touch: None,
            earlier: Vec::new(),
        }
    }

    /// The alarm as asked for.
    pub fn draft(&self) -> Draft {
        Draft { marker: self.marker.clone(), definition: self.definition.clone(), indicator: self.indicator.clone() }
    }

    /// The tenant holds `stored` in place of the indicator that it held: where a definition is kept together with its
    /// indicator, under its key.
    pub fn hold(&mut self, stored: StoredIndicator) {
        let key = self.stored_indicator.as_ref().map(|before| before.id.as_str());
        if let Some(definition) = self.stored_definition.as_mut().filter(|held| Some(held.id.as_str()) == key) {
            definition.id = stored.id.as_str().to_owned().into();
        }
        self.stored_indicator = Some(stored);
    }

    /// The definition as the service holds it: what it has no field for stays as asked for, and a category may be
    /// another word there.
    pub fn definition_as_held(&self) -> AlertDefinition {
        let category = self.stored_definition.as_ref().map(|stored| stored.definition.category.clone());
        AlertDefinition {
            category: category.unwrap_or_else(|| self.definition.category.clone()),
            ..self.definition.clone()
        }
    }

    /// Something touched it.
    pub fn touched(&mut self, touch: Touch) {
        self.earlier.extend(self.touch.replace(touch));
    }

    /// How often something touched it.
    pub fn touches(&self) -> usize {
        self.earlier.len() + usize::from(self.touch.is_some())
    }

    /// Whatever touched it after the first `count` times, but for the last time, was to find out whether it was in effect,
    /// and nothing is expected of it.
    pub fn only_probed_after(&mut self, count: usize) {
        self.earlier.truncate(count);
    }

    /// What the alerts of everything that touched it in a drill that began at `begun` have to be, the first first.
    pub fn expectations(&self, appearance: Option<Appearance>, begun: Timestamp) -> Result<Vec<Expectation>, Failure> {
        let last = self.expectation(appearance, begun)?;
        let of = |touch: &Touch| Expectation {
            observable: touch.observable.clone(),
            device: touch.device.clone(),
            since: touch.at,
            until: touch.next,
            ..last.clone()
        };
        Ok(self.earlier.iter().chain(&self.touch).map(of).collect())
    }

    /// What its alert has to be, once something touched it in a drill that began at `begun`.
    ///
    /// `appearance` is what that is documented to look like.
    pub fn expectation(&self, appearance: Option<Appearance>, begun: Timestamp) -> Result<Expectation, Failure> {
        let touch = self.touch.as_ref().ok_or_else(|| {
            Failure::new(Code::Inconclusive, "nothing touched the indicator yet, so no alert can be expected")
                .hint("put a step before this one in which the device contacts the indicator's address")
        })?;
        Ok(Expectation {
            marker: self.marker.clone(),
            definition: self.definition.clone(),
            indicator: self.indicator.clone(),
            observable: touch.observable.clone(),
            device: touch.device.clone(),
            begun,
            since: touch.at,
            until: touch.next,
            signed: appearance.is_some_and(|alert| alert.is_signed()),
        })
    }

    /// The definition as the tenant holds it.
    pub fn published(&self) -> Result<&StoredDefinition, Failure> {
        self.stored_definition.as_ref().ok_or_else(|| {
            if self.announced && self.stored_indicator.is_none() {
                return apart();
            }
            Failure::new(Code::Inconclusive, "the alert definition is not published, so nothing can be said of it")
                .hint("put a step before this one that publishes it")
        })
    }

    /// The indicator as the tenant holds it.
    pub fn placed(&self) -> Result<&StoredIndicator, Failure> {
        self.stored_indicator.as_ref().ok_or_else(|| {
            Failure::new(Code::Inconclusive, "the indicator is not published, so nothing can be said of it")
                .hint("put a step before this one that publishes it")
        })
    }
}

/// What is said of a definition alone, where the service keeps it together with its indicator.
pub fn apart() -> Failure {
    Failure::new(Code::Unsupported, "the service keeps no alert definition without its indicator")
        .hint("run it with --service legacy")
}

fn host_indicator(host: String) -> Indicator {
    Indicator {
        kind: Kind::DomainName,
        value: host,
        function: Function::Equals,
        action: Action::Audit,
        expires_at: None,
        enabled: true,
    }
}

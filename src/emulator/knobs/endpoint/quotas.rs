//! How often the API may be called, by the kind of call.

use serde_json::{Map, Value, json};

/// Calls that share a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is what its name says")]
pub enum Family {
    Indicators,
    IndicatorImport,
    IndicatorBatchDelete,
    Alerts,
    AlertBatchUpdate,
    AlertByReference,
    Machines,
    MachineActions,
    LiveResponse,
    Library,
    Hunting,
    Incidents,
    Investigations,
    InvestigationStart,
    Profiles,
    PackageLink,
}

impl Family {
    /// Every family.
    pub const ALL: [Self; 16] = [
        Self::Indicators,
        Self::IndicatorImport,
        Self::IndicatorBatchDelete,
        Self::Alerts,
        Self::AlertBatchUpdate,
        Self::AlertByReference,
        Self::Machines,
        Self::MachineActions,
        Self::LiveResponse,
        Self::Library,
        Self::Hunting,
        Self::Incidents,
        Self::Investigations,
        Self::InvestigationStart,
        Self::Profiles,
        Self::PackageLink,
    ];

    /// The word by which the knob names it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Indicators => "indicators",
            Self::IndicatorImport => "indicatorImport",
            Self::IndicatorBatchDelete => "indicatorBatchDelete",
            Self::Alerts => "alerts",
            Self::AlertBatchUpdate => "alertBatchUpdate",
            Self::AlertByReference => "alertByReference",
            Self::Machines => "machines",
            Self::MachineActions => "machineActions",
            Self::LiveResponse => "liveResponse",
            Self::Library => "library",
            Self::Hunting => "hunting",
            Self::Incidents => "incidents",
            Self::Investigations => "investigations",
            Self::InvestigationStart => "investigationStart",
            Self::Profiles => "profiles",
            Self::PackageLink => "packageLink",
        }
    }

    /// What the documentation of the calls states, a minute and an hour (pages of 2025; the last of 2026).
    fn documented(self) -> Quota {
        let of = |minute, hour| Quota { minute: Some(minute), hour };
        match self {
            Self::Indicators
            | Self::Alerts
            | Self::Machines
            | Self::MachineActions
            | Self::Library
            | Self::Investigations
            | Self::Profiles => of(100, Some(1500)),
            Self::IndicatorImport => of(30, None),
            Self::IndicatorBatchDelete => of(30, Some(1500)),
            Self::AlertBatchUpdate => of(10, Some(500)),
            Self::AlertByReference => of(15, None),
            Self::LiveResponse => of(10, None),
            Self::Hunting => of(45, Some(1500)),
            Self::Incidents => of(50, Some(1500)),
            Self::PackageLink => of(2, Some(120)),
            Self::InvestigationStart => Quota { minute: None, hour: Some(50) },
        }
    }
}

/// How many calls an application may make; none is without limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// In a minute.
    pub minute: Option<u32>,
    /// In an hour.
    pub hour: Option<u32>,
}

/// The quota of each family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas([Quota; 16]);

impl Default for Quotas {
    fn default() -> Self {
        Self(Family::ALL.map(Family::documented))
    }
}

impl Quotas {
    /// The quota of a family.
    pub fn of(&self, family: Family) -> Quota {
        Family::ALL.iter().position(|known| *known == family).map_or(family.documented(), |place| self.0[place])
    }

    /// These quotas as `value` changes them: `false` is none at all, `true` the documented ones, and an object names
    /// families, each with its calls a minute and an hour.
    pub(super) fn changed(mut self, value: &Value) -> Result<Self, String> {
        let families = match value {
            Value::Bool(true) => return Ok(Self::default()),
            Value::Bool(false) => return Ok(Self([Quota { minute: None, hour: None }; 16])),
            Value::Object(families) => families,
            _ => return Err("expected true, false or an object of families".to_owned()),
        };
        for (name, value) in families {
            let Some(place) = Family::ALL.iter().position(|family| family.word() == name) else {
                let known: Vec<_> = Family::ALL.iter().map(|family| family.word()).collect();
                return Err(format!("there is no family `{name}` (known: {})", known.join(", ")));
            };
            self.0[place] = quota(value)?;
        }
        Ok(self)
    }

    pub(super) fn to_json(self) -> Value {
        let family = |(family, quota): (&Family, &Quota)| (family.word().to_owned(), json!([quota.minute, quota.hour]));
        Value::Object(Family::ALL.iter().zip(&self.0).map(family).collect::<Map<_, _>>())
    }
}

fn quota(value: &Value) -> Result<Quota, String> {
    let problem = || "expected [calls a minute, calls an hour], each null or a whole number".to_owned();
    let calls = |value: &Value| match value {
        Value::Null => Ok(None),
        value => value.as_u64().and_then(|calls| u32::try_from(calls).ok()).map(Some).ok_or_else(problem),
    };
    match value.as_array().map(Vec::as_slice) {
        Some([minute, hour]) => Ok(Quota { minute: calls(minute)?, hour: calls(hour)? }),
        _ => Err(problem()),
    }
}

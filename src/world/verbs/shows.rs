//! What the alert shows, held against what the feature's table demands of its fields.

use crate::{
    domain::{condition::Condition, service::Service},
    record::{
        chain::Link,
        failure::{Code, Failure},
        sighting::{Difference, SeenAlert},
    },
    world::{World, alarm::Role},
};

/// A field of an alert, in the words of the vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the field of the same name of `record::sighting::SeenAlert`")]
pub enum Field {
    Id,
    Title,
    Severity,
    Category,
    Description,
    Source,
    Device,
    DeviceId,
    Indicator,
    Link,
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 10] = [
        Self::Id,
        Self::Title,
        Self::Severity,
        Self::Category,
        Self::Description,
        Self::Source,
        Self::Device,
        Self::DeviceId,
        Self::Indicator,
        Self::Link,
    ];

    /// The field that `word` names.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.word().eq_ignore_ascii_case(word.trim()))
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Title => "title",
            Self::Severity => "severity",
            Self::Category => "category",
            Self::Description => "description",
            Self::Source => "source",
            Self::Device => "device",
            Self::DeviceId => "device id",
            Self::Indicator => "indicator",
            Self::Link => "link",
        }
    }

    /// Whether its letter case counts: words of a closed list come in that of whichever API tells them, and hosts, hashes
    /// and keys have none.
    fn is_exact(self) -> bool {
        matches!(self, Self::Title | Self::Description | Self::Link)
    }

    /// What `alert` says there, any of which will do.
    fn of_alert(self, alert: &SeenAlert) -> Vec<&str> {
        match self {
            Self::Id => vec![&alert.id],
            Self::Title => vec![&alert.title],
            Self::Severity => vec![&alert.severity],
            Self::Category => vec![&alert.category],
            Self::Description => vec![&alert.description],
            Self::Source => vec![&alert.source],
            Self::Device => vec![&alert.device],
            Self::DeviceId => vec![&alert.device_id],
            Self::Indicator => alert.observables().collect(),
            Self::Link => alert.link.iter().map(String::as_str).collect(),
        }
    }

    /// Whether alerts that `service` tells have it at all. The export feed of 2017 has no keys of devices, and the alerts of
    /// the Defender for Endpoint API no page.
    fn is_told_by(self, service: Service) -> bool {
        match self {
            Self::DeviceId => service != Service::Legacy,
            Self::Link => service != Service::Endpoint,
            _ => true,
        }
    }
}

/// What a row of the table demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Of which field.
    pub field: Field,
    /// What it has to be.
    pub condition: Condition,
}

impl World {
    /// The alert of `role` shows what is demanded of every field.
    pub fn alert_shows(&mut self, role: Role, wanted: &[Wanted]) -> Result<(), Failure> {
        let from = self.clock().now();
        let outcome = self.compare_fields(role, wanted);
        self.attest(Link::Check, from, outcome)
    }

    fn compare_fields(&mut self, role: Role, wanted: &[Wanted]) -> Result<String, Failure> {
        let alert = self.sighting(role)?.seen.first().cloned().expect("a sighting that was asked for has an alert");
        let mut differences = Vec::new();
        for Wanted { field, condition } in wanted {
            let condition = self.filled(role, condition)?;
            let seen: Vec<_> = field.of_alert(&alert).into_iter().filter(|text| !text.is_empty()).collect();
            if seen.is_empty() && !field.is_told_by(self.lab().alerts_by) {
                return Err(untold(*field, self.lab().alerts_by));
            }
            // What is not there is an empty text, of which something may as well be demanded.
            let of_nothing = seen.is_empty() && condition.holds("", field.is_exact());
            if !of_nothing && !seen.iter().any(|text| condition.holds(text, field.is_exact())) {
                let saw = seen.join("`, `");
                differences.push(Difference { field: field.word().into(), expected: condition.to_string(), saw });
            }
        }
        if differences.is_empty() {
            let fields: Vec<_> = wanted.iter().map(|wanted| wanted.field.word()).collect();
            return Ok(format!("{}: as the feature demands", fields.join(", ")));
        }
        self.note_differences(role, &differences);
        let named = |text: &dyn Fn(&Difference) -> String| differences.iter().map(text).collect::<Vec<_>>().join("; ");
        let fields = named(&|one| one.field.clone()).replace("; ", " and ");
        Err(Failure::new(Code::WrongAlert, format!("the alert shows another {fields}"))
            .expected(named(&|one| format!("{} {}", one.field, one.expected)))
            .saw(named(&|one| format!("{} `{}`", one.field, one.saw)))
            .hint("the alert is shown as the tenant has it; correct the definition, or what the feature demands"))
    }

    /// Writes down beside what was seen of the alert of `role` in which fields it is not what the feature demands.
    pub(super) fn note_differences(&mut self, role: Role, differences: &[Difference]) {
        let Some((told, _)) = self.sighted.get(&role) else { return };
        let id = told.seen.first().map(|alert| alert.id.clone());
        self.recorder.note(|notes| {
            let of_it = |sighting: &&mut crate::record::sighting::Sighting| {
                sighting.seen.first().map(|alert| &alert.id) == id.as_ref()
            };
            if let Some(sighting) = notes.sightings.iter_mut().rev().find(of_it) {
                let by_the_feature =
                    |one: &Difference| Difference { field: format!("{}, by the feature", one.field), ..one.clone() };
                sighting.differences.extend(differences.iter().map(by_the_feature));
            }
        });
    }

    /// `condition` with the drill's own values in place of `{marker}`, `{device}` and `{indicator}`.
    fn filled(&self, role: Role, condition: &Condition) -> Result<Condition, Failure> {
        let (marker, device) = (self.marker_of(role), self.device());
        let values = [
            ("{marker}", marker.as_str()),
            ("{device}", device.name.as_str()),
            ("{indicator}", self.alarm(role)?.indicator.value.as_str()),
        ];
        let filled = condition.filled(&values);
        match filled.flaw() {
            None => Ok(filled),
            Some(flaw) => Err(Failure::new(Code::Inconclusive, flaw).hint("correct the feature")),
        }
    }
}

fn untold(field: Field, service: Service) -> Failure {
    let what = format!("the service {service} tells no {} of an alert", field.word());
    let readers = Service::ALL.into_iter().filter(|reader| field.is_told_by(*reader));
    let readers: Vec<_> = readers.map(|reader| reader.to_string()).collect();
    Failure::new(Code::Unsupported, what).hint(format!("run it where alerts are read by {}", readers.join(" or ")))
}

//! What an alert is documented to look like, by service, action, type of indicator and platform.
//!
//! One table, every row with its source and date: the vendor changes this without notice, and some rows rest on a single
//! recording. [`documented`] finds the row for a publication; [`Appearance::compare`] holds an alert against it.

use crate::domain::{
    alert::Alert,
    alert_definition::AlertDefinition,
    indicator::{Action, Kind},
    service::Service,
};

/// Where a field of an alert comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// From the definition.
    Own,
    /// From the service, which has this one text for it.
    Fixed(&'static str),
    /// From the definition, or this text of the service: sources disagree.
    Either(&'static str),
    /// From the service, which words it as it likes.
    Generic,
}

/// What an alert looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the alert's field of the same name")]
pub struct Appearance {
    pub title: Says,
    pub severity: Says,
    pub category: Says,
    pub description: Says,
}

/// What kind of observable an indicator names, as far as appearance goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A hash.
    File,
    /// An address, a host or a URL.
    Network,
}

impl Class {
    /// The class of `kind`.
    pub fn of(kind: Kind) -> Self {
        if kind.is_file() { Self::File } else { Self::Network }
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Which service it was published through.
    pub service: Service,
    /// With which action; empty is any.
    pub actions: &'static [Action],
    /// Of which class; `None` is any.
    pub class: Option<Class>,
    /// On which platform, by the beginning of its name; `None` is any.
    pub platform: Option<&'static str>,
    /// What the alert looks like; `None` is that none is raised.
    pub alert: Option<Appearance>,
    /// Whether the alert may be the antivirus engine's, which keeps files from running.
    pub engine: bool,
    /// Where this is known from.
    pub source: &'static str,
    /// When that was said, or recorded: `2026-09`.
    pub date: &'static str,
    /// Whether good sources agree on it.
    pub sure: bool,
}

const OWN: Appearance =
    Appearance { title: Says::Own, severity: Says::Own, category: Says::Own, description: Says::Own };

/// The title of every recorded alert of a network indicator.
pub const NETWORK_TITLE: &str = "Connection to a custom network indicator";

/// The description of every recorded alert of a network indicator.
pub const NETWORK_DESCRIPTION: &str = "An endpoint has connected to a URL or domain in your list of custom indicators.";

/// The category of every recorded alert of a network indicator.
const NETWORK_CATEGORY: &str = "CommandAndControl";

const INFORMATIONAL: &str = "Informational";

/// The table. The first row that fits counts.
pub static TABLE: [Row; 10] = [
    Row {
        service: Service::Legacy,
        actions: &[],
        class: None,
        platform: None,
        alert: Some(OWN),
        engine: false,
        source: "custom threat intelligence API, experiment with custom TI",
        date: "2017-11",
        sure: true,
    },
    Row {
        service: Service::Graph,
        actions: &[],
        class: None,
        platform: None,
        alert: Some(OWN),
        engine: false,
        source: "custom detection rules: the alert template",
        date: "2026-05",
        sure: true,
    },
    Row {
        service: Service::Endpoint,
        actions: &[Action::Allowed],
        class: None,
        platform: None,
        alert: None,
        engine: false,
        source: "overview of indicators, known issues and limitations",
        date: "2026-09",
        sure: true,
    },
    Row {
        service: Service::Endpoint,
        actions: &[],
        class: None,
        platform: Some("iOS"),
        alert: None,
        engine: false,
        source: "a user's report that the documentation's maintainers took up",
        date: "2023-03",
        sure: false,
    },
    Row {
        service: Service::Endpoint,
        actions: &[Action::Audit],
        class: Some(Class::File),
        platform: None,
        alert: Some(Appearance { category: Says::Either("SuspiciousActivity"), ..OWN }),
        engine: false,
        source: "overview of indicators; recorded in a tenant of 2023",
        date: "2026-09",
        sure: true,
    },
    Row {
        service: Service::Endpoint,
        actions: &[Action::Audit],
        class: Some(Class::Network),
        platform: None,
        alert: Some(Appearance {
            title: Says::Either(NETWORK_TITLE),
            severity: Says::Either(INFORMATIONAL),
            category: Says::Either(NETWORK_CATEGORY),
            description: Says::Either(NETWORK_DESCRIPTION),
        }),
        engine: false,
        source: "overview of indicators says the definition's; every recorded alert of a network indicator has the fixed texts, \
                 though none was of this action",
        date: "2026-09",
        sure: false,
    },
    Row {
        service: Service::Endpoint,
        actions: &[Action::BlockAndRemediate],
        class: Some(Class::File),
        platform: None,
        alert: Some(Appearance {
            title: Says::Own,
            severity: Says::Either(INFORMATIONAL),
            category: Says::Either("SuspiciousActivity"),
            description: Says::Own,
        }),
        engine: true,
        source: "recorded in a tenant, against the overview of indicators, which says generic and informational",
        date: "2023-04",
        sure: false,
    },
    Row {
        service: Service::Endpoint,
        actions: &[Action::Block, Action::BlockAndRemediate],
        class: Some(Class::Network),
        platform: None,
        alert: Some(Appearance {
            title: Says::Fixed(NETWORK_TITLE),
            severity: Says::Fixed(INFORMATIONAL),
            category: Says::Fixed(NETWORK_CATEGORY),
            description: Says::Fixed(NETWORK_DESCRIPTION),
        }),
        engine: false,
        source: "overview of indicators, known issues and limitations; recorded in a tenant of 2023",
        date: "2026-09",
        sure: true,
    },
    Row {
        service: Service::Endpoint,
        actions: &[Action::Warn],
        class: Some(Class::Network),
        platform: None,
        alert: Some(Appearance {
            title: Says::Either(NETWORK_TITLE),
            severity: Says::Either(INFORMATIONAL),
            category: Says::Either(NETWORK_CATEGORY),
            description: Says::Either(NETWORK_DESCRIPTION),
        }),
        engine: false,
        source: "overview of indicators, known issues and limitations",
        date: "2026-09",
        sure: false,
    },
    Row {
        service: Service::Endpoint,
        actions: &[Action::Warn, Action::Block],
        class: Some(Class::File),
        platform: None,
        alert: Some(Appearance {
            title: Says::Generic,
            severity: Says::Fixed(INFORMATIONAL),
            category: Says::Generic,
            description: Says::Generic,
        }),
        engine: true,
        source: "overview of indicators, known issues and limitations",
        date: "2026-09",
        sure: true,
    },
];

/// The row for an indicator of `kind` published through `service` with `action`, touched on a device of `platform`.
pub fn documented(service: Service, action: Action, kind: Kind, platform: Option<&str>) -> Option<&'static Row> {
    let of_platform = |named: &str| {
        platform
            .is_some_and(|platform| platform.get(..named.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(named)))
    };
    TABLE.iter().find(|row| {
        row.service == service
            && (row.actions.is_empty() || row.actions.contains(&action))
            && row.class.is_none_or(|class| class == Class::of(kind))
            && row.platform.is_none_or(of_platform)
    })
}

/// What says of an alert that it is of a thing that was published through `publisher`, as `reader` spells it.
pub fn source(publisher: Service, reader: Service) -> &'static str {
    match (publisher, reader) {
        (Service::Graph, Service::Graph) => "customDetection",
        (Service::Graph, Service::Legacy | Service::Endpoint) => "CustomDetection",
        (Service::Legacy | Service::Endpoint, Service::Graph) => "customTi",
        (Service::Legacy | Service::Endpoint, Service::Legacy | Service::Endpoint) => "CustomerTI",
    }
}

/// What says of an alert that it is the antivirus engine's, as `reader` spells it.
pub fn engine(reader: Service) -> &'static str {
    match reader {
        Service::Graph => "antivirus",
        Service::Legacy | Service::Endpoint => "WindowsDefenderAv",
    }
}

/// How a field of an alert compares with what is documented of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It says what the definition says, as it should or may.
    Definitions,
    /// It says what the service says for it, as it should or may.
    Services,
    /// It says what the definition says, though the service is documented to have a text of its own: better than the
    /// table.
    Better {
        /// What the table says.
        documented: String,
    },
    /// It says neither.
    Wrong {
        /// What it should have said.
        expected: String,
    },
}

/// A field of an alert, held against the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The field, in the words of the report.
    pub field: &'static str,
    /// What the alert says.
    pub saw: String,
    /// What is to be said of it.
    pub finding: Finding,
}

impl Appearance {
    /// Whether the alert's description is the definition's own and nothing else, so that it carries what ties the alert to
    /// its drill.
    pub fn is_signed(&self) -> bool {
        self.description == Says::Own
    }

    /// Holds every field of `alert` that this speaks of against what it says of it, for an alert of `definition`.
    pub fn compare(&self, definition: &AlertDefinition, alert: &Alert) -> Vec<Compared> {
        let fields: [(&'static str, Says, &str, &str); 4] = [
            ("title", self.title, &definition.title, &alert.title),
            ("severity", self.severity, definition.severity.as_str(), &alert.severity),
            ("category", self.category, &definition.category, &alert.category),
            ("description", self.description, &definition.ux_description, &alert.description),
        ];
        fields
            .into_iter()
            .map(|(field, says, own, saw)| Compared { field, saw: saw.into(), finding: says.of(field, own, saw) })
            .collect()
    }
}

impl Says {
    fn of(self, field: &str, own: &str, saw: &str) -> Finding {
        // Words of a closed list come in the letter case of whichever API tells them.
        let same = |text: &str| {
            if ["severity", "category"].contains(&field) { text.eq_ignore_ascii_case(saw) } else { text == saw }
        };
        let wrong = |expected: String| Finding::Wrong { expected };
        match self {
            Self::Own | Self::Either(_) if same(own) => Finding::Definitions,
            Self::Own => wrong(own.into()),
            Self::Fixed(text) if same(text) => Finding::Services,
            Self::Fixed(text) if same(own) => Finding::Better { documented: text.into() },
            Self::Fixed(text) => wrong(text.into()),
            Self::Either(text) if same(text) => Finding::Services,
            Self::Either(text) => wrong(format!("{own}` or `{text}")),
            Self::Generic if same(own) && !own.is_empty() => {
                Finding::Better { documented: "a text of the service's own".into() }
            }
            Self::Generic => Finding::Services,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(action: Action, kind: Kind, platform: Option<&str>) -> &'static Row {
        documented(Service::Endpoint, action, kind, platform).expect("a row")
    }

    #[test]
    fn every_service_action_and_type_has_a_row() {
        for service in Service::ALL {
            for action in Action::ALL {
                for kind in Kind::ALL {
                    assert!(documented(service, action, kind, None).is_some(), "{service} {action} {kind}");
                }
            }
        }
    }

    #[test]
    fn every_row_is_reached_and_names_its_source_and_date() {
        for (place, row) in TABLE.iter().enumerate() {
            let reached = Action::ALL.into_iter().any(|action| {
                Kind::ALL.into_iter().any(|kind| {
                    let found = documented(row.service, action, kind, row.platform).expect("a row");
                    std::ptr::eq(found, row)
                })
            });
            assert!(reached, "row {place} is hidden by those above it");
            let date = format!("{}-01", row.date);
            assert!(!row.source.is_empty() && date.parse::<jiff::civil::Date>().is_ok(), "row {place}");
        }
    }

    #[test]
    fn an_allowed_indicator_and_a_phone_raise_nothing() {
        assert_eq!(row(Action::Allowed, Kind::Sha1, Some("Windows11")).alert, None);
        assert_eq!(row(Action::Audit, Kind::DomainName, Some("ios17")).alert, None);
        assert!(row(Action::Audit, Kind::DomainName, Some("iO")).alert.is_some());
        assert!(row(Action::Audit, Kind::DomainName, None).alert.is_some());
    }

    #[test]
    fn a_field_is_the_definition_s_the_service_s_better_than_documented_or_wrong() {
        use Finding::{Better, Definitions, Services, Wrong};
        let of = |says: Says, saw: &str| says.of("title", "own", saw);
        let wrong = |expected: &str| Wrong { expected: expected.into() };
        assert_eq!((of(Says::Own, "own"), of(Says::Own, "OWN")), (Definitions, wrong("own")));
        assert_eq!((of(Says::Fixed("set"), "set"), of(Says::Fixed("set"), "x")), (Services, wrong("set")));
        assert_eq!(of(Says::Fixed("set"), "own"), Better { documented: "set".into() });
        assert_eq!((of(Says::Either("set"), "set"), of(Says::Either("set"), "own")), (Services, Definitions));
        assert_eq!(of(Says::Either("set"), "x"), wrong("own` or `set"));
        assert_eq!(of(Says::Generic, "whatever"), Services);
        assert!(matches!(of(Says::Generic, "own"), Better { .. }));
        assert_eq!(Says::Own.of("severity", "Medium", "medium"), Definitions);
    }
}

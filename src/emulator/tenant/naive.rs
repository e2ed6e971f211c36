//! A naive tenant, for the tests: it keeps every version for ever and compares each with every event.

use std::{collections::BTreeSet, time::Duration};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::{
    clock::later,
    domain::{
        alert_definition::{AlertDefinition, Severity},
        indicator::{Action, Function, Indicator, Kind},
    },
    emulator::{
        detection::{Activity, Event},
        knobs::{Knobs, Range},
        tenant::{FIRST_DEVICE, Observation, Tenant, alerts::Origin, publishing::Placed, shelf::Asked},
    },
};

/// Something done to a tenant; places count modulo what there is.
#[derive(Debug, Clone)]
enum Act {
    PublishDefinition(bool),
    PublishIndicator { under: usize, looks: Looks },
    ChangeDefinition(usize, bool),
    ChangeIndicator { place: usize, under: usize, looks: Looks },
    DeleteDefinition(usize),
    DeleteIndicator(usize),
    DeleteIndicatorsOf(usize),
    DeleteAll,
    Wait(u64),
    Connect(String),
}

#[derive(Debug, Clone)]
struct Looks {
    function: Function,
    value: String,
    enabled: bool,
    expires_in: Option<u64>,
}

fn looks() -> impl Strategy<Value = Looks> {
    let function = proptest::sample::select(Function::ALL.to_vec());
    (function, "[ab]{1,3}", proptest::bool::weighted(0.8), proptest::option::weighted(0.3, 1_u64..100))
        .prop_map(|(function, value, enabled, expires_in)| Looks { function, value, enabled, expires_in })
}

fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => proptest::bool::weighted(0.8).prop_map(Act::PublishDefinition),
        6 => (any::<usize>(), looks()).prop_map(|(under, looks)| Act::PublishIndicator { under, looks }),
        2 => (any::<usize>(), proptest::bool::weighted(0.6)).prop_map(|(place, on)| Act::ChangeDefinition(place, on)),
        3 => (any::<usize>(), any::<usize>(), looks())
            .prop_map(|(place, under, looks)| Act::ChangeIndicator { place, under, looks }),
        1 => any::<usize>().prop_map(Act::DeleteDefinition),
        1 => any::<usize>().prop_map(Act::DeleteIndicator),
        1 => any::<usize>().prop_map(Act::DeleteIndicatorsOf),
        1 => Just(Act::DeleteAll),
        6 => (0_u64..40).prop_map(Act::Wait),
        8 => "[ab]{1,4}".prop_map(Act::Connect),
    ]
}

/// What was accepted of one thing: from when on, and what.
type Versions<T> = Vec<(Timestamp, Option<T>)>;

#[derive(Default)]
struct Naive {
    definitions: Vec<(i64, Versions<bool>)>,
    indicators: Vec<(i64, Versions<Placed>)>,
}

fn shown<T>(things: &[(i64, Versions<T>)]) -> Vec<i64> {
    let live = things.iter().filter(|(_, versions)| versions.last().is_some_and(|(_, content)| content.is_some()));
    live.map(|(id, _)| *id).collect()
}

fn in_effect<T>(versions: &Versions<T>, now: Timestamp) -> Option<&T> {
    versions.iter().rev().find(|(from, _)| *from <= now).and_then(|(_, content)| content.as_ref())
}

impl Naive {
    fn accept_definition(&mut self, id: i64, from: Timestamp, content: Option<bool>) {
        match self.definitions.iter_mut().find(|(known, _)| *known == id) {
            Some((_, versions)) => versions.push((from, content)),
            None => self.definitions.push((id, vec![(from, content)])),
        }
    }

    fn accept_indicator(&mut self, id: i64, from: Timestamp, content: Option<Placed>) {
        match self.indicators.iter_mut().find(|(known, _)| *known == id) {
            Some((_, versions)) => versions.push((from, content)),
            None => self.indicators.push((id, vec![(from, content)])),
        }
    }

    fn touched(&self, host: &str, now: Timestamp) -> BTreeSet<i64> {
        let counts = |placed: &Placed| {
            let Indicator { value, function, enabled, expires_at, .. } = &placed.indicator;
            let holds = match function {
                Function::Equals => host == value,
                Function::StartWith => host.starts_with(value.as_str()),
                Function::EndWith => host.ends_with(value.as_str()),
                Function::Contains => host.contains(value.as_str()),
            };
            let definition = self.definitions.iter().find(|(id, _)| *id == placed.definition);
            let wanted = definition.and_then(|(_, versions)| in_effect(versions, now)) == Some(&true);
            holds && *enabled && wanted && expires_at.is_none_or(|expiry| expiry > now)
        };
        let current = self.indicators.iter().filter_map(|(_, versions)| in_effect(versions, now));
        current.filter(|placed| counts(placed)).map(|placed| placed.definition).collect()
    }
}

/// A tenant and its naive twin, with the spans that both go by.
struct Twins {
    tenant: Tenant,
    naive: Naive,
    now: Timestamp,
    propagation: u64,
    removal: u64,
}

const PEOPLE: &str = "someone";

impl Twins {
    fn new(propagation: u64, removal: u64) -> Self {
        let span = Duration::from_secs(propagation);
        let knobs = Knobs {
            propagation: Range { min: span, max: span },
            removal: Duration::from_secs(removal),
            detection: Range { min: Duration::ZERO, max: Duration::ZERO },
            ..Knobs::default()
        };
        let now = Timestamp::from_second(1_800_000_000).expect("a moment");
        Self { tenant: Tenant::new(1, knobs), naive: Naive::default(), now, propagation, removal }
    }

    fn after(&self, seconds: u64) -> Timestamp {
        later(self.now, SignedDuration::from_secs(i64::try_from(seconds).expect("a short span")))
    }

    fn from(&self, enabled: bool) -> Timestamp {
        self.after(if enabled { self.propagation } else { self.removal })
    }

    fn asked(&self) -> Asked<'static> {
        Asked { by: PEOPLE, at: self.now }
    }

    fn placed(&self, under: i64, looks: &Looks) -> Placed {
        let indicator = Indicator {
            kind: Kind::DomainName,
            value: looks.value.clone(),
            function: looks.function,
            action: Action::Audit,
            expires_at: looks.expires_in.map(|seconds| self.after(seconds)),
            enabled: looks.enabled,
        };
        Placed { indicator, definition: under }
    }

    fn act(&mut self, act: Act) {
        let (definitions, indicators) = (shown(&self.naive.definitions), shown(&self.naive.indicators));
        let pick = |ids: &[i64], place: usize| ids.get(place % ids.len().max(1)).copied();
        match act {
            Act::PublishDefinition(enabled) => self.publish_definition(enabled),
            Act::PublishIndicator { under, looks } => {
                if let Some(under) = pick(&definitions, under) {
                    self.publish_indicator(self.placed(under, &looks));
                }
            }
            Act::ChangeDefinition(place, enabled) => {
                if let Some(id) = pick(&definitions, place) {
                    let asked = self.asked();
                    self.tenant.change_definition(id, definition(enabled), asked).expect("it is there");
                    self.naive.accept_definition(id, self.from(enabled), Some(enabled));
                }
            }
            Act::ChangeIndicator { place, under, looks } => {
                if let (Some(id), Some(under)) = (pick(&indicators, place), pick(&definitions, under)) {
                    let (placed, asked) = (self.placed(under, &looks), self.asked());
                    self.tenant.change_indicator(id, placed.clone(), asked).expect("it is there");
                    self.naive.accept_indicator(id, self.from(looks.enabled), Some(placed));
                }
            }
            Act::DeleteDefinition(place) => self.delete_definition(pick(&definitions, place)),
            Act::DeleteIndicator(place) => self.delete_indicators(pick(&indicators, place).as_slice()),
            Act::DeleteIndicatorsOf(place) => {
                if let Some(id) = pick(&definitions, place) {
                    let of_it = self.indicators_of(id);
                    self.delete_indicators(&of_it);
                    assert_eq!(self.tenant.delete_indicators_of(id, self.now), 0);
                }
            }
            Act::DeleteAll => {
                self.tenant.delete_all_definitions(self.now);
                let gone = self.after(self.removal);
                for id in indicators {
                    self.naive.accept_indicator(id, gone, None);
                }
                for id in definitions {
                    self.naive.accept_definition(id, gone, None);
                }
            }
            Act::Wait(seconds) => self.now = self.after(seconds),
            Act::Connect(host) => self.connect(&host),
        }
    }

    fn publish_definition(&mut self, enabled: bool) {
        let asked = self.asked();
        let stored = self.tenant.publish_definitions(vec![definition(enabled)], asked).expect("there is room");
        self.naive.accept_definition(stored[0].id, self.from(enabled), Some(enabled));
    }

    fn publish_indicator(&mut self, placed: Placed) {
        let (asked, enabled) = (self.asked(), placed.indicator.enabled);
        let stored = self.tenant.publish_indicators(vec![placed.clone()], asked).expect("there is room");
        self.naive.accept_indicator(stored[0].id, self.from(enabled), Some(placed));
    }

    fn indicators_of(&self, definition: i64) -> Vec<i64> {
        let latest = |versions: &Versions<Placed>| versions.last().and_then(|(_, content)| content.clone());
        let of_it = |versions| latest(versions).is_some_and(|placed| placed.definition == definition);
        self.naive.indicators.iter().filter(|(_, versions)| of_it(versions)).map(|(id, _)| *id).collect()
    }

    fn delete_definition(&mut self, id: Option<i64>) {
        let Some(id) = id else { return };
        let gone = self.after(self.removal);
        for ioc in self.indicators_of(id) {
            self.naive.accept_indicator(ioc, gone, None);
        }
        self.naive.accept_definition(id, gone, None);
        assert!(self.tenant.delete_definition(id, self.now));
    }

    fn delete_indicators(&mut self, ids: &[i64]) {
        let gone = self.after(self.removal);
        for id in ids {
            assert!(self.tenant.delete_indicator(*id, self.now));
            self.naive.accept_indicator(*id, gone, None);
        }
    }

    fn connect(&mut self, host: &str) {
        let activity = Activity::Connection {
            host: Some(host.to_owned()),
            address: None,
            port: 80,
            url: None,
            process: "a.exe".into(),
        };
        let event = Event { device: FIRST_DEVICE.into(), activity };
        let Observation::Reported(ids) = self.tenant.observe(event, self.now) else { panic!("the device is watched") };
        let raised = ids.iter().map(|id| match self.tenant.alert(id, self.now).expect("it can be read").origin {
            Origin::Definition(id) => id,
            ref other => panic!("{other:?} raised it"),
        });
        assert_eq!(raised.collect::<BTreeSet<_>>(), self.naive.touched(host, self.now));
    }
}

fn definition(enabled: bool) -> AlertDefinition {
    AlertDefinition {
        name: "Name".into(),
        severity: Severity::Low,
        internal_description: "For its author".into(),
        title: "Title".into(),
        ux_description: "Description".into(),
        recommended_action: None,
        category: "Malware".into(),
        enabled,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_tenant_raises_what_its_naive_twin_does_and_keeps_nothing_of_what_is_gone(
        propagation in 0_u64..60,
        removal in prop_oneof![Just(0_u64), 0_u64..90],
        acts in proptest::collection::vec(acts(), 1..80),
    ) {
        let mut twins = Twins::new(propagation, removal);
        for act in acts {
            twins.act(act);
        }
        let shown: Vec<_> = twins.tenant.indicators().map(|stored| stored.id).collect();
        prop_assert_eq!(shown, self::shown(&twins.naive.indicators));
        twins.act(Act::DeleteAll);
        twins.act(Act::Wait(1_000));
        twins.connect("ab");
        prop_assert!(twins.tenant.definitions.is_bare() && twins.tenant.indicators.is_bare());
        prop_assert!(twins.tenant.index.is_bare());
        prop_assert_eq!(twins.tenant.patterns, 0);
    }
}

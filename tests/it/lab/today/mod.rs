//! The services of today, sabotaged: each alone, and both at once, published through one and read by the other.
//!
//! In reading order: [`gaps`] (alerts that are lost, late, other or too many), [`silence`] (alerts that should not come),
//! [`answers`] (calls that are refused, break off or are answered by something else), [`lost`] (what was accepted though
//! its answer was lost, and what is somebody else's), [`parts`] (one of many that is refused), [`time`] (clocks that are
//! apart), [`closing`] (what becomes of the alerts when a drill ends).

mod answers;
mod closing;
mod gaps;
mod lost;
mod parts;
mod silence;
mod time;

use std::sync::{Arc, Mutex};

use alertdrill::{
    cli::compose::Emulated,
    clock::Clock,
    domain::service::Service,
    emulator::mocks::Mocks,
    record::{chain::Link, drill::Drill},
    runner::stop::Stop,
    world::{
        lab::{Lab, Labs, NoLab, Wish},
        ledger::Draft,
    },
};
use futures::{FutureExt as _, future::BoxFuture};
use jiff::SignedDuration;
use serde_json::Value;

use super::{Ran, options, rows, run_in, told, verdict};

/// Which service of a tenant does what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tenant {
    pub(super) publishing: Service,
    pub(super) reading: Service,
}

const ENDPOINT: Tenant = Tenant { publishing: Service::Endpoint, reading: Service::Endpoint };
const GRAPH: Tenant = Tenant { publishing: Service::Graph, reading: Service::Graph };
const MIXED: Tenant = Tenant { publishing: Service::Endpoint, reading: Service::Graph };
const TENANTS: [Tenant; 3] = [ENDPOINT, GRAPH, MIXED];

impl Tenant {
    /// Runs the feature `text`, and keeps what the tenant holds after it.
    fn run(self, text: &str) -> Sabotaged {
        self.run_beside(text, SignedDuration::ZERO, None)
    }

    /// Runs the feature `text` where the services' clock is so far ahead, beside what somebody else has published.
    fn run_beside(self, text: &str, ahead: SignedDuration, foreign: Option<Draft>) -> Sabotaged {
        let clock = Clock::jumping("2026-11-24T12:00:00Z".parse().expect("a timestamp"));
        let emulated = Emulated::new(&clock, options().seed, self.publishing).expect("the emulator starts");
        let labs = emulated.reading_by(self.reading, self.reading).ahead_by(ahead);
        let labs = Arc::new(Remembered { labs, foreign, made: Mutex::default() });
        let ran = run_in(Arc::clone(&labs) as _, text, options(), &Stop::default());
        let mut made = labs.made.lock().expect("nobody panicked with it");
        assert_eq!(made.len(), 1, "one drill has one tenant");
        let mocks = ground(&made.pop().expect("one was made"));
        assert_eq!(mocks.emulator().panics(), Vec::<String>::new());
        let held = mocks.emulator().with(|tenant, now| tenant.state(now));
        Sabotaged { tenant: self, ran, held }
    }

    /// A whole drill, on a tenant of its own that misbehaves in the ways of `faults` from before its first step.
    fn sabotaged(self, faults: &[(&str, &[(&str, &str)])]) -> Sabotaged {
        self.run(&format!(
            "{ALONE}{}{PUBLISHED}{CONTACT}\
             \x20   Then an alert is raised within 30 minutes\n    And the alert says what its definition says\n\
             \x20   And the alert names the device and the indicator\n    And it is the only alert\n",
            misbehaves(faults)
        ))
    }
}

/// The head of a drill with a tenant of its own.
const ALONE: &str = "Feature: f\n  @exclusive @controls\n  Scenario: s\n    Given an onboarded device\n";

const PUBLISHED: &str =
    "    And an alert definition and an indicator are published\n    And everything published is in effect\n";

const CONTACT: &str = "    When the device contacts the indicator's address\n";

/// The steps that make a tenant misbehave.
fn misbehaves(faults: &[(&str, &[(&str, &str)])]) -> String {
    let step = |(fault, settings): &(&str, &[(&str, &str)])| {
        format!("    And the laboratory misbehaves: {fault}\n{}", rows(settings))
    };
    faults.iter().map(step).collect()
}

fn ground(lab: &Lab) -> Arc<Mocks> {
    let ground = lab.ground.clone().expect("an emulated lab stands on an emulator");
    ground.downcast().expect("it is an emulator's server")
}

/// Labs of which each is kept, to be looked into when the run is over.
struct Remembered {
    labs: Emulated,
    foreign: Option<Draft>,
    made: Mutex<Vec<Arc<Lab>>>,
}

impl Labs for Remembered {
    fn service(&self) -> Service {
        self.labs.service()
    }

    fn lab(&self, wish: Wish) -> BoxFuture<'_, Result<Arc<Lab>, NoLab>> {
        async move {
            let lab = Labs::lab(&self.labs, wish).await?;
            if let Some(foreign) = &self.foreign {
                lab.indicators.publish(foreign.publication(None)).await.expect("it is somebody else's");
            }
            self.made.lock().expect("nobody panicked with it").push(Arc::clone(&lab));
            Ok(lab)
        }
        .boxed()
    }
}

/// What ran, and what the tenant holds after it.
struct Sabotaged {
    tenant: Tenant,
    ran: Ran,
    held: Value,
}

impl Sabotaged {
    fn drill(&self) -> &Drill {
        self.ran.drill()
    }

    /// The verdict is `expected`, and the message has each of `words`.
    #[track_caller]
    fn is(&self, expected: &str, words: &[&str]) -> &Self {
        let told = told(self.drill());
        assert_eq!(verdict(self.drill()), expected, "{:?}: {told}", self.tenant);
        for word in words {
            assert!(told.contains(word), "{:?}: `{word}` is not told: {told}", self.tenant);
        }
        self
    }

    /// The chain broke at this link, and at no link before it.
    #[track_caller]
    fn broke_at(&self, link: Link) -> &Self {
        let broken: Vec<_> = self.drill().chain.iter().filter(|witness| witness.broke()).collect();
        let names: Vec<_> = broken.iter().map(|witness| witness.link).collect();
        assert_eq!(names, [link], "{:?}: {}", self.tenant, told(self.drill()));
        self
    }

    /// The tenant holds nothing of the drill any more.
    #[track_caller]
    fn left_nothing(&self) -> &Self {
        assert_eq!(self.left(), Vec::<String>::new(), "{:?}", self.tenant);
        let undone = &self.drill().clean_up;
        assert!(undone.iter().all(|undone| undone.left.is_none()), "{:?}: {undone:?}", self.tenant);
        self
    }

    /// What was published and is still in the tenant, in JSON; a removed rule is listed for a while, as removed.
    fn left(&self) -> Vec<String> {
        let sets = ["definitions", "indicators", "customIndicators", "rules"];
        let held = sets.iter().flat_map(|set| self.held[set].as_array().expect("the state lists it"));
        held.filter(|one| one["deletedAt"].is_null()).map(Value::to_string).collect()
    }
}

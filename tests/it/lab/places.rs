//! Two processes that send to one place at the same moment: whoever has lost it knows, waits until it is free, and takes
//! nothing of the other's away.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use alertdrill::{
    cli::compose::Emulated,
    clock::Clock,
    domain::{marker::Marker, service::Service},
    emulator::{mocks::Mocks, tenant::shelf::Asked},
    journal::{Head, Journal},
    runner::stop::Stop,
    services::{
        definitions::{DefinitionId, Definitions, Query},
        error::ServiceError,
        indicators::{IndicatorChange, IndicatorId, Indicators, Publication, Published, Rival, StoredIndicator},
    },
    world::lab::{Lab, Labs, NoLab, Wish},
};
use futures::{FutureExt as _, future::BoxFuture};
use serde_json::json;

use super::{Ran, options, run_in, told, verdict};

/// The drill of another run.
fn other() -> Marker {
    Marker::of(99, "another.feature:1")
}

/// The drill of the other run ends when so many have asked for its place.
const ENDS: usize = 4;

/// A tenant's indicators, where a drill of another run finds a place free in the moment in which ours does.
struct Raced {
    indicators: Arc<dyn Indicators>,
    definitions: Arc<dyn Definitions>,
    mocks: Arc<Mocks>,
    asked: AtomicUsize,
}

impl Raced {
    /// How often somebody has asked, this time included.
    fn count(&self) -> usize {
        self.asked.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// On endpoint: the other sends last, and takes its own away at its end.
    async fn written_over(&self, publication: Publication<'_>) -> Result<Published, ServiceError> {
        let count = self.count();
        if count == ENDS {
            let ours = self.mocks.emulator().with(|tenant, now| tenant.delete_custom(1, now));
            assert!(ours, "the other's is not taken away by anybody else");
        }
        let published = self.indicators.publish(publication).await;
        if count == 1 {
            self.mocks.emulator().with(|tenant, at| {
                let mut custom = tenant.custom(1).expect("it was accepted").content.clone();
                custom.title = format!("Alert drill {}", other());
                custom.description = other().sign("A device contacted an address.");
                custom.carried.insert("externalId", json!(other().as_str()));
                tenant.publish_custom(custom, Asked { by: "another", at }).expect("it is updated");
            });
        }
        published
    }

    /// On legacy: the other sends first.
    async fn second(&self, publication: Publication<'_>) -> Result<Published, ServiceError> {
        if self.count() == 1 {
            let mut definition = publication.definition.clone();
            definition.name = format!("alertdrill {}", other());
            definition.ux_description = other().sign("A device contacted an address.");
            let stored = self.definitions.publish(&definition).await.expect("the other's is accepted");
            let theirs =
                Publication { definition: &definition, under: Some(&stored.id), marker: &other(), ..publication };
            self.indicators.publish(theirs).await.expect("the other's is accepted");
        }
        self.indicators.publish(publication).await
    }

    async fn rivals_of(&self, publication: Publication<'_>) -> Result<Vec<Rival>, ServiceError> {
        let rivals = self.indicators.rivals(publication).await?;
        if !rivals.is_empty() && self.count() == ENDS {
            self.definitions.remove(&DefinitionId::from(2)).await.expect("the other's is there");
        }
        Ok(rivals)
    }
}

impl Indicators for Raced {
    fn keeps(&self) -> &'static [&'static str] {
        self.indicators.keeps()
    }

    fn keeps_one_of_a_value(&self) -> bool {
        self.indicators.keeps_one_of_a_value()
    }

    fn rivals<'a>(&'a self, publication: Publication<'a>) -> BoxFuture<'a, Result<Vec<Rival>, ServiceError>> {
        self.rivals_of(publication).boxed()
    }

    fn publish<'a>(&'a self, publication: Publication<'a>) -> BoxFuture<'a, Result<Published, ServiceError>> {
        if self.keeps_one_of_a_value() {
            self.written_over(publication).boxed()
        } else {
            self.second(publication).boxed()
        }
    }

    fn publish_all<'a>(&'a self, publications: &'a [Publication<'a>]) -> BoxFuture<'a, Result<(), ServiceError>> {
        self.indicators.publish_all(publications)
    }

    fn of_marker<'a>(&'a self, publication: Publication<'a>) -> BoxFuture<'a, Result<Vec<IndicatorId>, ServiceError>> {
        self.indicators.of_marker(publication)
    }

    fn read<'a>(&'a self, id: &'a IndicatorId) -> BoxFuture<'a, Result<Option<StoredIndicator>, ServiceError>> {
        self.indicators.read(id)
    }

    fn list<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<StoredIndicator>, ServiceError>> {
        self.indicators.list(query)
    }

    fn change<'a>(
        &'a self,
        id: &'a IndicatorId,
        change: &'a IndicatorChange,
    ) -> BoxFuture<'a, Result<StoredIndicator, ServiceError>> {
        self.indicators.change(id, change)
    }

    fn remove<'a>(&'a self, id: &'a IndicatorId) -> BoxFuture<'a, Result<(), ServiceError>> {
        self.indicators.remove(id)
    }
}

/// A lab on a tenant that outlives this process, with the other run beside it.
struct Beside(Emulated, Arc<Journal>);

impl Labs for Beside {
    fn service(&self) -> Service {
        self.0.service()
    }

    fn lab(&self, _: Wish) -> BoxFuture<'_, Result<Arc<Lab>, NoLab>> {
        async move {
            let lab = Labs::lab(&self.0, Wish { exclusive: true, controls: false }).await?;
            let mut lab = Arc::into_inner(lab).expect("a lab for one drill is nobody else's");
            let mocks = lab.ground.clone().expect("it stands on an emulator").downcast().expect("on its server");
            let (indicators, definitions) = (Arc::clone(&lab.indicators), Arc::clone(&lab.definitions));
            lab.indicators = Arc::new(Raced { indicators, definitions, mocks, asked: AtomicUsize::new(0) });
            lab.journal = Some(Arc::clone(&self.1));
            Ok(Arc::new(lab))
        }
        .boxed()
    }
}

fn raced(service: Service) -> Ran {
    let clock = Clock::jumping("2026-11-24T12:00:00Z".parse().expect("a timestamp"));
    let folder = tempfile::tempdir().expect("a folder");
    let head = Head { run: "run".into(), tenant: "lab".into(), service, client_id: "a".into(), started: clock.now() };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let journal = runtime.block_on(async { Journal::create(folder.path(), &head, &clock) }).expect("a journal");
    let labs = Beside(Emulated::new(&clock, 7, service).expect("the emulator starts"), Arc::new(journal));
    let text = "Feature: f\n  Scenario: s\n    Given the guide's alert definition and indicator are in effect\n\
                \x20   When the device contacts the indicator's address\n    Then an alert is raised within 15 minutes\n\
                \x20   And it is the only alert\n";
    run_in(Arc::new(labs), text, options(), &Stop::default())
}

#[test]
fn whoever_has_lost_a_place_waits_until_the_other_has_gone_and_takes_nothing_of_its_away() {
    for service in [Service::Endpoint, Service::Legacy] {
        let ran = raced(service);
        let drill = ran.drill();
        assert_eq!(verdict(drill), "passed", "{service}: {}", told(drill));
        let stood = format!("in which drill {} had its place", other());
        assert!(drill.chain.iter().any(|witness| witness.by.contains(&stood)), "{service}: {:?}", drill.chain);
        assert!(drill.clean_up.iter().all(|undone| undone.left.is_none()), "{service}: {:?}", drill.clean_up);
    }
}

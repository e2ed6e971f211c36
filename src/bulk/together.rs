//! The indicators of a service, of which those that are published or removed at the same time travel together.

use std::sync::Arc;

use futures::future::BoxFuture;

use crate::{
    bulk::{company::Company, gathering::Gathering},
    clock::Clock,
    domain::{alert_definition::AlertDefinition, indicator::Indicator, marker::Marker},
    services::{
        definitions::{DefinitionId, Query},
        error::ServiceError,
        indicators::{
            AtOnce, IndicatorChange, IndicatorId, Indicators, Publication, Published, Rival, StoredIndicator,
        },
    },
};

/// What is asked to be published, kept until it is.
struct Asked {
    indicator: Indicator,
    definition: AlertDefinition,
    under: Option<DefinitionId>,
    marker: Marker,
}

impl Asked {
    fn of(Publication { indicator, definition, under, marker }: Publication<'_>) -> Self {
        let (indicator, definition) = (indicator.clone(), definition.clone());
        Self { indicator, definition, under: under.cloned(), marker: marker.clone() }
    }

    fn publication(&self) -> Publication<'_> {
        let Self { indicator, definition, under, marker } = self;
        Publication { indicator, definition, under: under.as_ref(), marker }
    }
}

/// A service's indicators, gathered. What it takes no more than one of at a time goes as it comes.
pub struct Together {
    service: Arc<dyn Indicators>,
    publishing: Option<Gathering<Asked, Result<Published, ServiceError>>>,
    removing: Option<Gathering<IndicatorId, Result<(), ServiceError>>>,
}

impl Together {
    /// The indicators of `service`, as `company` publishes and removes them.
    pub fn new(service: Arc<dyn Indicators>, clock: &Clock, company: &Company) -> Self {
        let AtOnce { published, removed } = service.at_once();
        let publishing = (published > 1).then(|| {
            let service = Arc::clone(&service);
            Gathering::new(clock, company, published, move |asked: Vec<Asked>| {
                let service = Arc::clone(&service);
                Box::pin(async move {
                    let publications: Vec<_> = asked.iter().map(Asked::publication).collect();
                    service.publish_many(&publications).await
                })
            })
        });
        let removing = (removed > 1).then(|| {
            let service = Arc::clone(&service);
            Gathering::new(clock, company, removed, move |ids: Vec<IndicatorId>| {
                let service = Arc::clone(&service);
                Box::pin(async move { service.remove_many(&ids).await })
            })
        });
        Self { service, publishing, removing }
    }
}

impl Indicators for Together {
    fn keeps(&self) -> &'static [&'static str] {
        self.service.keeps()
    }

    fn at_once(&self) -> AtOnce {
        self.service.at_once()
    }

    fn keeps_one_of_a_value(&self) -> bool {
        self.service.keeps_one_of_a_value()
    }

    fn rivals<'a>(&'a self, publication: Publication<'a>) -> BoxFuture<'a, Result<Vec<Rival>, ServiceError>> {
        self.service.rivals(publication)
    }

    fn publish<'a>(&'a self, publication: Publication<'a>) -> BoxFuture<'a, Result<Published, ServiceError>> {
        match &self.publishing {
            Some(gathering) => Box::pin(gathering.ask(Asked::of(publication))),
            None => self.service.publish(publication),
        }
    }

    fn publish_many<'a>(
        &'a self,
        publications: &'a [Publication<'a>],
    ) -> BoxFuture<'a, Vec<Result<Published, ServiceError>>> {
        self.service.publish_many(publications)
    }

    fn publish_all<'a>(&'a self, publications: &'a [Publication<'a>]) -> BoxFuture<'a, Result<(), ServiceError>> {
        self.service.publish_all(publications)
    }

    fn of_marker<'a>(&'a self, publication: Publication<'a>) -> BoxFuture<'a, Result<Vec<IndicatorId>, ServiceError>> {
        Box::pin(async move {
            if let Some(publishing) = &self.publishing {
                publishing.arrived().await;
            }
            self.service.of_marker(publication).await
        })
    }

    fn read<'a>(&'a self, id: &'a IndicatorId) -> BoxFuture<'a, Result<Option<StoredIndicator>, ServiceError>> {
        self.service.read(id)
    }

    fn list<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Vec<StoredIndicator>, ServiceError>> {
        self.service.list(query)
    }

    fn change<'a>(
        &'a self,
        id: &'a IndicatorId,
        change: &'a IndicatorChange,
    ) -> BoxFuture<'a, Result<StoredIndicator, ServiceError>> {
        self.service.change(id, change)
    }

    fn move_under<'a>(
        &'a self,
        id: &'a IndicatorId,
        definition: &'a DefinitionId,
    ) -> BoxFuture<'a, Result<(), ServiceError>> {
        self.service.move_under(id, definition)
    }

    fn remove<'a>(&'a self, id: &'a IndicatorId) -> BoxFuture<'a, Result<(), ServiceError>> {
        match &self.removing {
            Some(gathering) => Box::pin(gathering.ask(id.clone())),
            None => self.service.remove(id),
        }
    }

    fn remove_many<'a>(&'a self, ids: &'a [IndicatorId]) -> BoxFuture<'a, Vec<Result<(), ServiceError>>> {
        self.service.remove_many(ids)
    }

    fn remove_all(&self) -> BoxFuture<'_, Result<(), ServiceError>> {
        self.service.remove_all()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        sync::atomic::{AtomicBool, Ordering},
        time::Duration,
    };

    use super::*;
    use crate::{
        domain::{
            alert_definition::Severity,
            indicator::{Action, Function, Kind},
        },
        services::error::{Capability, unsupported},
    };

    /// A service that takes a minute to publish, and finds what it has published.
    struct Slow(Clock, AtomicBool);

    impl Indicators for Slow {
        fn at_once(&self) -> AtOnce {
            AtOnce { published: 10, removed: 1 }
        }

        fn publish<'a>(&'a self, _: Publication<'a>) -> BoxFuture<'a, Result<Published, ServiceError>> {
            Box::pin(async {
                self.0.sleep(Duration::from_mins(1)).await;
                self.1.store(true, Ordering::SeqCst);
                unsupported(Capability::Indicators, "its answer is lost").await
            })
        }

        fn of_marker<'a>(&'a self, _: Publication<'a>) -> BoxFuture<'a, Result<Vec<IndicatorId>, ServiceError>> {
            let found = self.1.load(Ordering::SeqCst).then(|| IndicatorId::from(7));
            Box::pin(std::future::ready(Ok(found.into_iter().collect())))
        }

        fn publish_all<'a>(&'a self, _: &'a [Publication<'a>]) -> BoxFuture<'a, Result<(), ServiceError>> {
            unreachable!("nobody asks")
        }

        fn read<'a>(&'a self, _: &'a IndicatorId) -> BoxFuture<'a, Result<Option<StoredIndicator>, ServiceError>> {
            unreachable!("nobody asks")
        }

        fn list<'a>(&'a self, _: &'a Query) -> BoxFuture<'a, Result<Vec<StoredIndicator>, ServiceError>> {
            unreachable!("nobody asks")
        }

        fn change<'a>(
            &'a self,
            _: &'a IndicatorId,
            _: &'a IndicatorChange,
        ) -> BoxFuture<'a, Result<StoredIndicator, ServiceError>> {
            unreachable!("nobody asks")
        }

        fn remove<'a>(&'a self, _: &'a IndicatorId) -> BoxFuture<'a, Result<(), ServiceError>> {
            unreachable!("nobody asks")
        }
    }

    #[tokio::test]
    async fn what_is_on_its_way_when_its_drill_gives_up_is_found_by_its_marker_afterwards() {
        let clock = Clock::jumping("2026-11-24T12:00:00Z".parse().expect("a timestamp"));
        let service = Arc::new(Slow(clock.clone(), AtomicBool::new(false)));
        let together = Together::new(service, &clock, &Company::default());
        let text = String::new;
        let asked = Asked {
            indicator: Indicator {
                kind: Kind::DomainName,
                value: text(),
                function: Function::Equals,
                action: Action::Audit,
                expires_at: None,
                enabled: true,
            },
            definition: AlertDefinition {
                name: text(),
                severity: Severity::Medium,
                internal_description: text(),
                title: text(),
                ux_description: text(),
                recommended_action: None,
                category: text(),
                enabled: true,
            },
            under: None,
            marker: Marker::of(1, "a"),
        };
        let awake = clock.join();
        let me = clock.join();
        {
            let mut publishing = pin!(together.publish(asked.publication()));
            for _ in 0..10 {
                assert!(futures::poll!(&mut publishing).is_pending());
                tokio::task::yield_now().await;
            }
        }
        let looking = together.of_marker(asked.publication());
        drop(awake);
        assert_eq!(looking.await, Ok(vec![IndicatorId::from(7)]));
        drop(me);
    }
}

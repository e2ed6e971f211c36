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
        indicators::{AtOnce, IndicatorChange, IndicatorId, Indicators, Publication, Published, StoredIndicator},
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

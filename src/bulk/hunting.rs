//! The telemetry of a service, of which what is looked for at the same time is looked for in one query.

use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::{
    bulk::{company::Company, gathering::Gathering},
    clock::Clock,
    domain::{device::Device, indicator::Kind},
    services::{
        error::ServiceError,
        hunting::{Hunting, Row, Sought},
    },
};

/// What is looked for, kept until it is found.
struct Asked {
    device: Device,
    kind: Kind,
    observable: String,
    since: Timestamp,
}

impl Asked {
    fn of(Sought { device, kind, observable, since }: Sought<'_>) -> Self {
        Self { device: device.clone(), kind, observable: observable.into(), since }
    }

    fn sought(&self) -> Sought<'_> {
        Sought { device: &self.device, kind: self.kind, observable: &self.observable, since: self.since }
    }
}

/// A service's telemetry, gathered.
pub struct HuntingTogether {
    gathering: Gathering<Asked, Result<Vec<Row>, ServiceError>>,
}

impl HuntingTogether {
    /// The telemetry that `service` tells of, as `company` asks for it.
    pub fn new(service: Arc<dyn Hunting>, clock: &Clock, company: &Company) -> Self {
        let gathering = Gathering::new(clock, company, service.at_once(), move |asked: Vec<Asked>| {
            let service = Arc::clone(&service);
            Box::pin(async move {
                let sought: Vec<_> = asked.iter().map(Asked::sought).collect();
                service.rows_of_many(&sought).await
            })
        });
        Self { gathering }
    }
}

impl Hunting for HuntingTogether {
    fn rows<'a>(&'a self, sought: Sought<'a>) -> BoxFuture<'a, Result<Vec<Row>, ServiceError>> {
        Box::pin(self.gathering.ask(Asked::of(sought)))
    }
}

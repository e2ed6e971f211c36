//! Access to the tenant.

use crate::{
    record::{
        chain::Link,
        failure::{Code, Failure},
    },
    world::{
        World,
        trouble::{self, Refusal},
    },
};

impl World {
    /// Obtains a token, and proves that the tenant takes it by reading one alert definition at most.
    pub async fn obtain_access(&mut self) -> Result<(), Failure> {
        let from = self.clock().now();
        let outcome = self.lab().access.ask(()).await;
        let outcome = outcome.map_err(|error| trouble::of(&error, Code::AccessDenied));
        self.attest(Link::Access, from, outcome.map(|()| "the tenant took the token".into()))
    }

    /// Tries to read the alerts of this drill's time where the tenant may refuse it.
    pub async fn try_alerts(&mut self) -> Result<(), Failure> {
        self.tried = Some(self.lab().watch.read_again(self.started()).await.map(drop).map_err(Refusal::from));
        Ok(())
    }

    /// Tries to obtain access where the tenant may refuse it.
    pub async fn try_access(&mut self) -> Result<(), Failure> {
        self.tried = Some(self.lab().access.ask(()).await.map_err(Refusal::from));
        Ok(())
    }
}

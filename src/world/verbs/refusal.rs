//! What the tenant says no to.

use crate::{
    record::failure::{Code, Failure},
    services::definitions::Form,
    world::{
        World,
        alarm::{self, Role},
        trouble::Refusal,
    },
};

/// The statuses of a tenant that holds as much as it may.
pub const FULL: [u16; 1] = [507];

impl World {
    /// Tries to publish the definition of `role` where the tenant may refuse it.
    pub async fn try_definition(&mut self, role: Role) -> Result<(), Failure> {
        if self.lab().definitions.form() == Form::WithIndicator {
            return Err(alarm::apart());
        }
        self.tried = Some(self.send_definition(role).await?.map(drop).map_err(Refusal::from));
        Ok(())
    }

    /// Tries to publish the indicator of `role` where the tenant may refuse it.
    pub async fn try_indicator(&mut self, role: Role) -> Result<(), Failure> {
        let under = self.under(role).await?;
        self.may_stand(&self.alarm(role)?.indicator)?;
        self.may_publish_more(1)?;
        self.tried = Some(self.send_indicator(role, under).await?.map(drop).map_err(Refusal::from));
        Ok(())
    }

    /// The tenant refused what was tried last, with one of these HTTP statuses.
    pub fn was_refused(&mut self, statuses: &[u16]) -> Result<(), Failure> {
        let expected = format!(
            "a refusal with HTTP {}",
            statuses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
        );
        match self.what_was_tried()? {
            Err(refusal) if refusal.status.is_some_and(|status| statuses.contains(&status)) => Ok(()),
            Err(refusal) if statuses == FULL && refusal.full => Ok(()),
            Err(refusal) => Err(refusal.failure.expected(expected)),
            Ok(()) => Err(Failure::new(Code::NotPublished, "the tenant accepted what it should refuse")
                .expected(expected)
                .saw("acceptance")),
        }
    }

    /// The tenant accepted what was tried last.
    pub fn was_accepted(&mut self) -> Result<(), Failure> {
        let outcome = self.what_was_tried()?;
        outcome.map_err(|refusal| refusal.failure.expected("acceptance"))
    }

    fn what_was_tried(&mut self) -> Result<Result<(), Refusal>, Failure> {
        self.tried.take().ok_or_else(|| {
            Failure::new(Code::Inconclusive, "nothing was tried before this step, so nothing can be said of it")
                .hint("put a step before this one that tries something")
        })
    }
}

//! What the tenant says no to.

use crate::{
    record::failure::{Code, Failure},
    world::{World, alarm::Role, trouble},
};

impl World {
    /// Tries to publish the definition of `role` where the tenant may refuse it.
    pub async fn try_definition(&mut self, role: Role) -> Result<(), Failure> {
        self.refusal = self.send_definition(role).await.err();
        Ok(())
    }

    /// Tries to publish the indicator of `role` where the tenant may refuse it.
    pub async fn try_indicator(&mut self, role: Role) -> Result<(), Failure> {
        let under = self.alarm(role)?.published()?.id;
        self.refusal = self.send_indicator(role, under).await.err();
        Ok(())
    }

    /// The tenant refused what was tried last, with this HTTP status.
    pub fn was_refused(&mut self, status: u16) -> Result<(), Failure> {
        match self.refusal.take() {
            Some(error) if error.status() == Some(status) => Ok(()),
            Some(error) => {
                Err(trouble::of(&error, Code::NotPublished).expected(format!("a refusal with HTTP {status}")))
            }
            None => Err(Failure::new(Code::NotPublished, "the tenant accepted what it should refuse")
                .expected(format!("a refusal with HTTP {status}"))
                .saw("acceptance")),
        }
    }

    /// The tenant accepted what was tried last.
    pub fn was_accepted(&mut self) -> Result<(), Failure> {
        match self.refusal.take() {
            None => Ok(()),
            Some(error) => Err(trouble::of(&error, Code::NotPublished).expected("acceptance")),
        }
    }
}

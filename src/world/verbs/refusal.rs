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

    /// The tenant refused what was tried last, with one of these HTTP statuses.
    pub fn was_refused(&mut self, statuses: &[u16]) -> Result<(), Failure> {
        let expected = format!(
            "a refusal with HTTP {}",
            statuses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
        );
        match self.refusal.take() {
            Some(error) if error.status().is_some_and(|status| statuses.contains(&status)) => Ok(()),
            Some(error) => Err(trouble::of(&error, Code::NotPublished).expected(expected)),
            None => Err(Failure::new(Code::NotPublished, "the tenant accepted what it should refuse")
                .expected(expected)
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
